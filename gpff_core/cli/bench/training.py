"""`bench training`: the learning curve of a run, or of runs each of which began with the weights of the one before."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gpff_core.cli.bench.report import Result, table
from gpff_core.cli.bench.results import command_of, save
from gpff_core.cli.figures import write_training_figure
from gpff_core.errors import GpffError
from gpff_core.learning.log import read_log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run-log", type=Path, action="append", metavar="FILE", help="the log.jsonl of a run; repeat it for the next"
    )


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    logs: list[Path] = args.run_log or []
    if not logs or not all(log.is_file() for log in logs):
        raise GpffError("The learning curve is drawn from runs' logs; add --run-log runs/train/log.jsonl.")

    def work() -> int:
        lines = list(_one_after_another(logs))
        measured = [line for line in lines if "validity" in line]
        save(args.docs, "training", {"command": command_of(args, "run_log"), "points": measured})
        write_training_figure(lines, args.docs / "benchmarks" / "training.svg")
        return 0

    return work


def _one_after_another(logs: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Lines with their run (from 1), and minutes that go on from run to run; steps are each run's own."""
    before = 0.0
    for run, log in enumerate(logs, 1):
        lines = read_log(log)
        yield from ({"run": run, **line, "elapsed": before + line["elapsed"]} for line in lines)
        before += max((line["elapsed"] for line in lines), default=0.0)


def section(result: Result) -> str:
    points: Sequence[Result] = result["points"]
    lines = [
        "## Learning curve",
        "",
        f"`{result['command']}`",
        "",
        "Sampled validity of the averaged weights on validation formulas (direct denoising, 60 calls) during training. "
        "A run after the first began with the weights of the one before; the checkpoint's card says on what and with "
        "which batches.",
        "",
        "![Loss and sampled validity against minutes of training](benchmarks/training.svg)",
        "",
        *table(["run", "minutes of training", "steps of the run", "valid"], [_row(point) for point in points]),
    ]
    return "\n".join([*lines, ""])


def _row(point: Result) -> list[str]:
    valid = f"{100 * point['validity']:.1f} % of {point['n_samples']}"
    return [str(point["run"]), f"{point['elapsed'] / 60:.0f}", str(point["step"]), valid]
