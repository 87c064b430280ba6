"""`info`: what a checkpoint is and how it was made."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from gpff_core.cli.options import add_checkpoint
from gpff_core.elements import SYMBOLS
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint, measured_on
from gpff_core.networks.shipped import checkpoint_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    parser.add_argument("--json", action="store_true", help="print the card as JSON")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    path = checkpoint_path(args.checkpoint)
    checkpoint = load_checkpoint(path)
    measured = measured_on(path, checkpoint.sha256)

    def work() -> int:
        facts = _facts(checkpoint)
        print(json.dumps(facts | {"measured": measured}, indent=2) if args.json else _text(facts, measured))
        return 0

    return work


def _facts(checkpoint: Checkpoint) -> dict[str, Any]:
    n_parameters = sum(p.numel() for p in checkpoint.network.parameters())
    header = {
        "name": checkpoint.name,
        "sha256": checkpoint.sha256,
        "network": str(checkpoint.network.kind),
        "parameters": n_parameters,
    }
    return header | checkpoint.card


def _text(facts: dict[str, Any], measured: dict[str, Any]) -> str:
    lines = _lines(facts | {"elements": " ".join(SYMBOLS[z - 1] for z in facts["elements"])}, "")
    if measured:
        total = measured["points"][0]["valid"]["total"]
        lines.append(f"valid of {total} test formulas, by network calls allowed ({measured['command']})")
        lines += [
            f"  {point['sampler']:<12} {point['budget']:>4}   "
            f"{100 * point['valid_share']:5.1f} ± {100 * point['valid_error']:.1f} %"
            for point in measured["points"]
        ]
    return "\n".join(lines)


def _lines(facts: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for name, value in facts.items():
        label = indent + name.replace("_", " ")
        if isinstance(value, dict):
            lines += [label, *_lines(value, indent + "  ")]
        else:
            lines.append(f"{label:<32} {value}")
    return lines
