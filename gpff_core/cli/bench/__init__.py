"""`bench WHAT`: measure, keep the numbers as JSON in docs/benchmarks/, and write docs/benchmarks.md from all of them.

Every measurement is a module of this package with `add_arguments(parser)`, `prepare(args)` and `section(result)`; the
last turns the JSON that was saved into a section of the page.
"""

import argparse
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

from gpff_core.errors import GpffError

DEFAULT_DOCS: Final = Path(__file__).parents[3] / "docs"

BENCHES: Final = {
    "quality": "validity, uniqueness and novelty against network calls",
    "diversity": "how many different molecules one formula becomes",
    "physical": "strain, plausibility and stability beside the data's own",
    "distributions": "bond lengths, angles and shapes against the data's",
    "shapes": "how much of a prior's shape a short relaxation keeps",
    "starts": "validity from starting clouds of different sizes",
    "scaffolds": "how often a frozen scaffold is kept in a valid molecule",
    "ablations": "what the parts of the method are worth",
    "speed": "cost of a network call",
    "training": "the learning curve of a run's log",
}
"""Every measurement, by the name of its module, in the order of the page's sections."""


def bench_module(name: str) -> ModuleType:
    return import_module(f"gpff_core.cli.bench.{name}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    benches = parser.add_subparsers(metavar="WHAT", required=True)
    for name, summary in BENCHES.items():
        bench = benches.add_parser(name, help=summary, description=summary.capitalize() + ".", allow_abbrev=False)
        module = bench_module(name)
        module.add_arguments(bench)
        bench.add_argument("--docs", type=Path, default=DEFAULT_DOCS, help="folder of benchmarks.md (default docs)")
        bench.set_defaults(what=name, measure=module.prepare)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if not (args.docs.is_dir() and os.access(args.docs, os.W_OK)):
        raise GpffError(f"{args.docs} is not a folder that can be written to; create it, or give another --docs.")
    measure: Callable[[argparse.Namespace], Callable[[], int]] = args.measure
    return measure(args)
