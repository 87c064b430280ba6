"""`bench ablations`: what the parts of the method are worth."""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from tqdm import tqdm

from gpff_core.cli.bench.held_out import dataset, drawn_structures
from gpff_core.cli.bench.report import Result, counted_cell, heading, table
from gpff_core.cli.bench.results import collect, origin, save, weights
from gpff_core.cli.options import add_checkpoint, add_device, checkpoint_of
from gpff_core.errors import GpffError
from gpff_core.learning.ablations import (
    BATCH_SIZE,
    N_CALLS,
    N_SAMPLING,
    SMALL,
    VARIATIONS,
    AblationPoint,
    ablate_sampling,
    judge,
    training_of,
)
from gpff_core.molecules import Composition

ERRORS_SHOWN: Final = ("0.1", "0.4", "1.6", "10")
"""Of the noise levels that are in the JSON."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_checkpoint(parser)
    add_device(parser)
    parser.add_argument("-n", type=int, default=200, help="test formulas, one structure each (default 200)")
    parser.add_argument("--steps", type=int, default=1500, help="training of every small network (default 1500)")
    parser.add_argument("--scaffolds", type=int, default=10, help="structures of every scaffold case (default 10)")
    parser.add_argument("--seed", type=int, default=0)


def prepare(args: argparse.Namespace) -> Callable[[], int]:
    for name in ("steps", "scaffolds"):
        if getattr(args, name) < 1:
            raise GpffError(f"--{name} is {getattr(args, name)}; give 1 or more, or leave it out.")
    field = checkpoint_of(args)
    compositions = [structure.composition for structure in drawn_structures(field, args.n, args.seed)]

    def work() -> int:
        measuring = chain(ablate_sampling(field, compositions, args.seed), _trained(compositions, args))
        found = collect(measuring, N_SAMPLING + len(VARIATIONS), "variant", _line)
        points = [point.as_dict() for point in found.items]
        measured = {"n": args.n, "steps": args.steps, "scaffolds": args.scaffolds, "complete": found.complete}
        facts = origin(args, "n", "steps", "scaffolds", "seed") | weights(field) | measured
        save(args.docs, "ablations", facts | {"points": points})
        return 0 if found.complete else 1

    return work


def _trained(compositions: Sequence[Composition], args: argparse.Namespace) -> Iterator[AblationPoint]:
    for variation in VARIATIONS:
        with tempfile.TemporaryDirectory() as folder:
            run = training_of(variation, dataset(), Path(folder), args.steps, args.seed)
            name = f"{variation.part}, {variation.variant}"
            *_, last = tqdm(run.steps(), total=args.steps, desc=name, unit="step", disable=None, leave=False)
            yield judge(variation, run, last.validation, dataset(), compositions, args.scaffolds, args.seed)


def _line(point: AblationPoint) -> str:
    kept = "" if point.kept is None else f", scaffolds kept {point.kept}"
    return f"{point.part}, {point.variant}: {point.calls:.1f} calls, valid {point.valid}{kept}"


def section(result: Result) -> str:
    points: Sequence[Result] = result["points"]
    sampled = [point for point in points if point["kept"] is None]
    trained = [point for point in points if point["kept"] is not None]
    lines = [
        *heading("What the parts are worth", result),
        f"One structure for each of {result['n']} formulas drawn from the test split, with at most {N_CALLS} calls and "
        "each sampler's other settings as usual. ± is one binomial standard error.",
        "",
        *table(["part", "variant", "calls used (mean)", "valid"], map(_sampled_row, sampled)),
    ]
    if trained:
        sizes = ", ".join(f"{name} {size}" for name, size in SMALL.items())
        lines += [
            f"What has to be trained, on small networks ({sizes}): {result['steps']} steps of {BATCH_SIZE} structures, "
            "the same for all, which is far from enough for any of them. Direct denoising. Kept: of the cases of "
            f"frozen scaffolds, {result['scaffolds']} structures each, those that are valid with their scaffold in "
            "them. Error: root mean square, of a coordinate of held-out structures that were noised by σ.",
            "",
            *table(
                [
                    "part",
                    "variant",
                    "parameters",
                    *(f"error at σ {sigma} Å" for sigma in ERRORS_SHOWN),
                    "valid",
                    "scaffolds kept",
                ],
                map(_trained_row, trained),
            ),
        ]
    return "\n".join(lines)


def _sampled_row(point: Result) -> list[str]:
    return [point["part"], point["variant"], f"{point['calls']:.1f}", counted_cell(point["valid"])]


def _trained_row(point: Result) -> list[str]:
    errors = (f"{point['errors'][sigma]:.3f} Å" for sigma in ERRORS_SHOWN)
    shares = (counted_cell(point[name]) for name in ("valid", "kept"))
    return [point["part"], point["variant"], f"{point['n_parameters']:,}", *errors, *shares]
