"""docs/benchmarks.md, written from the JSON files that the bench command left in docs/benchmarks/."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def _speed(result: Result) -> str:
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


_SECTIONS: dict[str, Callable[[Result], str]] = {"quality": _quality, "speed": _speed, "training": _training}
