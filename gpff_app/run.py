"""One press of Generate: what was asked for, the frames so far, and the molecules it led to."""

import logging
import math
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from gpff_app.recording import Frame, Recording
from gpff_app.reproduce import command_line, input_files, python_code
from gpff_app.scaffold_order import ScaffoldOrder
from gpff_app.settings import settings
from gpff_core import __version__
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.generation import BatchFinished, GenerationRequest, StepTaken, arrival, generate, judge
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS
from gpff_core.samples import Sample

logger = logging.getLogger(__name__)

Archive = Callable[[Sequence[Sample], Provenance, str], None]
"""Where finished molecules go: samples, how they were made, and the identifier of the run."""


@dataclass(frozen=True)
class Order:
    """What a page asks for, checked as a whole; GpffError says what does not fit.

    `composition` is the whole molecule; with a `scaffold` it is that scaffold's `whole()`.
    """

    composition: Composition
    n_molecules: int
    recipe: Recipe
    checkpoint: str
    scaffold: ScaffoldOrder | None = None

    def __post_init__(self) -> None:
        limits = settings()
        if not 1 <= self.n_molecules <= limits.max_molecules:
            raise GpffError(
                f"{self.n_molecules} molecules were asked for; the page makes 1 to {limits.max_molecules} at once; "
                "the command line makes any number."
            )
        if self.n_atom_frames > limits.max_atom_frames:
            raise GpffError(
                f"{self.n_molecules} molecules of {len(self.composition)} atoms over {self.recipe.most_steps} steps "
                "are more than the page can show; ask for fewer molecules or steps, or use the command line."
            )
        self.request()

    @property
    def n_atom_frames(self) -> int:
        """Atoms × steps: what a recording of it costs."""
        return self.n_molecules * len(self.composition) * self.recipe.most_steps

    def request(self) -> GenerationRequest:
        """The same for the library; builds, and so validates, prior and sampler."""
        scaffold = None if self.scaffold is None else self.scaffold.scaffold()
        return GenerationRequest.of(self.recipe, [self.composition] * self.n_molecules, scaffold=scaffold)

    def command(self) -> str:
        """The command line that makes the same molecules; the files it reads must lie beside it."""
        return command_line(self)

    def python(self) -> str:
        """Python code that makes the same molecules; the files it reads must lie beside it."""
        return python_code(self)


class Run:
    """A task for the job queue; other threads may read it while it grows.

    `archive`, if set, is handed the molecules once, at the end, and of a run that was stopped only the valid ones;
    `archive_problem` says why it did not take them. `stopped_at` is the number of steps done when it was stopped;
    then `provenance` says so and has no command, because none makes such molecules again.
    """

    def __init__(self, order: Order, field: Checkpoint, reference: TrainingReference | None) -> None:
        self.order = order
        self.request = order.request()
        self.recording = Recording(
            run=uuid.uuid4().hex,
            molecules=[composition.symbols for composition in self.request.compositions],
            n_expected=order.recipe.most_steps + 1,
        )
        self.samples: list[Sample] = []
        self.archive: Archive | None = None
        self.archive_problem = ""
        self.stopped_at: int | None = None
        self.provenance = Provenance(
            __version__,
            field.name,
            field.sha256,
            str(self.request.sampler),
            str(self.request.prior),
            self.request.seed,
            self.request.frozen_atoms,
            command=order.command(),
            **input_files(order),
        )
        self._field = field
        self._reference = reference
        self._last: StepTaken | None = None

    @property
    def progress(self) -> float:
        """Share of the sampler's steps done, 0 to 1; how many rounds of reheating will follow, nobody knows."""
        return min(1.0, self.recording.n_frames / self.order.recipe.n_steps)

    @property
    def unfinished(self) -> frozenset[int]:
        """Places of the molecules that had not become valid when the run was stopped."""
        left = (sample.index for sample in self.samples if not sample.verdict.valid)
        return frozenset(left) if self.stopped_at is not None else frozenset()

    def steps(self) -> Iterator[object]:
        """Generate, recording every step."""
        torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))  # one core is for the pages; counts for this thread
        for event in generate(self._field, self.request, self._reference):
            if isinstance(event, BatchFinished):
                self._finish(event.samples, event.last)
            else:
                self._last = event
                self._record(event)
            yield event
        self._put_away()

    def keep(self) -> None:
        """Judge the molecules as they stand; before the first step there are none."""
        if len(self.samples) < self.order.n_molecules:  # or the stop came when all was done
            self._mark_stopped(self.recording.n_frames)
        if self._last is not None:
            self._finish(judge(self._last, self._reference, self.request.scaffold), self._last)
        self._put_away()

    def _mark_stopped(self, at: int) -> None:
        self.stopped_at = at
        sampler = f"{self.provenance.sampler}, stopped at {place_in(self.order.recipe, at)}"
        self.provenance = _without_command(replace(self.provenance, sampler=sampler))

    def _finish(self, samples: tuple[Sample, ...], last: StepTaken) -> None:
        self._record(arrival(self._field, last))
        self._last = None
        self.samples = sorted([*self.samples, *samples], key=lambda sample: sample.index)

    def restore(
        self, samples: Sequence[Sample], stopped_at: int | None = None, made_by: Mapping[str, str] | None = None
    ) -> None:
        """Take the molecules of an earlier run instead of generating: their last frame is all there is of the film.

        `made_by` is what its provenance said of `version` and `checkpoint_sha256`. Where that is not what is here now,
        the provenance has no command: here it would make others.
        """
        self.samples = list(samples)
        now, then = self.provenance, made_by or {}
        version, weights = then.get("version", now.version), then.get("checkpoint_sha256", now.checkpoint_sha256)
        if (version, weights) != (now.version, now.checkpoint_sha256):
            self.provenance = _without_command(replace(now, version=version, checkpoint_sha256=weights))
        if stopped_at is not None:
            self._mark_stopped(stopped_at)
        for sample in samples:
            forces = np.zeros_like(sample.positions)
            self.recording.add((sample.index,), Frame(sample.positions, forces, np.zeros(1, np.float32)))

    def _put_away(self) -> None:
        # Of a stopped run the rest is not failed but unfinished, and nothing to keep.
        samples = [one for one in self.samples if one.verdict.valid] if self.stopped_at is not None else self.samples
        if self.archive is None or not samples:
            return
        try:
            self.archive(samples, self.provenance, self.recording.run)
        except GpffError as error:  # the molecules are on the page; that they are not kept is said there
            self.archive_problem = str(error)
            logger.warning("a run was not kept: %s", error)

    def _record(self, taken: StepTaken) -> None:
        step = taken.step
        self.recording.add(taken.places, Frame(_floats(step.x), _floats(step.force), _floats(step.sigma)))


def _without_command(provenance: Provenance) -> Provenance:
    return replace(provenance, command="", scaffold_file=None, prior_file=None)


def place_in(recipe: Recipe, n_done: int) -> str:
    """The step of the sampler, or the round of reheating, that a run has reached.

    What follows the sampler may be a round or the polish and the look at the result, and frames do not tell which. So
    rounds are counted from where a run without any would have ended.
    """
    beyond = n_done - recipe.n_steps - 1
    if beyond <= 0 or not recipe.reheat:
        return f"step {min(n_done, recipe.n_steps)} of {recipe.n_steps}"
    n_rounds = min(recipe.reheat, math.ceil(beyond / REHEAT_STEPS))
    return f"round {n_rounds} of {recipe.reheat} of reheating"


def _floats(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return values.detach().cpu().float().numpy().copy()
