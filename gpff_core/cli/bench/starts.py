"""`bench starts`: validity against network calls from starting clouds of different sizes."""

import argparse
from collections.abc import Callable

from gpff_core.cli.bench.held_out import drawn_structures
from gpff_core.cli.bench.report import Result, heading, share_cell, table
from gpff_core.cli.bench.results import collect, origin, save, weights, whole_numbers_in
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.evaluation.starts import STARTS, StartPoint, measure_starts
from gpff_core.recipe import Recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=300, help="test formulas, one structure each (default 300)")
    parser.add_argument("--sampler", default="direct", help="which sampler (default direct)")
    parser.add_argument("--calls", default="4,6,10,15,30,60", help="budgets, separated by commas")
    parser.add_argument("--seed", type=int, default=0)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    budgets = whole_numbers_in(args.calls, "6,15,60")
    for budget in budgets:
        Recipe.for_calls(args.sampler, budget).build_sampler()
    field = checkpoint_of(args)
    compositions = [structure.composition for structure in drawn_structures(field, args.n, args.seed)]

    def work() -> int:
        measuring = measure_starts(field, args.sampler, budgets, compositions, args.seed)
        found = collect(measuring, len(budgets) * len(STARTS), "setting", _line)
        points = [point.as_dict() for point in found.items]
        measured = {"n": args.n, "sampler": args.sampler, "complete": found.complete, "points": points}
        save(args.docs, "starts", origin(args, "n", "sampler", "calls", "seed") | weights(field) | measured)
        return 0 if found.complete else 1

    return work


def _line(point: StartPoint) -> str:
    return f"{point.budget} calls from {point.start}: valid {point.valid}"


def section(result: Result) -> str:
    found = {(point["start"], point["budget"]): point for point in result["points"]}
    starts = list(dict.fromkeys(start for start, _ in found))
    budgets = list(dict.fromkeys(budget for _, budget in found))
    lines = [
        *heading("Starting clouds", result),
        f"Valid structures by starting cloud, one for each of {result['n']} formulas drawn from the test split: "
        f"{result['sampler']}, with its usual settings for each number of calls. Typical of the formula: a cloud with "
        "the principal axes that molecules of so many atoms have in QM9. Usual: the ball measured best for that many "
        "calls.",
        "",
        *table(
            ["calls", *starts],
            (
                [str(budget), *(share_cell(found.get((start, budget)), "valid") for start in starts)]
                for budget in budgets
            ),
        ),
    ]
    return "\n".join(lines)
