"""What the measurements share: collecting what Ctrl-C must not lose, saying where numbers come from, keeping them."""

import argparse
import json
import platform
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from tqdm import tqdm

from gpff_core import __version__
from gpff_core.atomic_files import replacing
from gpff_core.cli.bench.report import write_report
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT

T = TypeVar("T")


@dataclass(frozen=True)
class Collected(Generic[T]):
    """What was measured of `total`; less than that if Ctrl-C ended it."""

    items: list[T]
    total: int

    @property
    def complete(self) -> bool:
        return len(self.items) == self.total


def collect(measuring: Iterator[T], total: int, unit: str, line: Callable[[T], str]) -> Collected[T]:
    """Run a measurement, one `line` on standard error for each result, until it ends or Ctrl-C does.

    With nothing measured yet there is nothing to keep, and the interrupt goes on.
    """
    items: list[T] = []
    try:
        with tqdm(total=total, unit=unit, disable=None, leave=False) as bar:
            for item in measuring:
                items.append(item)
                tqdm.write(line(item), file=sys.stderr)
                bar.update()
    except KeyboardInterrupt:
        if not items:
            raise
        tqdm.write(f"gpff_core: stopped after {len(items)} of {total}; what is finished is kept.", file=sys.stderr)
    return Collected(items, total)


def names_in(text: str) -> list[str]:
    """Words separated by commas, none twice."""
    return list(dict.fromkeys(word.strip() for word in text.split(",")))


def whole_numbers_in(text: str, example: str) -> list[int]:
    try:
        return list(dict.fromkeys(int(word) for word in names_in(text)))
    except ValueError as error:
        raise GpffError(f"{text!r} is not a list of whole numbers; give some such as {example}.") from error


def command_of(args: argparse.Namespace, *options: str) -> str:
    """The command that measures the same again, with the named options as they were given or by default."""
    words = ["python", "-m", "gpff_core", "bench", args.what]
    if getattr(args, "checkpoint", DEFAULT_CHECKPOINT) != DEFAULT_CHECKPOINT:
        words += ["--checkpoint", args.checkpoint]
    for option in options:
        given, name = getattr(args, option), f"-{option}" if len(option) == 1 else f"--{option.replace('_', '-')}"
        words += [word for value in (given if isinstance(given, list) else [given]) for word in (name, str(value))]
    return shlex.join(words)


def origin(args: argparse.Namespace, *options: str) -> dict[str, Any]:
    """What the numbers depend on besides the code."""
    return {
        "command": command_of(args, *options),
        "version": __version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "cpu": _cpu(),
    }


def weights(field: Checkpoint) -> dict[str, str]:
    """Which checkpoint was measured."""
    return {"checkpoint": field.name, "sha256": field.sha256}


def save(docs: Path, name: str, result: dict[str, Any]) -> None:
    """Keep a result and write the page again."""
    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    with replacing(folder / f"{name}.json") as temporary:
        temporary.write_text(_readable(result) + "\n", encoding="utf-8")
    write_report(docs)


def _readable(result: dict[str, Any]) -> str:
    """JSON with a line for every fact, and a list of numbers on one line."""
    text = json.dumps(result, indent=1, ensure_ascii=False)
    return re.sub(r"\[[\d\s.,eE+-]*\]", lambda found: "[" + " ".join(found[0][1:-1].split()) + "]", text)


def _cpu() -> str:
    """The processor by its name where the system tells it, by its architecture elsewhere."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor() or platform.machine()
