"""`train`: a network from equilibrium structures, in a folder that a killed run continues from.

The folder holds `run.json` (data and settings) and `state.safetensors`, from which a run resumes, `log.jsonl` (one line
per so many steps and per validation), `loss.html` (the figure), `latest.safetensors` and `best.safetensors`
(checkpoints with their cards; best by sampled validity on validation formulas, where RDKit is installed to judge it).
"""

import argparse
import json
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lightning_fabric import Fabric
from tqdm import tqdm

from gpff_core.atomic_files import replacing
from gpff_core.cli.figures import write_training_figure
from gpff_core.errors import GpffError
from gpff_core.learning.corruption import CorruptionConfig
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.log import TrainingLog
from gpff_core.learning.split import Split
from gpff_core.learning.train import TrainingConfig, TrainingRun, TrainingStep, begin_with
from gpff_core.learning.validation import calibrate
from gpff_core.networks.checkpoint import Checkpoint, build_network, load_checkpoint, save_checkpoint
from gpff_core.networks.shipped import checkpoint_path

DEFAULT_DATA = Path(__file__).parents[2] / "data" / "qm9.npz"
DOWNLOAD = "schnetpack-qm9"
RUN_FILE = "run.json"
SMALLEST_DATA = 10
"""Structures; of fewer, none would be held out."""

N_QUALITY = 100
"""Validation formulas sampled at every validation; the binomial error of 95 % of them is 2 %."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        metavar="FILE",
        help=f"structures: packed .npz, .xyz, .extxyz, .sdf, .db (ASE or SchNetPack), or {DOWNLOAD} to let SchNetPack "
        "download QM9 (default: the QM9 that comes with the program)",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings as TOML, as checkpoints/qm9.toml has them"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("runs/train"), help="where the run lives (default runs/train)"
    )
    parser.add_argument("--minutes", type=float, help="length by the clock; the learning rate follows it")
    parser.add_argument("--steps", type=int, help="length in optimiser steps; reproducible")
    parser.add_argument("--resume", action="store_true", help="continue the run in the folder")
    parser.add_argument("--start-from", metavar="NAME|PATH", help="begin with a checkpoint's weights, not random ones")
    parser.add_argument("--accelerator", default="cpu", help="cpu, cuda, mps or auto (default cpu)")
    parser.add_argument("--devices", type=int, default=1, help="how many of them (default 1)")


@dataclass(frozen=True)
class _Plan:
    config: TrainingConfig
    dataset: MoleculeDataset
    data_name: str
    folder: Path
    resume: bool
    start: Checkpoint | None
    started_from: str | dict[str, Any]
    fabric: Fabric


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    state = args.folder / "state.safetensors"
    if args.resume and not state.is_file():
        raise GpffError(
            f"There is no run to resume in {args.folder}; check --folder, or leave out --resume to begin one."
        )
    if state.is_file() and not args.resume:
        raise GpffError(f"{args.folder} already holds a run; add --resume to continue it, or give another --folder.")
    start = load_checkpoint(checkpoint_path(args.start_from)) if args.start_from else None
    if args.resume:
        data, settings, started_from = _remembered(args)
    else:
        data, settings, started_from = args.data or str(DEFAULT_DATA), _read_settings(args.config), _ancestry(start)
    if args.minutes is not None or args.steps is not None:
        settings |= {"minutes": args.minutes, "steps": args.steps}
    config = _config(settings)
    network = build_network(config.network, config.network_config)  # unknown networks and sizes are refused now
    if start is not None:
        begin_with(network, start.network)
    dataset = _dataset(data, args.folder)
    try:
        fabric = Fabric(accelerator=args.accelerator, devices=args.devices, precision=config.precision)  # type: ignore[arg-type]
        args.folder.mkdir(parents=True, exist_ok=True)
        _remember(args.folder, data, config, started_from)
    except OSError as error:
        raise GpffError(f"{args.folder} cannot be used ({error.strerror}); choose another --folder.") from error
    except (ValueError, RuntimeError, TypeError) as error:
        raise GpffError(f"Fabric cannot set up this device or precision ({error}); try --accelerator cpu.") from error
    fabric.launch()
    plan = _Plan(config, dataset, Path(data).name, args.folder, args.resume, start, started_from, fabric)
    return lambda: _execute(plan)


def _read_settings(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GpffError(f"{path} could not be read as TOML ({error}); compare checkpoints/qm9.toml.") from error


def _ancestry(start: Checkpoint | None) -> str | dict[str, Any]:
    """What a card says of the weights a run begins with: all their own card says, and so on back to random ones."""
    return "random weights" if start is None else {"name": start.name, "sha256": start.sha256, **start.card}


def _remember(folder: Path, data: str, config: TrainingConfig, started_from: str | dict[str, Any]) -> None:
    run = {"data": data, "config": asdict(config), "started_from": started_from}
    with replacing(folder / RUN_FILE) as temporary:
        temporary.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")


def _remembered(args: argparse.Namespace) -> tuple[str, dict[str, Any], str | dict[str, Any]]:
    """Data, settings and first weights the run was begun with: one that changes half way is none to compare with."""
    if args.config is not None or args.data is not None or args.start_from is not None:
        raise GpffError(
            "--resume continues with the run's own data, settings and weights; leave out --config, --data and "
            "--start-from."
        )
    try:
        run = json.loads((args.folder / RUN_FILE).read_text(encoding="utf-8"))
        return run["data"], run["config"], run["started_from"]
    except (OSError, ValueError, KeyError) as error:
        raise GpffError(f"{args.folder / RUN_FILE} cannot be read ({error}); begin the run again.") from error


def _config(settings: dict[str, Any]) -> TrainingConfig:
    try:
        corruption = CorruptionConfig(**settings.pop("corruption", {}))
        return TrainingConfig(corruption=corruption, **settings)
    except TypeError as error:
        raise GpffError(
            f"There is a setting that does not exist or is of another kind ({error}); compare checkpoints/qm9.toml."
        ) from error


def _dataset(name: str, folder: Path) -> MoleculeDataset:
    dataset = _read(name, folder)
    if len(dataset) < SMALLEST_DATA:
        raise GpffError(
            f"{name} holds {len(dataset)} structures; give at least {SMALLEST_DATA}, of which a tenth is held out for "
            "validation and a tenth for testing."
        )
    return dataset


def _read(name: str, folder: Path) -> MoleculeDataset:
    path = Path(name)
    if path.suffix == ".npz":
        return MoleculeDataset.from_npz(path)
    from gpff_core.formats.reading import read_structures  # RDKit and ASE: not on every machine that trains

    if name == DOWNLOAD:
        from gpff_core.learning.download import download_qm9

        folder.mkdir(parents=True, exist_ok=True)
        path = download_qm9(folder)
    return MoleculeDataset.from_structures((s.composition, s.positions) for s in read_structures(path))


def _execute(plan: _Plan) -> int:
    run = TrainingRun(plan.config, plan.dataset, plan.folder, plan.fabric)
    log = TrainingLog(plan.folder / "log.jsonl", every=plan.config.log_every_steps)
    if plan.resume:
        run.resume()
        log.rewind(run.step)
    elif plan.start is not None:
        run.warm_start(plan.start.network)
    with _interrupts() as interrupts:
        for step in _with_progress(run):
            if plan.fabric.is_global_zero:
                _record(plan, run, log, step)
            # One decision for all processes: the next step of one alone would wait for the others for ever.
            if plan.fabric.broadcast(bool(interrupts)) and step.fraction < 1:
                run.save()
                if plan.fabric.is_global_zero:
                    tqdm.write(f"gpff_core: stopped at step {run.step}; --resume continues from here.", file=sys.stderr)
                return 1
    if plan.fabric.is_global_zero:
        best = plan.folder / "best.safetensors"
        print(f"trained {run.step} steps in {run.elapsed / 60:.1f} minutes; weights in {best}")
    return 0


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Ctrl-C is noted here and ends the run between two steps, since half a step could not be resumed.

    A second Ctrl-C ends it at once.
    """
    noted: list[int] = []

    def note(number: int, _frame: object) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield noted
    finally:
        signal.signal(signal.SIGINT, before)


