"""`bench quality | speed | training`: measure, keep the numbers as JSON, and write docs/benchmarks.md from them."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from gpff_core import __version__
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.cli.figures import write_quality_figure, write_training_figure
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.cli.report import write_report
from gpff_core.cli.train import DEFAULT_DATA
from gpff_core.errors import GpffError
from gpff_core.evaluation.quality import CALLS, measure_quality
from gpff_core.evaluation.speed import Contestant, measure_speed, operator_shares
from gpff_core.generation import check_elements, load_reference
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import build_network, record_in_card
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.recipe import Recipe
from gpff_core.samplers import SAMPLERS

DEFAULT_DOCS = Path(__file__).parents[2] / "docs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = "validity against network calls, cost of a call, or the learning curve of a run's log"
    parser.add_argument("what", choices=tuple(_PREPARE), help=what)
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=300, help="quality: test formulas, one structure each (default 300)")
    parser.add_argument("--samplers", default=",".join(SAMPLERS), help="quality: which, separated by commas")
    parser.add_argument("--calls", default=",".join(map(str, CALLS)), help="quality: budgets, separated by commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--formula", default="C7H9NO,C9H20", help="speed: what to time (default C7H9NO,C9H20)")
    parser.add_argument("--alkanes", default="9,16,33,66", help="speed: carbon atoms of alkanes up to the largest size")
    parser.add_argument("--run-log", type=Path, metavar="FILE", help="training: the log.jsonl of a run")
    parser.add_argument("--docs", type=Path, default=DEFAULT_DOCS, help="folder of benchmarks.md (default docs)")


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    if not (args.docs.is_dir() and os.access(args.docs, os.W_OK)):
        raise GpffError(f"{args.docs} is not a folder that can be written to; create it, or give another --docs.")
    return _PREPARE[args.what](args)


def _quality(args: argparse.Namespace) -> Callable[[], int]:
    if args.n < 1:
        raise GpffError(f"-n is {args.n}; measure at least 1 structure, or 300 for errors of a few per cent.")
    field = checkpoint_of(args)
    reference = load_reference(checkpoint_path(args.checkpoint))
    recipes = [
        (budget, Recipe.for_calls(sampler, budget, args.seed))
        for sampler in args.samplers.split(",")
        for budget in _whole_numbers(args.calls)
    ]
    for _, recipe in recipes:
        recipe.build_sampler()
    dataset = MoleculeDataset.from_npz(DEFAULT_DATA)
    places = dataset.indices_of(Split.TEST)[: args.n].tolist()
    compositions = [dataset.composition(place) for place in places]
    check_elements(compositions, field.elements, field.name)

    def work() -> int:
        points = []
        with tqdm(total=len(recipes), unit="setting", disable=None, leave=False) as bar:
            for point in measure_quality(field, compositions, recipes, reference):
                points.append(point.as_dict())
                bar.update()
                tqdm.write(f"{point.sampler:<12} {point.calls:6.1f} calls  valid {point.valid}", file=sys.stderr)
        measured = {"checkpoint": field.name, "sha256": field.sha256, "n": len(compositions), "points": points}
        result = _origin(args) | measured
        _save(args.docs, "quality", result)
        write_quality_figure(points, args.docs / "benchmarks" / "quality.svg")
        record_in_card(checkpoint_path(args.checkpoint), result)
        return 0

    return work


def _speed(args: argparse.Namespace) -> Callable[[], int]:
    field = checkpoint_of(args)
    painn = build_network("painn", {}).eval().requires_grad_(requires_grad=False)
    contestants = [
        Contestant("transformer", field.inference, field.network),
        Contestant("training path", field.network, field.network),
        Contestant("PaiNN 256×4", painn, painn),
    ]
    compositions = [parse_formula(formula) for formula in args.formula.split(",")]
    alkanes = [parse_formula(f"C{n}H{2 * n + 2}") for n in _whole_numbers(args.alkanes)]

    def work() -> int:
        def measured_on(molecules: list[Composition], sizes: Sequence[int], threads: Sequence[int]) -> list[Any]:
            bar = tqdm(molecules, unit="molecule", disable=None, leave=False)
            return [asdict(point) for c in bar for point in measure_speed(contestants, c, sizes, threads)]

        points, sizes = measured_on(compositions, (1, 8, 64), (1, 2)), measured_on(alkanes, (1,), (2,))
        shares = {size: operator_shares(field.inference, compositions[0], size) for size in (1, 64)}
        measured = {"formulas": [c.formula for c in compositions], "points": points, "sizes": sizes, "shares": shares}
        _save(args.docs, "speed", _origin(args) | measured)
        return 0

    return work


def _training(args: argparse.Namespace) -> Callable[[], int]:
    if args.run_log is None or not args.run_log.is_file():
        raise GpffError("The learning curve is drawn from a run's log; add --run-log runs/train/log.jsonl.")

    def work() -> int:
        lines = [json.loads(line) for line in args.run_log.read_text(encoding="utf-8").splitlines()]
        measured = [line for line in lines if "validity" in line]
        _save(
            args.docs,
            "training",
            {"command": f"python -m gpff_core bench training --run-log {args.run_log}", "points": measured},
        )
        write_training_figure(args.run_log, args.docs / "benchmarks" / "training.svg")
        return 0

    return work


def _whole_numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise GpffError(f"{text!r} is not a list of whole numbers; give budgets such as 6,15,60.") from error


def _origin(args: argparse.Namespace) -> dict[str, Any]:
    """What the numbers depend on besides the code."""
    given = {
        "quality": f" -n {args.n} --samplers {args.samplers} --calls {args.calls} --seed {args.seed}",
        "speed": f" --formula {args.formula} --alkanes {args.alkanes}",
    }
    return {
        "command": f"python -m gpff_core bench {args.what}" + given[args.what],
        "version": __version__,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "cpu": _cpu(),
    }


def _cpu() -> str:
    """The processor by its name where the system tells it, by its architecture elsewhere."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {len(names)} cores" if names else platform.processor() or platform.machine()


_PREPARE: dict[str, Callable[[argparse.Namespace], Callable[[], int]]] = {
    "quality": _quality,
    "speed": _speed,
    "training": _training,
}


def _save(docs: Path, name: str, result: dict[str, Any]) -> None:
    folder = docs / "benchmarks"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_report(docs)
