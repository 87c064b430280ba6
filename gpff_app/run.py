"""One press of Generate: what was asked for, the frames so far, and the molecules it led to."""

import os
import shlex
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from gpff_app.recording import Frame, Recording
from gpff_core import __version__
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.generation import BatchFinished, GenerationRequest, StepTaken, arrival, generate, judge
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe
from gpff_core.samples import Sample

MAX_MOLECULES: Final = 64
"""Molecules in one run: as many as can be watched at once, and one batch."""

MAX_ATOM_FRAMES: Final = 4_000_000
"""Atoms × steps in one run; each keeps 24 bytes for the viewer, so a run stays near 100 MB."""


@dataclass(frozen=True)
class Order:
    """What the Generate page asks for, checked as a whole; GpffError says what does not fit."""

    composition: Composition
    n_molecules: int
    recipe: Recipe
    checkpoint: str

    def __post_init__(self) -> None:
        if not 1 <= self.n_molecules <= MAX_MOLECULES:
            raise GpffError(
                f"{self.n_molecules} molecules were asked for; the page makes 1 to {MAX_MOLECULES} at once."
            )
        n_frames = self.n_molecules * len(self.composition) * self.recipe.n_steps
        if n_frames > MAX_ATOM_FRAMES:
            raise GpffError(
                f"{self.n_molecules} molecules of {len(self.composition)} atoms over {self.recipe.n_steps} steps are "
                "more than the page can show; ask for fewer molecules or steps, or use the command line."
            )
        self.request()

    def request(self) -> GenerationRequest:
        """The same for the library; builds, and so validates, prior and sampler."""
        compositions = (self.composition,) * self.n_molecules
        recipe = self.recipe
        return GenerationRequest(compositions, recipe.build_prior(), recipe.build_sampler(), recipe.seed)

    def command(self) -> str:
        """The command line that makes the same molecules."""
        words = ["python", "-m", "gpff_core", "sample", "--formula", self.composition.formula]
        words += ["-n", str(self.n_molecules), *self.recipe.options(), "--checkpoint", self.checkpoint]
        return shlex.join(words)


class Run:
    """A task for the job queue; other threads may read it while it grows."""

    def __init__(self, order: Order, field: Checkpoint, reference: TrainingReference | None) -> None:
        self.order = order
        self.request = order.request()
        self.recording = Recording(
            run=uuid.uuid4().hex,
            molecules=[composition.symbols for composition in self.request.compositions],
            n_expected=order.recipe.n_steps + 1,
        )
        self.samples: list[Sample] = []
        self.provenance = Provenance(
            __version__,
            field.name,
            field.sha256,
            str(self.request.sampler),
            str(self.request.prior),
            self.request.seed,
            command=order.command(),
        )
        self._field = field
        self._reference = reference
        self._last: StepTaken | None = None

    @property
    def progress(self) -> float:
        """Share of the steps done, 0 to 1."""
        return min(1.0, self.recording.n_frames / self.recording.n_expected)

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

    def keep(self) -> None:
        """Judge the molecules as they stand; before the first step there are none."""
        if self._last is not None:
            self._finish(judge(self._last, self._reference), self._last)

    def _finish(self, samples: tuple[Sample, ...], last: StepTaken) -> None:
        self._record(arrival(self._field, last))
        self._last = None
        self.samples = sorted([*self.samples, *samples], key=lambda sample: sample.index)

    def _record(self, taken: StepTaken) -> None:
        step = taken.step
        self.recording.add(taken.places, Frame(_floats(step.x), _floats(step.force), _floats(step.sigma)))


def _floats(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return values.detach().cpu().float().numpy().copy()
