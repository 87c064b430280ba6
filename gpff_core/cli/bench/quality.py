"""`bench quality`: validity, uniqueness and novelty of every sampler against network calls."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from gpff_core.cli.bench.held_out import drawn_structures
from gpff_core.cli.bench.report import Result, heading, share_cell, table
from gpff_core.cli.bench.results import collect, names_in, origin, save, weights, whole_numbers_in
from gpff_core.cli.figures import COLOURS, MARKERS, write_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.errors import GpffError
from gpff_core.evaluation.quality import CALLS, QualityPoint, measure_quality
from gpff_core.generation import load_reference
from gpff_core.networks.checkpoint import Checkpoint, record_in_card
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS, SAMPLERS

_AND: Final = " and "
"""Between commands."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=300, help="test formulas a seed, one structure each (default 300)")
    parser.add_argument("--samplers", default=",".join(SAMPLERS), help="which, separated by commas")
    parser.add_argument("--calls", default=",".join(map(str, CALLS)), help="budgets, separated by commas")
    parser.add_argument(
        "--reheat",
        type=int,
        default=0,
        metavar="ROUNDS",
        help="each sampler also with up to so many rounds of reheating, as many as the budget has room for after its "
        "own calls",
    )
    parser.add_argument(
        "--own-calls", type=int, default=10, metavar="N", help="of a sampler before it is reheated (default 10)"
    )
    parser.add_argument("--seeds", default="0", help="separated by commas; each draws formulas of its own (default 0)")
    parser.add_argument(
        "--add", action="store_true", help="keep what was measured before of the same weights, but for the same points"
    )


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    budgets, seeds = whole_numbers_in(args.calls, "6,15,60"), whole_numbers_in(args.seeds, "0,1,2")
    plain = [(sampler, 0, budget) for sampler in names_in(args.samplers) for budget in budgets]
    reheated = [
        (sampler, min(args.reheat, (budget - args.own_calls) // REHEAT_STEPS), budget) for sampler, _, budget in plain
    ]
    settings = plain + [setting for setting in reheated if setting[1] > 0]
    for sampler, reheat, budget in settings:
        Recipe.for_calls(sampler, budget, reheat=reheat).build_sampler()
    field = checkpoint_of(args)
    reference = load_reference(checkpoint_path(args.checkpoint))
    before = _measured_before(args.docs, field) if args.add else None
    drawn = {seed: [s.composition for s in drawn_structures(field, args.n, seed)] for seed in seeds}

    def work() -> int:
        measuring = measure_quality(field, drawn, settings, reference)
        found = collect(measuring, len(settings), "setting", _line)
        points = [point.as_dict() for point in found.items]
        result = origin(args, "n", "samplers", "calls", "reheat", "own_calls", "seeds") | weights(field)
        result |= {"complete": found.complete, "points": points}
        if before is not None:
            result = _added(before, result)
        save(args.docs, "quality", result)
        _write_figure(result["points"], args.docs / "benchmarks" / "quality.svg")
        if found.complete:
            record_in_card(checkpoint_path(args.checkpoint), result)
        return 0 if found.complete else 1

    return work


def _measured_before(docs: Path, field: Checkpoint) -> Result | None:
    """What is there already of these weights."""
    file = docs / "benchmarks" / "quality.json"
    if not file.is_file():
        return None
    try:
        before: Result = json.loads(file.read_text(encoding="utf-8"))
        of_these_weights: bool = before["sha256"] == field.sha256
        _added(before, {"command": "", "points": []})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GpffError(
            f"{file} cannot be added to, because it is damaged or of another version; leave out --add to replace it."
        ) from error
    return before if of_these_weights else None


def _added(before: Result, result: Result) -> Result:
    """The result, with all other points measured before, and the commands that made them."""
    points = {_place(point): point for point in (*before["points"], *result["points"])}
    commands = dict.fromkeys((*before["command"].split(_AND), f"{result['command']} --add"))
    return result | {"command": _AND.join(commands), "points": [points[place] for place in sorted(points)]}


def _place(point: Result) -> tuple[int, bool, int]:
    """Where a point stands among others: by its sampler and its calls."""
    return *_place_of_sampler(point["sampler"]), point["budget"]


def _place_of_sampler(name: str) -> tuple[int, bool]:
    """Samplers are in their usual order, plain and then reheated."""
    sampler, _, reheated = name.partition(",")
    return list(SAMPLERS).index(sampler), bool(reheated)


_REHEATED = (
    "\n*Reheated*: a result that the verdict above finds not valid is shaken and left to settle again, within the "
    "calls allowed, so here the verdict takes part in making what it judges; *calls used* is what that cost."
)


def _line(point: QualityPoint) -> str:
    return f"{point.sampler:<12} {point.calls:6.1f} calls  valid {point.valid}"


def _formulas(points: Sequence[Result]) -> str:
    """What the structures were made for, in words: what most points have, and which have something else."""
    drawn: dict[tuple[int, int], list[Result]] = {}
    for point in points:
        drawn.setdefault((point["valid"]["total"], len(point["valid_by_seed"])), []).append(point)
    usual, *others = sorted(drawn, key=lambda how: -len(drawn[how]))
    exceptions = [f"{_named(drawn[other], points)}: {_count(*other)}" for other in others]
    draws = ", a draw for each seed" if usual[1] > 1 else ""
    return f"{_count(*usual)} drawn from the test split{draws}" + (f" ({'; '.join(exceptions)})" if exceptions else "")


def _count(n: int, n_seeds: int) -> str:
    return f"{n} formulas" if n_seeds == 1 else f"{n_seeds} × {n // n_seeds} formulas"


def _named(some: Sequence[Result], points: Sequence[Result]) -> str:
    """Some of the points by their calls, and by their samplers unless they are all that have so many calls."""
    budgets = list(dict.fromkeys(point["budget"] for point in some))
    if len(some) == sum(point["budget"] in budgets for point in points):
        return f"with {', '.join(map(str, budgets))} calls"
    calls: dict[str, list[str]] = {}
    for point in some:
        calls.setdefault(point["sampler"], []).append(str(point["budget"]))
    return ", ".join(f"{sampler} with {', '.join(several)} calls" for sampler, several in calls.items())


def section(result: Result) -> str:
    budgets = list(dict.fromkeys(point["budget"] for point in result["points"]))
    samplers = list(dict.fromkeys(point["sampler"] for point in result["points"]))
    found = {(point["sampler"], point["budget"]): point for point in result["points"]}
    by_seed = any(len(point["valid_by_seed"]) > 1 for point in result["points"])
    lines = [
        *heading("Validity against network calls", result),
        f"One structure for each of {_formulas(result['points'])}, each sampler with its defaults for that number of "
        "calls. Valid: RDKit perceives a neutral, closed-shell molecule in one piece from the bare coordinates. ± is "
        f"one binomial standard error{' of all seeds together' if by_seed else ''}. Published anchors (other weights, "
        "other network): over 50 % at 6 calls, 100 % at 256. *Valid a second*: by the wall clock, 64 at a time, "
        f"perceiving and comparing molecules included, on {result['cpu']}, of which the network used "
        f"{result['threads']}.",
        *([_REHEATED] if any("reheated" in point["sampler"] for point in result["points"]) else []),
        "",
        "![Validity against network calls](benchmarks/quality.svg)",
        "",
        *table(
            ["calls allowed", *samplers],
            (
                [str(budget), *(share_cell(found.get((sampler, budget)), "valid") for sampler in samplers)]
                for budget in budgets
            ),
        ),
        *table(
            [
                "sampler",
                "calls used (mean)",
                "valid a second",
                *(["valid by seed"] if by_seed else []),
                "distinct of valid",
                "novel of distinct",
                "start",
                "settings",
            ],
            (
                [
                    point["sampler"],
                    f"{point['calls']:.1f}",
                    f"{point['valid']['count'] / point['seconds']:.1f}",
                    *([_by_seed(point)] if by_seed else []),
                    share_cell(point, "unique"),
                    share_cell(point, "novel"),
                    point["prior"],
                    point["settings"],
                ]
                for point in result["points"]
            ),
        ),
    ]
    return "\n".join(lines)


def _by_seed(point: Result) -> str:
    counts = point["valid_by_seed"]
    return f"{', '.join(map(str, counts))} of {point['valid']['total'] // len(counts)}"


def _write_figure(points: Sequence[dict[str, Any]], target: Path) -> None:
    """Validity against network calls, one line a sampler, with binomial error bars; dashed with reheating."""
    traces = []
    for sampler in dict.fromkeys(point["sampler"] for point in points):
        i, reheated = _place_of_sampler(sampler)
        of_sampler = [point for point in points if point["sampler"] == sampler]
        traces.append(
            {
                "type": "scatter",
                "name": sampler,
                "mode": "lines+markers",
                "x": [point["calls"] for point in of_sampler],
                "y": [point["valid_share"] for point in of_sampler],
                "error_y": {"type": "data", "array": [point["valid_error"] for point in of_sampler]},
                "line": {"color": COLOURS[i], "dash": "dash" if reheated else "solid"},
                "marker": {"symbol": MARKERS[i], "size": 8},
            }
        )
    layout = {
        "xaxis": {
            "title": {"text": "network calls per structure"},
            "type": "log",
            "tickvals": [4, 6, 10, 15, 30, 60, 120, 256],
        },
        "yaxis": {"title": {"text": "valid structures"}, "range": [0, 1.02], "tickformat": ".0%"},
    }
    write_figure(traces, layout, target)
