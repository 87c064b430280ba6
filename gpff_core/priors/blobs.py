"""The blobs prior: a few round clouds in space that share the atoms among them."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.free_atoms import n_free, shuffled
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import (
    Point,
    as_matrix,
    fingerprint,
    require_length,
    require_points,
    root_mean_square,
)

Blob = tuple[float, float, float, float, float]

MOST_BLOBS: Final = 1000


@dataclass(frozen=True)
class Blobs(Prior):
    """A few round normal clouds in space that share a molecule's atoms in proportion to their weights.

    Each blob is (weight, x, y, z, sigma): the weight relative to the others', the rest in Å. Numbers of atoms are
    rounded by the largest remainder, so they vary from molecule to molecule only with its size; which atoms go to which
    blob is random.
    """

    placed: ClassVar[bool] = True

    blobs: tuple[Blob, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.blobs) <= MOST_BLOBS:
            raise GpffError(f"{len(self.blobs)} blobs were given; give 1 to {MOST_BLOBS}.")
        require_points(tuple((x, y, z) for _, x, y, z, _ in self.blobs), "The blobs")
        for place, (weight, *_, sigma) in enumerate(self.blobs, start=1):
            if not 1e-4 <= weight <= 1e4:
                raise GpffError(f"Blob {place} has the weight {weight}; give each one from 0.0001 to 10000.")
            require_length(sigma, f"σ of blob {place}", "1")

    @property
    def scale(self) -> float:
        return root_mean_square(self.covariance)

    @property
    def covariance(self) -> tuple[Point, ...]:
        weights, centres, sigmas = (column.numpy() for column in self._columns())
        between = np.cov(centres.T, aweights=weights, bias=True)
        return as_matrix(between + np.average(sigmas**2, weights=weights) * np.eye(3))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        order, z = shuffled(batch, noise), noise.normal(batch)
        weights, centres, sigmas = (column.to(z.device) for column in self._columns())
        last = torch.cumsum(shared_out(n_free(batch), weights), 1)[batch.molecule]
        blob = (order[:, None] >= last).sum(1).clamp(max=len(weights) - 1)
        return (centres[blob] + sigmas[blob, None] * z).to(z)

    def _columns(self) -> tuple[Tensor, Tensor, Tensor]:
        """Weights (K,), centres (K, 3) and standard deviations (K,)."""
        table = torch.tensor(self.blobs, dtype=torch.float64)
        return table[:, 0], table[:, 1:4], table[:, 4]

    def __str__(self) -> str:
        return f"blobs(n={len(self.blobs)}, blobs={fingerprint(self.blobs)})"


def shared_out(n: Tensor, weights: Tensor) -> Tensor:
    """Whole numbers (M, K) that add up to n (M,), in proportion to the weights (K,) by the largest remainder."""
    quota = n[:, None] * (weights / weights.sum())
    whole = (quota + 1e-9).floor()
    missing = n[:, None] - whole.sum(1, keepdim=True)
    rank = (quota - whole).argsort(stable=True, dim=1, descending=True).argsort(1)
    shared: Tensor = whole + (rank < missing)
    return shared.long()
