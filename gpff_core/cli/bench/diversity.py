"""`bench diversity`: how many different molecules a sampler makes of one formula."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.cli.bench.held_out import Isomers, add_recipes, drawn_isomers, generated, recipes_of
from gpff_core.cli.bench.report import Result, counted_cell, heading, table
from gpff_core.cli.bench.results import collect, origin, save, weights
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.errors import GpffError
from gpff_core.evaluation.diversity import Diversity, diversity
from gpff_core.generation import judged, load_reference
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.recipe import Recipe

DATA = "data"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=20, help="formulas of the test split (default 20)")
    parser.add_argument(
        "--each",
        type=int,
        default=50,
        help="structures of each; formulas that fewer molecules of QM9 have are left out (default 50)",
    )
    add_recipes(parser, "direct,ancestral,reverse-sde")


@dataclass(frozen=True)
class _Found:
    origin: str
    settings: str
    diversity: Diversity

    def __str__(self) -> str:
        found = self.diversity
        return f"{self.origin}: valid {found.valid}, distinct {found.distinct}, difference {found.difference:.3f}"

    def as_dict(self) -> dict[str, Any]:
        return {"origin": self.origin, "settings": self.settings, **self.diversity.as_dict()}


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if args.each < 2:
        raise GpffError(f"--each is {args.each}; it takes at least 2 structures of a formula to differ.")
    recipes = recipes_of(args)
    field = checkpoint_of(args)
    reference = load_reference(checkpoint_path(args.checkpoint))
    drawn = drawn_isomers(field, args.n, args.each, args.seed)

    def work() -> int:
        found = collect(_measure(field, drawn, recipes, reference), 1 + len(recipes), "origin", str)
        facts = origin(args, "n", "each", "samplers", "calls", "reheat", "seed") | weights(field)
        facts |= {"n": args.n, "each": args.each, "known": median(isomers.n_known for isomers in drawn)}
        save(
            args.docs,
            "diversity",
            facts | {"complete": found.complete, "origins": [one.as_dict() for one in found.items]},
        )
        return 0 if found.complete else 1

    return work


def _measure(
    field: Checkpoint, drawn: Sequence[Isomers], recipes: Mapping[str, Recipe], reference: TrainingReference | None
) -> Iterator[_Found]:
    """Of the data first: as many molecules of each formula as are asked for, drawn at random."""
    structures = [structure for isomers in drawn for structure in isomers.structures]
    known = [judged(i, *structure, 0, reference, None) for i, structure in enumerate(structures)]
    yield _Found(DATA, "", diversity(known))
    for name, recipe in recipes.items():
        samples = generated(field, [structure.composition for structure in structures], recipe, reference)
        yield _Found(name, str(recipe), diversity(samples))


def section(result: Result) -> str:
    lines = [
        *heading("Diversity", result),
        f"{result['each']} structures of each of {result['n']} formulas, drawn from the test split among those that at "
        f"least as many molecules of QM9 have (median: {result['known']:g}), and as many of the data's own of each, "
        "drawn at random. Distinct: constitutions, of the valid structures of a formula. Difference: 1 − the mean "
        "Tanimoto similarity of all pairs of distinct molecules of a formula (Morgan fingerprints, radius 2), mean "
        "over formulas ± its standard error.",
        "",
        *table(
            ["origin", "valid", "distinct of valid", "novel of distinct", "difference", "settings"],
            (
                [
                    one["origin"],
                    *(counted_cell(one[name]) for name in ("valid", "distinct", "novel")),
                    f"{one['difference']:.3f} ± {one['difference_error']:.3f}",
                    one["settings"],
                ]
                for one in result["origins"]
            ),
        ),
    ]
    return "\n".join(lines)
