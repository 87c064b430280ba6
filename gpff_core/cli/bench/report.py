"""docs/benchmarks.md, written from the JSON files that the bench command left in docs/benchmarks/."""

import json
from pathlib import Path
from typing import Any

from gpff_core.cli.bench import BENCHES, bench_module

Result = dict[str, Any]

_HEAD = """# Benchmarks

Written by `python -m gpff_core bench`; do not edit. Every section names the command that makes it again.
"""


def write_report(docs: Path) -> None:
    """Rewrite the page from all results that are there."""
    parts = [_HEAD]
    for name in BENCHES:
        file = docs / "benchmarks" / f"{name}.json"
        if file.is_file():
            parts.append(bench_module(name).section(json.loads(file.read_text(encoding="utf-8"))))
    (docs / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")


def share_cell(point: Result | None, name: str) -> str:
    """One fraction of a point with its error; a dash where nothing was counted."""
    if point is None or point[name]["total"] == 0:
        return "–"
    return f"{100 * point[f'{name}_share']:.1f} ± {100 * point[f'{name}_error']:.1f} %"
