"""`bench distributions`: bond lengths, angles, shapes and energies of generated molecules against the data's."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from gpff_core.chemistry.energies import require_tblite
from gpff_core.chemistry.verdicts import verdict
from gpff_core.cli.bench.held_out import add_recipes, all_structures, drawn_structures, generated, recipes_of
from gpff_core.cli.bench.report import Result, counted_cell, heading, table
from gpff_core.cli.bench.results import collect, origin, save, weights
from gpff_core.cli.figures import COLOURS, MARKERS, write_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.evaluation.distributions import BAND, N_BOOTSTRAP, Comparison, Features, compare, features
from gpff_core.evaluation.metrics import Fraction
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=500, help="test formulas, one structure each (default 500)")
    add_recipes(parser, "direct,ancestral")


@dataclass(frozen=True)
class _Found:
    """One sampler's molecules against the data."""

    sampler: str
    settings: str
    valid: Fraction
    comparisons: list[Comparison]

    def __str__(self) -> str:
        outside = [c.quantity for c in self.comparisons if c.distance > c.band_high]
        return f"{self.sampler}: {len(outside)} of {len(self.comparisons)} quantities beyond the band"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"valid": self.valid.as_dict()}


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    require_tblite()
    recipes = recipes_of(args)
    field = checkpoint_of(args)
    compositions = [structure.composition for structure in drawn_structures(field, args.n, args.seed)]

    def work() -> int:
        data = _data_features()
        found = collect(_measure(field, compositions, recipes, data), len(recipes), "sampler", str)
        points = [one.as_dict() for one in found.items]
        measured = {"n": args.n, "n_data": len(data), "complete": found.complete, "samplers": points}
        save(
            args.docs,
            "distributions",
            origin(args, "n", "samplers", "calls", "reheat", "seed") | weights(field) | measured,
        )
        _write_figure(points, args.docs / "benchmarks" / "distributions.svg")
        return 0 if found.complete else 1

    return work


def _data_features() -> list[Features]:
    """Of the test split's valid molecules."""
    structures = tqdm(all_structures(), desc="data", unit="molecule", disable=None, leave=False)
    verdicts = (verdict(structure.composition.numbers, structure.positions) for structure in structures)
    return [features(opinion.molecule) for opinion in verdicts if opinion.molecule is not None]


def _measure(
    field: Checkpoint, compositions: Sequence[Composition], recipes: Mapping[str, Recipe], data: Sequence[Features]
) -> Iterator[_Found]:
    for name, recipe in recipes.items():
        samples = generated(field, compositions, recipe)
        molecules = [sample.verdict.molecule for sample in samples if sample.verdict.molecule is not None]
        comparisons = compare([features(molecule) for molecule in molecules], data, recipe.seed)
        settings = str(recipe)
        yield _Found(name, settings, Fraction(len(molecules), len(samples)), comparisons)


def section(result: Result) -> str:
    samplers: Sequence[Result] = result["samplers"]
    low, high = (f"{100 * edge:g}" for edge in BAND)
    lines = [
        *heading("Distributions", result),
        f"Valid molecules for {result['n']} formulas drawn from the test split against the {result['n_data']} valid "
        "molecules of the whole split: Wasserstein distance, in the unit of the quantity, and in brackets the "
        f"distances ({low} % to {high} % of {N_BOOTSTRAP}) of as many molecules drawn from the data with replacement. "
        "Atomisation energies are GFN2-xTB's. "
        + "; ".join(f"{found['sampler']}: {found['settings']}" for found in samplers)
        + ".",
        "",
        "![Wasserstein distances over the upper end of the band](benchmarks/distributions.svg)",
        "",
        *table(["", "mean of the data", *(found["sampler"] for found in samplers)], _rows(samplers)),
    ]
    return "\n".join(lines)


def _rows(samplers: Sequence[Result]) -> Iterator[list[str]]:
    yield ["valid", "", *(counted_cell(found["valid"]) for found in samplers)]
    by_sampler = [{c["quantity"]: c for c in found["comparisons"]} for found in samplers]
    means = {quantity: c["mean_data"] for found in by_sampler for quantity, c in found.items()}
    for quantity, mean in means.items():
        yield [quantity, f"{mean:.4g}", *(_distance_cell(found.get(quantity)) for found in by_sampler)]


def _distance_cell(comparison: Result | None) -> str:
    if comparison is None:
        return "–"
    return f"{comparison['distance']:.2g} ({comparison['band_low']:.2g}–{comparison['band_high']:.2g})"


def _write_figure(samplers: Sequence[Mapping[str, Any]], target: Path) -> None:
    """Distance over the upper end of the band, so that 1 is what chance explains."""
    traces = [
        {
            "type": "scatter",
            "name": found["sampler"],
            "mode": "markers",
            "x": [c["distance"] / c["band_high"] for c in found["comparisons"]],
            "y": [c["quantity"] for c in found["comparisons"]],
            "marker": {"color": COLOURS[i], "symbol": MARKERS[i], "size": 9},
        }
        for i, found in enumerate(samplers)
    ]
    layout = {
        "xaxis": {"title": {"text": "Wasserstein distance / upper end of data against data"}, "type": "log"},
        "yaxis": {"autorange": "reversed", "automargin": True},
        "shapes": [{"type": "line", "x0": 1, "x1": 1, "yref": "paper", "y0": 0, "y1": 1, "line": {"dash": "dot"}}],
    }
    write_figure(traces, layout, target)
