"""`sample`: formulas in, molecules out."""

import argparse
import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from tqdm import tqdm

from gpff_core import __version__
from gpff_core.chemistry.building import composition_from_smiles
from gpff_core.chemistry.formulas import closed_shell_problem, parse_formula
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.cli.journal import Journal
from gpff_core.cli.options import add_checkpoint, add_device, add_recipe, checkpoint_of, recipe_of
from gpff_core.cli.prior_options import words_for
from gpff_core.cli.scaffold_options import DETAILS, ScaffoldTask, add_scaffold, scaffold_of
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.evaluation.metrics import Quality, quality
from gpff_core.formats.extended_xyz import TrajectoryFrame, write_trajectory
from gpff_core.formats.provenance import InputFile, Provenance
from gpff_core.formats.structures import Structure
from gpff_core.formats.writing import FORMATS, format_for, write_samples
from gpff_core.generation import (
    BatchFinished,
    GenerationRequest,
    StepTaken,
    arrival,
    generate,
    load_reference,
    noise_level_of,
)
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.priors import Motif, Motifs, Prior
from gpff_core.recipe import Recipe
from gpff_core.samples import Sample

SOURCES: Final = ("formula", "formulas", "smiles", "from_data")
"""Options that say what to make, where nothing is grown on a scaffold."""

BATCH_SIZE: Final = 64

LARGEST_INPUT: Final = 1_000_000
"""Bytes of a file that the command reads which go with what it makes."""

