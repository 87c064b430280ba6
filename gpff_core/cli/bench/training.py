"""`bench training`: the learning curve of a run's log."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from gpff_core.cli.bench.report import Result
from gpff_core.cli.bench.results import command_of, save
from gpff_core.cli.figures import write_training_figure
from gpff_core.errors import GpffError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run-log", type=Path, metavar="FILE", help="the log.jsonl of a run")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if args.run_log is None or not args.run_log.is_file():
        raise GpffError("The learning curve is drawn from a run's log; add --run-log runs/train/log.jsonl.")

    def work() -> int:
        lines = [json.loads(line) for line in args.run_log.read_text(encoding="utf-8").splitlines()]
        measured = [line for line in lines if "validity" in line]
        save(args.docs, "training", {"command": command_of(args, "run_log"), "points": measured})
        write_training_figure(args.run_log, args.docs / "benchmarks" / "training.svg")
        return 0

    return work


def section(result: Result) -> str:
    lines = [
        "## Learning curve",
        "",
        f"`{result['command']}`",
        "",
        "Sampled validity of the averaged weights on validation formulas (direct denoising, 60 calls) during training.",
        "",
        "![Loss and sampled validity against minutes of training](benchmarks/training.svg)",
        "",
        "| minutes of training | steps | valid |",
        "|---|---|---|",
    ]
    lines += [
        f"| {point['elapsed'] / 60:.0f} | {point['step']} | {100 * point['validity']:.1f} % of {point['n_samples']} |"
        for point in result["points"]
    ]
    return "\n".join([*lines, ""])
