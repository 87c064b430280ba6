"""`bench quality`: validity, uniqueness and novelty of every sampler against network calls."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from gpff_core.cli.bench.report import Result, share_cell
from gpff_core.cli.bench.results import origin, save
from gpff_core.cli.figures import COLOURS, MARKERS, write_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.cli.train import DEFAULT_DATA
from gpff_core.errors import GpffError
from gpff_core.evaluation.quality import CALLS, measure_quality
from gpff_core.generation import check_elements, load_reference
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.networks.checkpoint import record_in_card
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.recipe import Recipe
from gpff_core.samplers import SAMPLERS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=300, help="test formulas, one structure each (default 300)")
    parser.add_argument("--samplers", default=",".join(SAMPLERS), help="which, separated by commas")
    parser.add_argument("--calls", default=",".join(map(str, CALLS)), help="budgets, separated by commas")
    parser.add_argument("--seed", type=int, default=0)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if args.n < 1:
        raise GpffError(f"-n is {args.n}; measure at least 1 structure, or 300 for errors of a few per cent.")
    field = checkpoint_of(args)
    reference = load_reference(checkpoint_path(args.checkpoint))
    recipes = [
        (budget, Recipe.for_calls(sampler, budget, args.seed))
        for sampler in args.samplers.split(",")
        for budget in _whole_numbers(args.calls)
    ]
    for _, recipe in recipes:
        recipe.build_sampler()
    dataset = MoleculeDataset.from_npz(DEFAULT_DATA)
    places = dataset.indices_of(Split.TEST)[: args.n].tolist()
    compositions = [dataset.composition(place) for place in places]
    check_elements(compositions, field.elements, field.name)

    def work() -> int:
        points = []
        with tqdm(total=len(recipes), unit="setting", disable=None, leave=False) as bar:
            for point in measure_quality(field, compositions, recipes, reference):
                points.append(point.as_dict())
                bar.update()
                tqdm.write(f"{point.sampler:<12} {point.calls:6.1f} calls  valid {point.valid}", file=sys.stderr)
        measured = {"checkpoint": field.name, "sha256": field.sha256, "n": len(compositions), "points": points}
        result = origin(args, "n", "samplers", "calls", "seed") | measured
        save(args.docs, "quality", result)
        _write_figure(points, args.docs / "benchmarks" / "quality.svg")
        record_in_card(checkpoint_path(args.checkpoint), result)
        return 0

    return work


def _whole_numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise GpffError(f"{text!r} is not a list of whole numbers; give budgets such as 6,15,60.") from error


def section(result: Result) -> str:
    budgets = list(dict.fromkeys(point["budget"] for point in result["points"]))
    samplers = list(dict.fromkeys(point["sampler"] for point in result["points"]))
    found = {(point["sampler"], point["budget"]): point for point in result["points"]}
    lines = [
        "## Validity against network calls",
        "",
        f"`{result['command']}`",
        "",
        f"Checkpoint {result['checkpoint']} ({result['sha256'][:12]}), version {result['version']}.",
        "",
        f"One structure for each of the first {result['n']} formulas of the test split, each sampler with its defaults "
        "for that number of calls. Valid: RDKit perceives a neutral, closed-shell molecule in one piece from the bare "
        "coordinates. ± is one binomial standard error. Published anchors (other weights, other network): over 50 % at "
        "6 calls, 100 % at 256.",
        "",
        "![Validity against network calls](benchmarks/quality.svg)",
        "",
        "| calls allowed | " + " | ".join(samplers) + " |",
        "|---|" + "---|" * len(samplers),
    ]
    for budget in budgets:
        cells = [share_cell(found.get((sampler, budget)), "valid") for sampler in samplers]
        lines.append(f"| {budget} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| sampler | calls used (mean) | distinct of valid | novel of distinct | start | settings |",
        "|---|" + "---|" * 5,
    ]
    for point in result["points"]:
        lines.append(
            f"| {point['sampler']} | {point['calls']:.1f} | {share_cell(point, 'unique')} "
            f"| {share_cell(point, 'novel')} | {point['prior']} | {point['settings']} |"
        )
    return "\n".join([*lines, ""])


def _write_figure(points: Sequence[dict[str, Any]], target: Path) -> None:
    """Validity against network calls, one line a sampler, with binomial error bars."""
    traces = []
    for i, sampler in enumerate(dict.fromkeys(point["sampler"] for point in points)):
        of_sampler = [point for point in points if point["sampler"] == sampler]
        traces.append(
            {
                "type": "scatter",
                "name": sampler,
                "mode": "lines+markers",
                "x": [point["calls"] for point in of_sampler],
                "y": [point["valid_share"] for point in of_sampler],
                "error_y": {"type": "data", "array": [point["valid_error"] for point in of_sampler]},
                "line": {"color": COLOURS[i]},
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
