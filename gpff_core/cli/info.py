"""`info`: what a checkpoint is and how it was made; which samplers and priors there are."""

import argparse
import json
import math
import textwrap
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from gpff_core.cli.options import add_checkpoint
from gpff_core.elements import SYMBOLS
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint, measured_on
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.priors.serialisation import describe_priors
from gpff_core.recipe import Recipe, calls_of_defaults
from gpff_core.samplers import SAMPLERS, summary_of
from gpff_core.samplers.settings import SETTINGS, settings_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        choices=("checkpoint", "samplers", "priors"),
        default="checkpoint",
        help="the card of a checkpoint (default), or a list of what there is to choose from",
    )
    add_checkpoint(parser)
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if args.what == "checkpoint":
        return _checkpoint(args)
    entries = _samplers() if args.what == "samplers" else _priors()

    def work() -> int:
        text = "\n".join(_listed(name, entry) for name, entry in entries.items())
        print(json.dumps(entries, indent=2) if args.json else text)
        return 0

    return work


def _samplers() -> dict[str, dict[str, Any]]:
    """What every sampler does, what it costs, who invented it, and its settings with their defaults."""
    return {
        name: {
            "summary": summary_of(kind),
            "calls_per_step": kind.calls_per_step,
            "default_steps": Recipe(name).n_steps,
            "source": kind.source,
            "start": f"a round cloud, σ {_default(name, _start)}",
            "settings": {
                setting: f"{SETTINGS[setting].meaning} (default {_default(name, partial(_setting, name=setting))})"
                for setting in settings_of(kind)
            },
        }
        for name, kind in SAMPLERS.items()
    }


def _start(recipe: Recipe) -> str:
    start = recipe.usual_start
    return f"{start.sigma:g} Å" + (f" with its atoms {start.spacing:g} Å apart" if start.spacing else "")


def _setting(recipe: Recipe, name: str) -> str:
    value = recipe.value_of(name)
    return f"{value} {SETTINGS[name].unit}".rstrip() if value != math.inf else "none"


def _default(sampler: str, what: Callable[[Recipe], str]) -> str:
    free, frozen = (_by_calls(sampler, what, frozen=frozen) for frozen in (False, True))
    return free if free == frozen else f"{free}; where atoms are frozen {frozen}"


def _by_calls(sampler: str, what: Callable[[Recipe], str], *, frozen: bool) -> str:
    """What was measured best, for more and more network calls."""
    *edges, last = [(most, what(Recipe.for_calls(sampler, most, frozen=frozen))) for most in calls_of_defaults(sampler)]
    # Of ranges with one default only the last says where it ends.
    changes = [(most, said) for (most, said), (_, after) in pairwise([*edges, last]) if said != after]
    ranges = [f"{said} up to {most} calls" for most, said in changes]
    return ", ".join([*ranges, f"{last[1]}{' with more' if ranges else ''}"])


def _priors() -> dict[str, dict[str, Any]]:
    return {prior.name: {"summary": prior.summary, "settings": prior.settings} for prior in describe_priors()}


def _listed(name: str, entry: dict[str, Any]) -> str:
    lines = [name, textwrap.fill(entry["summary"], 96, initial_indent="  ", subsequent_indent="  ")]
    lines += [
        textwrap.fill(f"{key.replace('_', ' ')}: {entry[key]}", 96, initial_indent="  ", subsequent_indent="    ")
        for key in entry
        if key not in ("summary", "settings")
    ]
    lines += [
        textwrap.fill(f"{setting}: {meaning}", 96, initial_indent="    ", subsequent_indent="      ")
        for setting, meaning in entry["settings"].items()
    ]
    return "\n".join(lines) + "\n"


def _checkpoint(args: argparse.Namespace) -> Callable[[], int]:
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
        lines.append(f"valid of test formulas, by network calls allowed ({measured['command']})")
        lines += [
            f"  {point['sampler']:<12} {point['budget']:>4}   "
            f"{100 * point['valid_share']:5.1f} ± {100 * point['valid_error']:.1f} % of {point['valid']['total']}"
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
