"""Several known structures: the start of runs that go on from those of a file."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.motif import Motif
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, as_matrix, fingerprint


@dataclass(frozen=True)
class Motifs(Prior):
    """Known structures in turn: molecule i of a request starts from `motifs[i % k]`, with the noise that this one says.

    A ladder of noise levels starts at the highest of theirs; samplers that read each molecule's own level begin there.
    The file that the structures come from is what describes them, so there is no JSON of this prior.
    """

    placed: ClassVar[bool] = True
    known: ClassVar[bool] = True

    motifs: tuple[Motif, ...]

    def __post_init__(self) -> None:
        if not self.motifs:
            raise GpffError("There is no structure to start from; give at least one.")

    @property
    def scale(self) -> float:
        """The highest noise level of all (Å)."""
        return max(motif.scale for motif in self.motifs)

    def noised(self, least: float) -> Self:
        """The same structures, where none of them has a noise level of so many Å at that level."""
        return self if self.scale >= least else type(self)(tuple(motif.noised(least) for motif in self.motifs))

    @cached_property
    def covariance(self) -> tuple[Point, ...]:
        return as_matrix(np.mean([motif.covariance for motif in self.motifs], axis=0))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        starts = [
            self.motifs[place % len(self.motifs)].sample(batch.select([m]), noise.select([m]))
            for m, place in enumerate(noise.places)
        ]
        return torch.cat(starts)

    def __str__(self) -> str:
        sigma, (least, most) = self.motifs[0].sigma, (f(m.own_sigma for m in self.motifs) for f in (min, max))
        atoms = [atom for motif in self.motifs for atom in motif.atoms]
        levels = f"sigma={sigma:g}, own_sigma={least:g} to {most:g}"
        return f"motifs({len(self.motifs)} structures, {levels}, atoms={fingerprint(atoms)})"
