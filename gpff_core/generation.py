"""Formulas in, molecules out: the one run that the command line, the app and the benchmarks share.

A run is an iterator of events. Molecule i of a request depends only on the request's seed, i, its composition, prior
and sampler: not on the batch it is computed in, nor on what else was asked for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty, TrainingReference
from gpff_core.chemistry.scaffolds import loss_of_scaffold
from gpff_core.chemistry.verdicts import Verdict, verdict
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force
from gpff_core.formats.structures import Structure
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path, reference_path
from gpff_core.noise import Noise
from gpff_core.priors import Prior
from gpff_core.recipe import PRESETS, Recipe
from gpff_core.samplers import AnySampler, Reheated, Step
from gpff_core.samplers.step import predict
from gpff_core.samples import Sample
from gpff_core.scaffold import Scaffold


@dataclass(frozen=True)
class GenerationRequest:
    """What to make and how; `places` are the molecules' numbers in the whole request, counted from 0 by default.

    With a `scaffold` every composition begins with its atoms. A `Reheated` sampler goes on with what is not valid, or
    has lost the scaffold.
    """

    compositions: tuple[Composition, ...]
    prior: Prior
    sampler: AnySampler
    seed: int = 0
    batch_size: int = 64
    places: tuple[int, ...] = ()
    scaffold: Scaffold | None = None

    def __post_init__(self) -> None:
        if not self.compositions:
            raise GpffError("Nothing was asked for; give at least one formula.")
        if self.batch_size < 1:
            raise GpffError(f"A batch of {self.batch_size} molecules is empty; give at least 1.")
        if self.seed < 0:
            raise GpffError(f"The seed is {self.seed}; it must be 0 or a positive whole number.")
        given = self.scaffold.composition.numbers if self.scaffold else ()
        if any(composition.numbers[: len(given)] != given for composition in self.compositions):
            raise GpffError("A molecule to make does not begin with the scaffold's atoms; use Scaffold.grown_by.")
        if not self.places:
            object.__setattr__(self, "places", tuple(range(len(self.compositions))))

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        compositions: Sequence[Composition],
        *,
        batch_size: int = 64,
        scaffold: Scaffold | None = None,
    ) -> Self:
        """What a recipe makes of compositions; builds, and so validates, its prior and sampler."""
        prior, sampler = recipe.build_prior(), recipe.build_sampler()
        return cls(tuple(compositions), prior, sampler, recipe.seed, batch_size, scaffold=scaffold)

    @property
    def frozen_atoms(self) -> tuple[int, ...]:
        """Atoms of every molecule that do not move, counted from 0."""
        return tuple(range(len(self.scaffold))) if self.scaffold is not None and self.scaffold.is_frozen else ()

    def batch(self, compositions: Sequence[Composition], device: torch.device | str) -> AtomBatch:
        """Some of the molecules as one batch, with the scaffold's atoms pinned."""
        if self.scaffold is None:
            return AtomBatch.from_compositions(compositions, device)
        return self.scaffold.batch(compositions, device)

    def start(self, batch: AtomBatch, noise: Noise) -> Tensor:
        """Where the atoms of a batch start (A, 3), in Å."""
        cloud = self.prior.sample(batch, noise)
        return cloud if self.scaffold is None else self.scaffold.start(cloud, batch, placed=self.prior.placed)

    def accepts(self, batch: AtomBatch, positions: Tensor) -> Tensor:
        """True (M,) where positions (A, 3) in Å are a valid molecule that kept the scaffold, if there is one."""
        structures = zip(batch.split(batch.numbers), batch.split(positions), strict=True)
        fates = [self._accepts(numbers.tolist(), x.cpu().numpy()) for numbers, x in structures]
        return torch.tensor(fates, device=positions.device)

    def _accepts(self, numbers: Sequence[int], positions: NDArray[np.float32]) -> bool:
        opinion = _opinion(numbers, positions)
        return opinion.valid and not (self.scaffold is not None and loss_of_scaffold(self.scaffold, opinion))


@dataclass(frozen=True, eq=False)
class StepTaken:
    """One step of one batch; `places` says which molecules of the request its M molecules are."""

    places: tuple[int, ...]
    compositions: tuple[Composition, ...]
    batch: AtomBatch
    step: Step


@dataclass(frozen=True, eq=False)
class BatchFinished:
    """The molecules of one batch, judged, and the last step that led to them."""

    samples: tuple[Sample, ...]
    last: StepTaken


def generate(
    field: Checkpoint, request: GenerationRequest, reference: TrainingReference | None = None
) -> Iterator[StepTaken | BatchFinished]:
    """Run a request batch by batch, smallest molecules first; stop iterating to stop the run."""
    check_elements(request.compositions, field.elements, field.name)
    order = sorted(range(len(request.compositions)), key=lambda i: (len(request.compositions[i]), i))
    for first in range(0, len(order), request.batch_size):
        chosen = order[first : first + request.batch_size]
        taken = None
        for taken in _run(field, request, chosen):
            yield taken
        if taken is not None:
            yield BatchFinished(judge(taken, reference, request.scaffold), taken)


