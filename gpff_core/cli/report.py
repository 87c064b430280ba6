"""docs/benchmarks.md, written from the JSON files that the bench command left in docs/benchmarks/."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gpff_core.cli.speed_report import speed_section

Result = dict[str, Any]

_HEAD = """# Benchmarks

Written by `python -m gpff_core bench`; do not edit. Every section names the command that makes it again.
"""


def write_report(docs: Path) -> None:
    """Rewrite the page from all results that are there."""
    parts = [_HEAD]
    for name, section in _SECTIONS.items():
        file = docs / "benchmarks" / f"{name}.json"
        if file.is_file():
            parts.append(section(json.loads(file.read_text(encoding="utf-8"))))
    (docs / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")


def _quality(result: Result) -> str:
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
        cells = [_share(found.get((sampler, budget)), "valid") for sampler in samplers]
        lines.append(f"| {budget} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| sampler | calls used (mean) | distinct of valid | novel of distinct | start | settings |",
        "|---|" + "---|" * 5,
    ]
    for point in result["points"]:
        lines.append(
            f"| {point['sampler']} | {point['calls']:.1f} | {_share(point, 'unique')} | {_share(point, 'novel')} "
            f"| {point['prior']} | {point['settings']} |"
        )
    return "\n".join([*lines, ""])


def _training(result: Result) -> str:
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


def _share(point: Result | None, name: str) -> str:
    if point is None or point[name]["total"] == 0:
        return "–"
    return f"{100 * point[f'{name}_share']:.1f} ± {100 * point[f'{name}_error']:.1f} %"


_SECTIONS: dict[str, Callable[[Result], str]] = {"quality": _quality, "speed": speed_section, "training": _training}
