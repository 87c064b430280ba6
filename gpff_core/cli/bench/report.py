"""docs/benchmarks.md, written from the JSON files that the bench command left in docs/benchmarks/."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gpff_core.atomic_files import replacing
from gpff_core.cli.bench import BENCHES, bench_module
from gpff_core.evaluation.metrics import Fraction, Quartiles

Result = dict[str, Any]

_HEAD = """# Benchmarks

Written by `python -m gpff_core bench`; do not edit. Every section names the command that makes it again.
"""


def write_report(docs: Path) -> None:
    """Rewrite the page from all results that are there; what other scripts measured follows as they wrote it."""
    parts = [_HEAD]
    for name in BENCHES:
        file = docs / "benchmarks" / f"{name}.json"
        if file.is_file():
            parts.append(_section(name, json.loads(file.read_text(encoding="utf-8"))))
    parts += [file.read_text(encoding="utf-8") for file in sorted((docs / "benchmarks").glob("*.md"))]
    with replacing(docs / "benchmarks.md") as temporary:
        temporary.write_text("\n".join(parts), encoding="utf-8")


def _section(name: str, result: Result) -> str:
    """One measurement's part of the page; results that another version wrote must not cost the new ones their page."""
    try:
        section: str = bench_module(name).section(result)
    except (KeyError, TypeError):
        return f"## {name.capitalize()}\n\nMeasured by another version; run `python -m gpff_core bench {name}` again.\n"
    return section


def heading(title: str, result: Result) -> list[str]:
    """Title, command, weights, and whether the run was cut short."""
    cut_short = [] if result.get("complete", True) else ["Stopped before its end: fewer structures than asked for.", ""]
    return [
        f"## {title}",
        "",
        f"`{result['command']}`",
        "",
        f"Checkpoint {result['checkpoint']} ({result['sha256'][:12]}), version {result['version']}.",
        "",
        *cut_short,
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table, with an empty one after it."""
    lines = [head, ["---"] * len(head), *rows]
    return [*("| " + " | ".join(cells) + " |" for cells in lines), ""]


def share_cell(point: Result | None, name: str) -> str:
    """One fraction of a point with its error; a dash where nothing was counted."""
    return "–" if point is None else str(_fraction(point[name]))


def counted_cell(fraction: Result) -> str:
    """A fraction with its error and its denominator."""
    found = _fraction(fraction)
    return f"{found} of {found.total}" if found.total else "–"


def quartiles_cell(quartiles: Result) -> str:
    """Median and, in brackets, the quartiles."""
    return str(Quartiles(**quartiles))


def _fraction(fraction: Result) -> Fraction:
    return Fraction(fraction["count"], fraction["total"])
