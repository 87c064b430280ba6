"""`bench scaffolds`: how often a frozen scaffold is kept in a valid molecule."""

import argparse
from collections.abc import Callable, Sequence

from gpff_core.cli.bench.report import Result, counted_cell, heading, table
from gpff_core.cli.bench.results import collect, origin, save, weights
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.errors import GpffError
from gpff_core.evaluation.metrics import Fraction
from gpff_core.evaluation.scaffolds import BENZENE, CASES, COUNTED, ScaffoldPoint, measure_scaffolds
from gpff_core.recipe import Recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=50, help="molecules of every case (default 50)")
    parser.add_argument("--sampler", default="direct", help="which sampler (default direct)")
    parser.add_argument("--calls", type=int, default=60, help="network calls per molecule (default 60)")
    parser.add_argument("--reheat", type=int, default=0, metavar="ROUNDS", help="rounds of reheating among them")
    parser.add_argument("--seed", type=int, default=0)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if args.n < 1:
        raise GpffError(f"-n is {args.n}; ask for at least 1 molecule of every case.")
    recipe = Recipe.for_calls(args.sampler, args.calls, args.seed, args.reheat, frozen=True)
    settings = str(recipe)
    field = checkpoint_of(args)

    def work() -> int:
        found = collect(measure_scaffolds(field, recipe, args.n), len(CASES), "case", _line)
        total = {name: Fraction.pooled(getattr(point, name) for point in found.items).as_dict() for name in COUNTED}
        measured = {"settings": settings, "complete": found.complete, "total": total}
        points = [point.as_dict() for point in found.items]
        facts = origin(args, "n", "sampler", "calls", "reheat", "seed") | weights(field) | measured
        save(args.docs, "scaffolds", facts | {"points": points})
        return 0 if found.complete else 1

    return work


def _line(point: ScaffoldPoint) -> str:
    return f"{point.case.name}: valid {point.valid}, valid and kept {point.kept}, at once {point.at_once}"


def section(result: Result) -> str:
    lines = [
        *heading("Frozen scaffolds", result),
        f"{result['settings']}, the cloud around the scaffold's centroid, or between the pieces to be linked. The "
        "atoms that match the SMARTS are frozen where RDKit's ETKDG and MMFF94s put them; the rest of the formula is "
        "generated. Kept: the molecule is valid, its bonds among the frozen atoms are those of the source, with their "
        "orders, and what was aromatic is so again. At once: before any reheating, in which the verdict decides who "
        "goes on. Published anchor (the authors' tutorial, other weights): of benzene rings 0 to 4 in 10 are kept.",
        "",
        *table(
            ["case", "frozen", "formula", "valid", "valid and kept", "kept at once", "distinct kept"], _rows(result)
        ),
    ]
    return "\n".join(lines)


def _rows(result: Result) -> list[list[str]]:
    rows = []
    for point in result["points"]:
        case = point["case"]
        counted = [counted_cell(point[name]) for name in COUNTED]
        rows.append([case["name"], f"`{case['frozen']}`", case["formula"], *counted, str(len(point["distinct"]))])
    of_benzene = [point for point in result["points"] if point["case"]["frozen"] == BENZENE]
    pooled = [counted_cell(_pooled(of_benzene, name)) for name in COUNTED]
    everything = [counted_cell(result["total"][name]) for name in COUNTED]
    return [*rows, ["all of benzene", "", "", *pooled, ""], ["all", "", "", *everything, ""]]


def _pooled(points: Sequence[Result], name: str) -> Result:
    return Fraction.pooled(Fraction(point[name]["count"], point[name]["total"]) for point in points).as_dict()
