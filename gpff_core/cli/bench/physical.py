"""`bench physical`: strain, plausibility and stability of generated molecules, beside the data's own."""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpff_core.chemistry.energies import FORCE_TOLERANCE, require_tblite
from gpff_core.chemistry.verdicts import Verdict, verdict
from gpff_core.cli.bench.held_out import add_recipes, drawn_structures, generated, recipes_of
from gpff_core.cli.bench.report import Result, counted_cell, heading, quartiles_cell, table
from gpff_core.cli.bench.results import collect, origin, save, weights
from gpff_core.cli.figures import COLOURS, write_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.evaluation.physical import Examined, examine, summarise
from gpff_core.evaluation.plausibility import require_posebusters
from gpff_core.formats.structures import Structure
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe

DATA = "data"
"""Name of the data's own structures among the samplers."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=100, help="test formulas, one structure each (default 100)")
    add_recipes(parser, "direct")


@dataclass(frozen=True)
class _Found:
    """What one formula's structures turned out to be, by origin."""

    formula: str
    by_origin: dict[str, Examined]

    def __str__(self) -> str:
        return f"{self.formula:<12} " + "; ".join(f"{origin}: {found}" for origin, found in self.by_origin.items())


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    require_tblite()
    require_posebusters()
    recipes = recipes_of(args)
    field = checkpoint_of(args)
    structures = drawn_structures(field, args.n, args.seed)

    def work() -> int:
        found = collect(_measure(field, structures, recipes), len(structures), "formula", str)
        origins = [DATA, *recipes]
        summaries = {name: summarise([one.by_origin[name] for one in found.items]).as_dict() for name in origins}
        settings = {name: str(recipe) for name, recipe in recipes.items()}
        measured = {"n": len(found.items), "complete": found.complete, "settings": settings, "origins": summaries}
        save(
            args.docs, "physical", origin(args, "n", "samplers", "calls", "reheat", "seed") | weights(field) | measured
        )
        _write_figure(summaries, args.docs / "benchmarks" / "physical.svg")
        return 0 if found.complete else 1

    return work


def _measure(field: Checkpoint, structures: Sequence[Structure], recipes: Mapping[str, Recipe]) -> Iterator[_Found]:
    """Generate everything, then examine formula by formula, so that a run cut short compares like with like."""
    compositions = [structure.composition for structure in structures]
    candidates: dict[str, list[tuple[NDArray[np.float32], Verdict]]] = {
        DATA: [(s.positions, verdict(s.composition.numbers, s.positions)) for s in structures]
    }
    for name, recipe in recipes.items():
        samples = generated(field, compositions, recipe)
        candidates[name] = [(sample.positions, sample.verdict) for sample in samples]
    for i, composition in enumerate(compositions):
        yield _Found(composition.formula, {name: examine(composition, *made[i]) for name, made in candidates.items()})


def section(result: Result) -> str:
    origins: Mapping[str, Result] = result["origins"]
    lines = [
        *heading("Physical quality", result),
        f"One structure for each of {result['n']} formulas drawn from the test split, and the data's own structures of "
        "the same formulas; "
        + "; ".join(f"{name}: {settings}" for name, settings in result["settings"].items())
        + ". Valid molecules are relaxed with GFN2-xTB until no force exceeds "
        f"{FORCE_TOLERANCE} eV/Å: energy released and distance moved (after rigid superposition), median and in "
        "brackets the quartiles. Plausible: no check of PoseBusters fails. Stable: bond orders read off "
        "bond lengths (the tables of Hoogeboom et al. 2022) add up to the valence. ± is one binomial standard error.",
        "",
        "![GFN2-xTB relaxation energies](benchmarks/physical.svg)",
        "",
        *table(["", *origins], _rows(list(origins.values()))),
        "Share that passes each check of PoseBusters, of the valid molecules for which it can be decided:",
        "",
        *table(["check", *origins], _check_rows(list(origins.values()))),
    ]
    return "\n".join([*lines, *_not_relaxed(origins)])


def _rows(origins: Sequence[Result]) -> Iterator[list[str]]:
    fractions = {
        "valid": "valid, of structures",
        "stable_atoms": "stable, of atoms",
        "stable_molecules": "stable, of structures",
        "plausible": "plausible, of valid",
        "same_molecule": "same bonds after relaxation, of relaxed",
    }
    quartiles = {
        "energy": "relaxation energy (kcal/mol)",
        "heavy_rmsd": "moved, heavy atoms (Å)",
        "rmsd": "moved, all atoms (Å)",
    }
    for name, label in fractions.items():
        yield [label, *(counted_cell(found[name]) for found in origins)]
    yield ["relaxed", *(str(found["energy"]["n"]) for found in origins)]
    for name, label in quartiles.items():
        yield [label, *(quartiles_cell(found[name]) for found in origins)]


def _check_rows(origins: Sequence[Result]) -> Iterator[list[str]]:
    for name in dict.fromkeys(name for found in origins for name in found["checks"]):
        yield [name, *(counted_cell(found["checks"][name]) if found["checks"] else "–" for found in origins)]


def _not_relaxed(origins: Mapping[str, Result]) -> list[str]:
    reasons = [
        f"{name}: {count} × {reason}"
        for name, found in origins.items()
        for reason, count in found["not_relaxed"].items()
    ]
    return [f"Not relaxed: {'; '.join(reasons)}.", ""] if reasons else []


def _write_figure(summaries: Mapping[str, dict[str, Any]], target: Path) -> None:
    """Relaxation energies, one box an origin and every molecule a point."""
    traces = [
        {
            "type": "box",
            "name": name,
            "y": found["energies"],
            "boxpoints": "all",
            "marker": {"color": COLOURS[i], "size": 4},
        }
        for i, (name, found) in enumerate(summaries.items())
    ]
    layout = {
        "yaxis": {"title": {"text": "GFN2-xTB relaxation energy (kcal/mol)"}, "type": "log"},
        "showlegend": False,
    }
    write_figure(traces, layout, target)
