"""`info`: what a checkpoint is and how it was made."""

import argparse
import json
from collections.abc import Callable

from gpff_core.cli.options import add_checkpoint
from gpff_core.elements import SYMBOLS
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import checkpoint_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    parser.add_argument("--json", action="store_true", help="print the card as JSON")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    checkpoint = load_checkpoint(checkpoint_path(args.checkpoint))

    def work() -> int:
        print(json.dumps(_facts(checkpoint), indent=2) if args.json else _text(checkpoint))
        return 0

    return work


def _facts(checkpoint: Checkpoint) -> dict[str, object]:
    n_parameters = sum(p.numel() for p in checkpoint.network.parameters())
    header = {
        "name": checkpoint.name,
        "sha256": checkpoint.sha256,
        "network": str(checkpoint.network.kind),
        "parameters": n_parameters,
    }
    return header | checkpoint.card


def _text(checkpoint: Checkpoint) -> str:
    facts = _facts(checkpoint) | {"elements": " ".join(SYMBOLS[z - 1] for z in checkpoint.elements)}
    return "\n".join(_lines(facts, ""))


def _lines(facts: dict[str, object], indent: str) -> list[str]:
    lines = []
    for name, value in facts.items():
        label = indent + name.replace("_", " ")
        if isinstance(value, dict):
            lines += [label, *_lines(value, indent + "  ")]
        else:
            lines.append(f"{label:<32} {value}")
    return lines
