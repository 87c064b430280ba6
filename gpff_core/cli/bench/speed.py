"""`bench speed`: cost of a network call."""

import argparse
from collections.abc import Callable
from dataclasses import asdict

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.cli.bench.report import Result
from gpff_core.cli.bench.results import origin, save
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.evaluation.speed import Network, measure_speed
from gpff_core.networks.checkpoint import build_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("--formula", default="C7H9NO", help="what to time (default C7H9NO, 18 atoms)")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    field = checkpoint_of(args)
    composition = parse_formula(args.formula)
    painn = build_network("painn", {}).eval().requires_grad_(requires_grad=False)

    def work() -> int:
        networks: dict[str, Network] = {"transformer": field, "SchNetPack PaiNN 256×4": painn}
        points = [asdict(point) for point in measure_speed(networks, composition, (1, 64), (1, 2))]
        save(args.docs, "speed", origin(args) | {"formula": composition.formula, "points": points})
        return 0

    return work


def section(result: Result) -> str:
    points = result["points"]
    networks = list(dict.fromkeys(point["network"] for point in points))
    lines = [
        "## Cost of a network call",
        "",
        f"`{result['command']}`, torch {result['torch']}, {result['cpu']}, version {result['version']}.",
        "",
        f"Median milliseconds per molecule per call on {result['formula']} ({points[0]['n_atoms']} atoms), networks "
        "taking turns in one run; in brackets the fastest and slowest repetition.",
        "",
        "| threads | batch | " + " | ".join(networks) + " | ratio |",
        "|---|---|" + "---|" * (len(networks) + 1),
    ]
    settings = dict.fromkeys((point["threads"], point["batch_size"]) for point in points)
    for threads, batch in settings:
        here = [p for p in points if (p["threads"], p["batch_size"]) == (threads, batch)]
        cells = [f"{p['milliseconds']:.2f} ({p['fastest']:.2f}–{p['slowest']:.2f})" for p in here]
        ratio = here[-1]["milliseconds"] / here[0]["milliseconds"]
        lines.append(f"| {threads} | {batch} | " + " | ".join(cells) + f" | {ratio:.1f} × |")
    return "\n".join([*lines, ""])
