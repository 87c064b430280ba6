"""What the measurements share: where their numbers come from, and where they are kept."""

import argparse
import json
import platform
import shlex
from pathlib import Path
from typing import Any

import torch

from gpff_core import __version__
from gpff_core.cli.bench.report import write_report
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT


def command_of(args: argparse.Namespace, *options: str) -> str:
    """The command that measures the same again, with the named options as they were given or by default."""
    words = ["python", "-m", "gpff_core", "bench", args.what]
    if getattr(args, "checkpoint", DEFAULT_CHECKPOINT) != DEFAULT_CHECKPOINT:
        words += ["--checkpoint", args.checkpoint]
    for option in options:
        words += [f"-{option}" if len(option) == 1 else f"--{option.replace('_', '-')}", str(getattr(args, option))]
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


def save(docs: Path, name: str, result: dict[str, Any]) -> None:
    """Keep a result and write the page again."""
    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_report(docs)


def _cpu() -> str:
    """The processor by its name where the system tells it, by its architecture elsewhere."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor() or platform.machine()