LONGEST_PRIOR: Final = 10_000
"""Characters of a prior's JSON in a command: it is in every record, and a system takes no word above about 130,000.

A longer one is named by its file again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what to make (one of these)")
    what.add_argument("--formula", action="append", metavar="F", help="for example C7H10O2; may be repeated")
    what.add_argument("--formulas", type=Path, metavar="FILE", help="a text file with one formula a line")
    what.add_argument("--smiles", metavar="S", help="the composition of this molecule, with its hydrogens")
    what.add_argument("--from-data", action="store_true", help="draw -n formulas as the training data has them")
    parser.add_argument("-n", type=int, default=1, help="structures per formula (default 1)")
    add_scaffold(parser)
    add_recipe(parser)
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument(
        "--batch-size", type=int, default=BATCH_SIZE, help=f"molecules computed together (default {BATCH_SIZE})"
    )
    parser.add_argument(
        "--out", type=Path, action="append", default=[], metavar="FILE", help=f"{' '.join(FORMATS)}; may be repeated"
    )
    parser.add_argument("--trajectory", type=Path, metavar="FILE", help="every step with pseudo-forces, .extxyz")
    parser.add_argument("--json", action="store_true", help="print one JSON object with the summary")
    parser.add_argument("--resume", action="store_true", help="continue a run of the same command that was cut short")


@dataclass(frozen=True)
class _Plan:
    """All that a checked command line asks for."""

    field: Checkpoint
    reference: TrainingReference | None
    recipe: Recipe
    request: GenerationRequest
    outputs: list[Path]
    trajectory: Path | None
    as_json: bool
    journal: Journal | None
    provenance: Provenance


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    recipe = recipe_of(args)
    if args.n < 1:
        raise GpffError(f"-n is {args.n}; ask for at least 1 structure.")
    if args.resume and not args.out:
        raise GpffError("--resume continues the file given by --out, and none was given; add --out FILE.")
    if args.resume and args.trajectory:
        raise GpffError("--resume cannot bring back the steps of molecules already made; leave out --trajectory.")
    for path in args.out:
        format_for(path)
    if args.trajectory is not None and args.trajectory.suffix != ".extxyz":
        raise GpffError(f"A trajectory is written as extended XYZ, but {args.trajectory} does not end in .extxyz.")
    targets = [*args.out, *([args.trajectory] if args.trajectory else [])]
    for path in targets:
        if targets.count(path) > 1:
            raise GpffError(f"{path} is given twice, and one file would overwrite the other; choose another name.")
        _check_writable(path)
    field = checkpoint_of(args)
    reference = load_reference(checkpoint_path(args.checkpoint))
    task = scaffold_of(args)
    starts = _motifs(recipe.prior) if args.start is not None else ()
    _refuse_attachment(args, recipe)
    compositions = _asked_for(args, reference, task, starts)
    if starts:
        recipe = _seen_by(field, recipe)
    check_elements(compositions, field.elements, field.name)
    if task is not None and task.advice:
        tqdm.write(f"gpff_core: {task.advice}", file=sys.stderr)
    scaffold = None if task is None else task.scaffold
    request = GenerationRequest.of(recipe, compositions, batch_size=args.batch_size, scaffold=scaffold)
    provenance = Provenance(
        __version__,
        field.name,
        field.sha256,
        str(request.sampler),
        str(request.prior),
        args.seed,
        request.frozen_atoms,
        _command(args, recipe),
        **_input_files(args),
    )
    journal = _journal(args, request, field)
    plan = _Plan(field, reference, recipe, request, args.out, args.trajectory, args.json, journal, provenance)
    return lambda: _execute(plan)


def _journal(args: argparse.Namespace, request: GenerationRequest, field: Checkpoint) -> Journal | None:
    """Beside the first file that is written; GpffError where one lies there that must not be lost."""
    if not args.out:
        return None
    journal = Journal(args.out[0], request, field.sha256)
    journal.check(resume=args.resume)
    return journal


def _seen_by(field: Checkpoint, recipe: Recipe) -> Recipe:
    """The recipe of a run from structures, with the noise level that the field sees in each."""
    prior = recipe.prior
    assert isinstance(prior, Motif | Motifs)
    seen = tuple(_level_of(field, motif) for motif in _motifs(prior))
    return replace(recipe, prior=Motifs(seen) if isinstance(prior, Motifs) else seen[0])


def _level_of(field: Checkpoint, motif: Motif) -> Motif:
    composition = Composition(motif.numbers)
    check_elements([composition], field.elements, field.name)
    sigma = noise_level_of(field, Structure(composition, np.asarray(motif.positions, np.float32)))
    return replace(motif, own_sigma=round(sigma, 4))


def _motifs(prior: Prior | None) -> tuple[Motif, ...]:
    """The structures that a prior starts from."""
    return prior.motifs if isinstance(prior, Motifs) else (prior,) if isinstance(prior, Motif) else ()


def _refuse_attachment(args: argparse.Namespace, recipe: Recipe) -> None:
    if args.attach is not None and recipe.build_prior().placed:
        raise GpffError(
            "--attach says where a cloud goes that has no place of its own, and this prior has one; leave out "
            "--attach, or choose a prior by --sigma, --shape, --covariance, --like or typical."
        )


def _asked_for(
    args: argparse.Namespace,
    reference: TrainingReference | None,
    task: ScaffoldTask | None,
    starts: tuple[Motif, ...],
) -> list[Composition]:
    """All that is to be made; of several structures to start from, each has its turn -n times.

    Where nothing says what to make, it is more of the same: the structures' own formulas.
    """
    if starts and task is None and not any(getattr(args, name) for name in SOURCES):
        formulas = [Composition(motif.numbers).formula for motif in starts]
        if len(formulas) > 1:
            return [parse_formula(formula) for _ in range(args.n) for formula in formulas]
        args.formula = formulas
    what = _compositions(args, reference) if task is None else _grown(args, task)
    for said in dict.fromkeys(_misfit(motif, composition) for composition in what for motif in starts):
        if said:
            tqdm.write(f"gpff_core: {said}", file=sys.stderr)
    return [composition for composition in what for _ in starts or [None]]


def _misfit(motif: Motif, composition: Composition) -> str:
    """Which atoms have no counterpart in a structure and a molecule that starts from it; "" if all have one."""
    given, made = Composition(motif.numbers).formula, composition.formula
    n_placed = (Counter(motif.numbers) & Counter(composition.numbers)).total()
    n_new, n_left = len(composition) - n_placed, len(motif.numbers) - n_placed
    new = f"{made} has atoms without a place in {given} ({n_new}), which start around its centre; a ladder of "
    words = [new + "noise levels moves them far enough only with --sigma 1.5 or more"] if n_new else []
    words += [f"{given} has atoms that {made} leaves out ({n_left})"] if n_left else []
    return "; ".join(words) + ("." if words else "")


def _compositions(args: argparse.Namespace, reference: TrainingReference | None) -> list[Composition]:
    given = [name for name in SOURCES if getattr(args, name) not in (None, False)]
    if len(given) != 1:
        raise GpffError(
            "Say what to make by exactly one of --formula, --formulas, --smiles and --from-data, "
            "or by --start FILE alone."
        )
    if args.from_data:
        if reference is None:
            raise GpffError(
                f"The checkpoint {args.checkpoint} has no training reference to draw formulas from; give --formula."
            )
        return reference.draw_formulas(args.n, np.random.default_rng(args.seed))
    if args.smiles is not None:
        formulas = [composition_from_smiles(args.smiles)]
    elif args.formulas:
        formulas = _read_formulas(args.formulas)
    else:
        formulas = [parse_formula(formula) for formula in args.formula]
    for composition in {composition.formula: composition for composition in formulas}.values():
        if problem := closed_shell_problem(composition):
            tqdm.write(f"gpff_core: {problem}", file=sys.stderr)
    return [composition for composition in formulas for _ in range(args.n)]


def _grown(args: argparse.Namespace, task: ScaffoldTask) -> list[Composition]:
    if args.formulas or args.smiles or args.from_data:
        raise GpffError("A scaffold is grown to one --formula, or by --add; leave out the other sources of formulas.")
    return [task.composition] * args.n


def _read_formulas(path: Path) -> list[Composition]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GpffError(f"{path} could not be read as a text file ({error}); give one formula a line.") from error
    formulas = [formula for line in lines if (formula := line.partition("#")[0].strip())]
    if not formulas:
        raise GpffError(f"{path} holds no formulas; give one a line, for example C7H10O2.")
    return [parse_formula(formula) for formula in formulas]


def _check_writable(path: Path) -> None:
    """Refuse a place that cannot be written to before hours are spent on what should go there."""
    probe = path.with_name(f".{path.name}.probe")
    try:
        probe.touch()
        probe.unlink()
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
    except OSError as error:
        raise GpffError(
            f"{path} cannot be written ({error.strerror}); choose a folder that exists and that you may write to."
        ) from error


def _execute(plan: _Plan) -> int:
    began = time.monotonic()
    journal, samples = plan.journal, list[Sample]()
    if journal is not None and not (samples := journal.finished(plan.reference)):
        journal.begin()
    frames = _Frames() if plan.trajectory is not None else None
    cut_short: KeyboardInterrupt | GpffError | None = None
    try:
        _run(plan, samples, frames, journal)
    except (KeyboardInterrupt, GpffError) as reason:
        cut_short = reason
    samples.sort(key=lambda sample: sample.index)
    reports = [write_samples(path, samples, plan.provenance) for path in plan.outputs]
    if plan.trajectory is not None and frames is not None:
        write_trajectory(plan.trajectory, frames.collected, plan.provenance)
    for report in reports:
        left_out = f", {report.n_left_out} left out because they are not valid" if report.n_left_out else ""
        tqdm.write(f"{report.path}: {report.n_written} structures{left_out}", file=sys.stderr)
    _report(plan, samples, time.monotonic() - began)
    if isinstance(cut_short, GpffError):
        raise cut_short  # what was finished is kept all the same
    if cut_short is not None:
        can_resume = journal is not None and frames is None
        how = "; the same command with --resume makes the rest" if can_resume else ""
        tqdm.write(
            f"gpff_core: stopped after {len(samples)} of {len(plan.request.compositions)}{how}.", file=sys.stderr
        )
        return 1
    if journal is not None:
        journal.remove()
    return 0


def _run(plan: _Plan, samples: list[Sample], frames: "_Frames | None", journal: Journal | None) -> None:
    done = {sample.index for sample in samples}
    left = [i for i in range(len(plan.request.compositions)) if i not in done]
    if not left:
        return
    request = replace(plan.request, compositions=tuple(plan.request.compositions[i] for i in left), places=tuple(left))
    with tqdm(total=len(left), unit="molecule", disable=None, leave=False) as bar:
        for event in generate(plan.field, request, plan.reference):
            if isinstance(event, BatchFinished):
                samples.extend(event.samples)
                if journal is not None:
                    journal.append(event.samples)
                bar.update(len(event.samples))
                if frames is not None:
                    frames.extend(arrival(plan.field, event.last), final=True)
                continue
            bar.set_postfix_str(f"step {event.step.index + 1}/{event.step.n_steps}")
            if frames is not None:
                frames.extend(event)


class _Frames:
    """Trajectory frames of all molecules; one that has stopped by itself adds no more, save its result."""

    def __init__(self) -> None:
        self.collected: list[TrajectoryFrame] = []
        self._calls: dict[int, int] = {}

    def extend(self, taken: StepTaken, *, final: bool = False) -> None:
        step = taken.step
        positions, forces = (taken.batch.split(values.cpu()) for values in (step.x, step.force))
        for m, (place, composition) in enumerate(zip(taken.places, taken.compositions, strict=True)):
            n_calls = int(step.n_evaluations[m])
            if not final and n_calls == self._calls.get(place):
                continue
            self._calls[place] = n_calls
            frame = TrajectoryFrame(
                place, step.index, composition, positions[m].numpy(), forces[m].numpy(), float(step.sigma[m]), n_calls
            )
            self.collected.append(frame)


def _report(plan: _Plan, samples: list[Sample], seconds: float) -> None:
    summary = quality(samples)
    n_calls = sum(sample.n_evaluations for sample in samples)
    if plan.as_json:
        print(json.dumps(_summary(plan, samples, summary, n_calls, seconds), indent=1))
        return
    if not plan.outputs:
        for sample in samples:
            print(f"{sample.index}\t{sample.composition.formula}\t{_outcome(sample)}")
    print(
        f"valid {summary.valid.count} of {summary.valid.total} ({summary.valid}), "
        f"distinct {summary.unique.count}, novel {_novel(summary)}{_kept(samples)}; "
        f"{n_calls} network calls, {seconds:.1f} s on {torch.get_num_threads()} threads"
    )


def _novel(summary: Quality) -> str:
    """How many are new; among how many, where it is not known of all."""
    known = summary.novel.total
    if not known and summary.unique.total:
        return "not known (the checkpoint has no training reference)"
    return str(summary.novel.count) if known == summary.unique.total else f"{summary.novel.count} of {known}"


def _kept(samples: list[Sample]) -> str:
    """How many are valid and kept their scaffold, where there was one."""
    with_scaffold = [sample for sample in samples if sample.scaffold]
    n_kept = sum(sample.scaffold == "kept" for sample in with_scaffold)
    return f", scaffold kept by {n_kept} of {len(with_scaffold)}" if with_scaffold else ""


def _outcome(sample: Sample) -> str:
    if not sample.verdict.valid:
        return f"not valid: {sample.verdict.reason}"
    fate = f"\tscaffold lost: {sample.scaffold}" if sample.lost_scaffold else ""
    return f"{sample.verdict.smiles}\t{sample.novelty}{fate}"


def _summary(plan: _Plan, samples: list[Sample], q: Quality, n_calls: int, seconds: float) -> dict[str, object]:
    return {
        "requested": len(plan.request.compositions),
        "finished": len(samples),
        "valid": q.valid.count,
        "valid_share": q.valid.value,
        "valid_error": q.valid.error,
        "unique": q.unique.count,
        "novel": q.novel.count if q.novel.total or not q.unique.total else None,
        "scaffold_kept": sum(sample.scaffold == "kept" for sample in samples),
        "network_calls": n_calls,
        "seconds": round(seconds, 3),
        "provenance": plan.provenance.as_dict(),
        "structures": [sample.facts() for sample in samples],
    }


def _input_files(args: argparse.Namespace) -> dict[str, InputFile]:
    """The texts among the files that the command reads: a structure, the description of a prior."""
    paths = {"scaffold_file": args.scaffold, "prior_file": Path(args.prior) if args.prior else None}
    found = {}
    for name, path in paths.items():
        with suppress(OSError, UnicodeDecodeError):  # JSON or a name in place of a path, or no text
            if path is not None and path.is_file() and path.stat().st_size <= LARGEST_INPUT:
                found[name] = InputFile(path.name, path.read_text(encoding="utf-8"))
    return found


def _command(args: argparse.Namespace, recipe: Recipe) -> str:
    """The command that makes the same molecules again."""
    words = ["python", "-m", "gpff_core", "sample"]
    for formula in args.formula or []:
        words += ["--formula", formula]
    if args.formulas:
        words += ["--formulas", str(args.formulas)]
    if args.smiles:
        words += ["--smiles", args.smiles]
    if args.from_data:
        words += ["--from-data"]
    for name in ("scaffold", *DETAILS):
        if getattr(args, name) is not None:
            words += [f"--{name}={getattr(args, name)}"]
    if isinstance(recipe.prior, Motifs) or sum(map(len, recipe.options())) > LONGEST_PRIOR:
        recipe = replace(recipe, prior=None)
        words += words_for(args)
    words += ["-n", str(args.n), *recipe.options(), "--checkpoint", args.checkpoint]
    if args.batch_size != BATCH_SIZE:  # rounding differs from one to another, and reheating may follow it elsewhere
        words += ["--batch-size", str(args.batch_size)]
    return shlex.join(words)
