"""Several schedules run from the same seeds, one after another, as one task of the job queue.

The seeds are the outer loop: a comparison that is stopped has compared all schedules on the seeds it finished.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from time import perf_counter
from typing import Final

import numpy as np
import torch

from gpff_app.noise_lab.ideal import IdealWalk, Levels, ideal_walk
from gpff_app.noise_lab.schedules import LETTERS, Schedule
from gpff_app.noise_lab.significance import Paired, holm
from gpff_app.recording import Recording, Track
from gpff_app.run import Order, Run
from gpff_app.settings import settings
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.evaluation.metrics import Fraction, quality
from gpff_core.field import PseudoForceField
from gpff_core.generation import BatchFinished
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.samples import Sample

MAX_SEEDS: Final = 16


@dataclass(frozen=True)
class Plan:
    """What is to be compared, checked as a whole; GpffError says what does not fit.

    Every schedule makes `n_molecules` with each of `n_seeds` seeds, counted up from `seed`.
    """

    schedules: tuple[Schedule, ...]
    composition: Composition
    n_molecules: int
    seed: int
    n_seeds: int
    checkpoint: str

    def __post_init__(self) -> None:
        if not 1 <= self.n_seeds <= MAX_SEEDS:
            raise GpffError(f"{self.n_seeds} seeds were asked for; give 1 to {MAX_SEEDS}.")
        size = self.n_seeds * sum(self.order(place, self.seed).n_atom_frames for place in range(len(self.schedules)))
        if size > settings().max_atom_frames:
            raise GpffError(
                f"{len(self.schedules)} schedules, {self.n_seeds} seeds and {self.n_molecules} molecules of "
                f"{len(self.composition)} atoms are more than the page holds; ask for fewer molecules, seeds or steps."
            )

    @property
    def seeds(self) -> range:
        return range(self.seed, self.seed + self.n_seeds)

    def order(self, place: int, seed: int) -> Order:
        """What one schedule makes with one seed; an error names the schedule it is about."""
        try:
            return Order(self.composition, self.n_molecules, self.schedules[place].recipe(seed), self.checkpoint)
        except GpffError as error:
            raise GpffError(f"{LETTERS[place]}: {error}") from error


@dataclass(eq=False)
class Leg:
    """One schedule with one seed: its run, and once it has `finished`, σ̂ (M, T) in Å of each molecule and frame.

    `seconds` were spent in its steps, without judging its molecules; `problem` says why it could not go on.
    """

    place: int
    seed: int
    run: Run
    seconds: float = 0.0
    finished: bool = False
    problem: str = ""
    levels: Levels | None = None


class Comparison:
    """A task for the job queue; other threads may read it while it grows."""

    def __init__(self, plan: Plan, field: Checkpoint, reference: TrainingReference | None) -> None:
        self.plan = plan
        self.walks: list[IdealWalk] = [ideal_walk(schedule.recipe()) for schedule in plan.schedules]
        self.legs = [
            Leg(place, seed, Run(plan.order(place, seed), field, reference))
            for seed in plan.seeds
            for place in range(len(plan.schedules))
        ]
        self.current: Leg | None = None
        self._field = field

    @property
    def progress(self) -> float:
        """Share of the steps done, 0 to 1."""
        shares = [1.0 if leg.finished or leg.problem else leg.run.progress for leg in self.legs]
        weights = [self.walks[leg.place].most_calls for leg in self.legs]
        return float(np.average(shares, weights=weights))

    def steps(self) -> Iterator[object]:
        """Run leg after leg. One that fails says why, and the others go on."""
        for leg in self.legs:
            self.current = leg
            try:
                yield from self._timed(leg)
            except GpffError as error:
                leg.problem = str(error)
                continue
            leg.levels = measured_levels(leg.run.recording, self._field)
            leg.finished = True
        self.current = None

    def keep(self) -> None:
        """What is finished stays; the leg that was going on shows how far it came, and is not counted."""
        if self.current is not None:
            self.current.run.keep()
            self.current.problem = "it was stopped before its end, and is not counted"

    def _timed(self, leg: Leg) -> Iterator[object]:
        """The steps of a leg with the time they take, though other jobs run in between."""
        steps = leg.run.steps()
        while True:
            began = perf_counter()
            event = next(steps, None)
            if event is None:
                return
            if not isinstance(event, BatchFinished):
                leg.seconds += perf_counter() - began
            yield event

    def legs_of(self, place: int) -> list[Leg]:
        """Those of a schedule that came to their end, in the order of the seeds."""
        return [leg for leg in self.legs if leg.place == place and leg.finished]

    def samples_of(self, place: int) -> dict[tuple[int, int], Sample]:
        """The molecules of a schedule by (seed, place in the run)."""
        return {(leg.seed, sample.index): sample for leg in self.legs_of(place) for sample in leg.run.samples}

    def score(self, place: int) -> "Score":
        """How a schedule did."""
        legs, samples = self.legs_of(place), list(self.samples_of(place).values())
        found = quality(samples)
        calls = fmean(sample.n_evaluations for sample in samples) if samples else 0.0
        return Score(found.valid, found.unique, found.novel, calls, sum(leg.seconds for leg in legs))

    def levels_of(self, place: int) -> Levels:
        """σ̂ (M, T) in Å of all finished molecules of a schedule; NaN where one was at rest, or its run had ended."""
        found = [leg.levels for leg in self.legs_of(place) if leg.levels is not None]
        if not found:
            return np.full((0, 0), np.nan)
        longest = max(levels.shape[1] for levels in found)
        padded = [np.pad(x, ((0, 0), (0, longest - x.shape[1])), constant_values=np.nan) for x in found]
        return np.concatenate(padded)

    def contests(self) -> list["Contest"]:
        """Every two schedules on the seeds both finished, corrected for being several."""
        found = []
        for first, second in combinations(range(len(self.plan.schedules)), 2):
            a, b = self.samples_of(first), self.samples_of(second)
            shared = sorted(a.keys() & b.keys())
            if shared:
                pairs = Paired.of([a[k].verdict.valid for k in shared], [b[k].verdict.valid for k in shared])
                found.append((first, second, pairs))
        corrected = holm([pairs.p_value for _, _, pairs in found])
        return [Contest(*contest, p_value) for contest, p_value in zip(found, corrected, strict=True)]


@dataclass(frozen=True)
class Score:
    """How a schedule did: `calls` a molecule on average, `seconds` in all its steps together."""

    valid: Fraction
    unique: Fraction
    novel: Fraction
    calls: float
    seconds: float


@dataclass(frozen=True)
class Contest:
    """Two schedules (their places) on the same seeds; `p_value` is corrected for the number of contests."""

    first: int
    second: int
    pairs: Paired
    p_value: float


def measured_levels(recording: Recording, field: PseudoForceField) -> Levels:
    """σ̂ (M, T) in Å of every molecule in every frame of a recording, from the pseudo-forces; NaN where one rests."""
    levels = np.full((len(recording.molecules), recording.n_frames), np.nan)
    for track in recording.tracks:
        levels[list(track.molecules), : len(track.frames)] = _track_levels(track, recording.molecules, field)
    return levels


@torch.inference_mode()
def _track_levels(track: Track, molecules: Sequence[Sequence[str]], field: PseudoForceField) -> Levels:
    """σ̂ (m, t) of the m molecules of a track."""
    sizes = torch.tensor([len(molecules[m]) for m in track.molecules])
    n_frames, n_atoms = len(track.frames), int(sizes.sum())
    each = torch.repeat_interleave(torch.arange(len(sizes) * n_frames), sizes.repeat(n_frames))
    batch = AtomBatch(torch.ones(n_frames * n_atoms, dtype=torch.long), each)
    forces = torch.from_numpy(np.concatenate([frame.forces for frame in track.frames]))
    sigma = field.noise_level(forces, batch)
    resting = batch.total(forces.abs().sum(-1)) == 0
    levels: Levels = sigma.masked_fill(resting, torch.nan).view(n_frames, len(sizes)).T.double().numpy()
    return levels