def _record(plan: _Plan, run: TrainingRun, log: TrainingLog, step: TrainingStep) -> None:
    log.step(step)
    if step.validation:
        _save_checkpoints(plan, run, log)
        write_training_figure(log.lines(), plan.folder / "loss.html")


def _with_progress(run: TrainingRun) -> Iterator[TrainingStep]:
    """The run's steps under a bar in thousandths of the run, whose rate gives the time left."""
    with tqdm(total=1000, initial=round(1000 * run.fraction), unit="‰", disable=None, leave=False) as bar:
        for step in run.steps():
            bar.set_postfix_str(f"step {step.step}, loss {step.loss:.3f}", refresh=False)
            bar.update(min(1000, round(1000 * step.fraction)) - bar.n)
            yield step


def _save_checkpoints(plan: _Plan, run: TrainingRun, log: TrainingLog) -> None:
    """Write `latest`; and `best` if sampled validity is the highest so far, or cannot be measured here."""
    calibration = calibrate(run.network, plan.dataset, plan.fabric.device)
    card = _card(plan, run)
    latest = plan.folder / "latest.safetensors"
    save_checkpoint(latest, run.network, calibration, card)
    validity = _sampled_validity(latest, plan.dataset)
    best_before = log.best_validity
    if validity is not None:
        log.quality(run.step, run.elapsed, validity, N_QUALITY)
    if validity is None or validity >= best_before:
        sampled = {} if validity is None else {"validation_validity": validity}
        save_checkpoint(plan.folder / "best.safetensors", run.network, calibration, card | sampled)


def _card(plan: _Plan, run: TrainingRun) -> dict[str, Any]:
    """How the weights were made, in full."""
    return {
        "elements": list(plan.dataset.elements),
        "data": plan.data_name,
        "training_structures": len(plan.dataset.indices_of(Split.TRAINING)),
        "steps": run.step,
        "structures_seen": run.step * plan.config.batch_size * plan.fabric.world_size,
        "training_minutes": round(run.elapsed / 60, 1),
        "device": f"{plan.fabric.world_size} × {plan.fabric.device.type}",
        "started_from": plan.started_from,
        "recipe": asdict(plan.config),
    }


def _sampled_validity(checkpoint: Path, dataset: MoleculeDataset) -> float | None:
    """Share of validation formulas that direct denoising turns into a valid molecule; None where RDKit is missing."""
    try:
        from gpff_core.evaluation.metrics import quality
        from gpff_core.generation import GenerationRequest, generate, samples_of
        from gpff_core.recipe import Recipe
    except ModuleNotFoundError:
        return None
    recipe = Recipe()  # without reheating: it is the network that is judged
    compositions = tuple(dataset.composition(int(i)) for i in dataset.spread_over(Split.VALIDATION, N_QUALITY))
    request = GenerationRequest.of(recipe, compositions)
    return quality(samples_of(generate(load_checkpoint(checkpoint), request))).valid.value