@torch.inference_mode()
def _next(steps: Iterator[Step]) -> Step | None:
    """Advance without autograd; a generator must not hold the mode across a yield, so it is entered step by step."""
    return next(steps, None)


def _run(field: Checkpoint, request: GenerationRequest, chosen: list[int]) -> Iterator[StepTaken]:
    compositions = tuple(request.compositions[i] for i in chosen)
    places = tuple(request.places[i] for i in chosen)
    batch = request.batch(compositions, field.device)
    noise = Noise(request.seed, places)
    sampler, given = request.sampler, (request.prior.guide(field), request.start(batch, noise), batch, noise)
    steps = sampler.steps(*given, request.accepts) if isinstance(sampler, Reheated) else sampler.steps(*given)
    while (step := _next(steps)) is not None:
        yield StepTaken(places, compositions, batch, step)


@torch.inference_mode()
def arrival(field: Checkpoint, last: StepTaken) -> StepTaken:
    """One more look, at the result itself: the pseudo-forces and σ̂ that are left on it.

    For trajectories, whose last frame should be the molecule; this call is not counted among the run's.
    """
    x = last.step.x0_hat
    x0_hat = predict(field, x, last.batch)
    sigma = field.noise_level(pseudo_force(x, x0_hat), last.batch)
    step = replace(last.step, index=last.step.index + 1, x=x, x0_hat=x0_hat, sigma=sigma)
    return replace(last, step=step)


def judge(
    taken: StepTaken, reference: TrainingReference | None = None, scaffold: Scaffold | None = None
) -> tuple[Sample, ...]:
    """The molecules as they stand after a step: the predicted equilibria, judged.

    After the last step these are the run's results; after an earlier one, what a stopped run leaves.
    """
    positions = taken.batch.split(taken.step.x0_hat.cpu())
    n_calls = taken.step.n_evaluations.tolist()
    return tuple(
        judged(place, composition, x.numpy(), calls, reference, scaffold)
        for place, composition, x, calls in zip(taken.places, taken.compositions, positions, n_calls, strict=True)
    )


def judged(
    place: int,
    composition: Composition,
    positions: NDArray[np.float32],
    n_calls: int,
    reference: TrainingReference | None,
    scaffold: Scaffold | None,
) -> Sample:
    """One structure with its verdict, its novelty and whether it kept the scaffold it was grown on."""
    opinion = _opinion(composition.numbers, positions)
    novelty = reference.novelty(opinion) if reference is not None else Novelty.UNDETERMINED
    fate = "" if scaffold is None else (loss_of_scaffold(scaffold, opinion) or "kept")
    return Sample(place, composition, positions, opinion, novelty, n_calls, fate)


def _opinion(numbers: Sequence[int], positions: NDArray[np.float32]) -> Verdict:
    """The verdict, once for every structure: what reheating asked about last is what the run will be judged by."""
    return _remembered(tuple(numbers), positions.tobytes(), positions.dtype)


@lru_cache(maxsize=1024)
def _remembered(numbers: tuple[int, ...], positions: bytes, dtype: np.dtype[Any]) -> Verdict:
    # All who ask are given the same verdict: its molecule is to be looked at, never changed.
    return verdict(numbers, np.frombuffer(positions, dtype).reshape(-1, 3))


def generate_molecules(
    formula: str, n: int = 1, recipe: Recipe | None = None, checkpoint: str = DEFAULT_CHECKPOINT
) -> list[Sample]:
    """The short way: `n` judged molecules of one formula from a shipped checkpoint, by default with the best preset."""
    recipe = PRESETS["best"] if recipe is None else recipe
    path = checkpoint_path(checkpoint)
    request = GenerationRequest.of(recipe, [parse_formula(formula)] * n)
    return samples_of(generate(load_checkpoint(path), request, load_reference(path)))


@torch.inference_mode()
def noise_level_of(field: Checkpoint, structure: Structure) -> float:
    """σ̂ (Å) of a structure as it is, by one network call."""
    batch = AtomBatch.from_compositions([structure.composition], field.device)
    force = field(torch.tensor(structure.positions, device=field.device), batch)
    return float(field.noise_level(force, batch))


def load_reference(checkpoint: Path) -> TrainingReference | None:
    """The training reference that lies beside a checkpoint, if one does; without it novelty is undetermined."""
    path = reference_path(checkpoint)
    return TrainingReference.load(path) if path.is_file() else None


def samples_of(
    events: Iterator[StepTaken | BatchFinished], watch: Callable[[StepTaken], None] | None = None
) -> list[Sample]:
    """Run to the end and return the molecules in the order of the request; `watch` sees every step."""
    samples: list[Sample] = []
    for event in events:
        if isinstance(event, BatchFinished):
            samples.extend(event.samples)
        elif watch is not None:
            watch(event)
    return sorted(samples, key=lambda sample: sample.index)
