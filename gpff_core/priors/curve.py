"""The curve prior: atoms along a line drawn through space."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.free_atoms import n_free, one_each, shuffled
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import (
    Point,
    as_matrix,
    as_points,
    fingerprint,
    require_length,
    require_points,
    root_mean_square,
)


@dataclass(frozen=True)
class Curve(Prior):
    """Atoms evenly spaced along a polyline, in random order, each with a little normal noise.

    `points` are its corners and `spread` is the noise's standard deviation, both in Å; a `closed` curve returns from
    its last corner to the first. Where along the spacing the first atom sits is random.
    """

    placed: ClassVar[bool] = True

    points: tuple[Point, ...]
    spread: float = 0.3
    closed: bool = False

    def __post_init__(self) -> None:
        require_points(self.points, "The curve", fewest=2)
        require_length(self.spread, "The spread about the curve", "0.3")
        if len(set(self.points)) < 2:
            raise GpffError("All points of the curve are the same, so it has no length; give at least two places.")

    @classmethod
    def of(cls, points: ArrayLike, spread: float = 0.3, closed: bool = False) -> Self:
        """From an array of corners (N, 3) in Å."""
        return cls(as_points(points), spread, closed)

    @property
    def scale(self) -> float:
        return root_mean_square(self.covariance)

    @cached_property
    def covariance(self) -> tuple[Point, ...]:
        share = (self._lengths / self._lengths.sum())[:, None]
        off = self._corners[:-1] + self._sides / 2 - (share * (self._corners[:-1] + self._sides / 2)).sum(0)
        within = self._sides / 12**0.5  # a straight side of length l has the variance l²/12
        matrix = (share * off).T @ off + (share * within).T @ within
        return as_matrix((matrix + self.spread**2 * torch.eye(3)).numpy())

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        order, phase, z = shuffled(batch, noise), one_each(batch, noise), noise.normal(batch)
        spacing = 1 / n_free(batch).clamp(min=1)
        share = (order + phase[batch.molecule]) * spacing[batch.molecule]
        return self._at(share.cpu()).to(z) + self.spread * z

    def _at(self, share: Tensor) -> Tensor:
        """Positions (A, 3) at a share of the curve's length, (A,)."""
        ends = torch.cumsum(self._lengths, 0)
        length = share.double().clamp(max=1) * ends[-1]
        side = torch.searchsorted(ends, length).clamp(max=len(ends) - 1)
        back = (ends[side] - length) / self._lengths[side].clamp(min=1e-12)
        return self._corners[side + 1] - back[:, None] * self._sides[side]

    @cached_property
    def _corners(self) -> Tensor:
        return torch.tensor([*self.points, *self.points[:1]] if self.closed else self.points, dtype=torch.float64)

    @cached_property
    def _sides(self) -> Tensor:
        return self._corners.diff(dim=0)

    @cached_property
    def _lengths(self) -> Tensor:
        lengths: Tensor = torch.linalg.vector_norm(self._sides, dim=1)
        return lengths

    def __str__(self) -> str:
        points = f"n={len(self.points)}, spread={self.spread:g}, closed={self.closed}"
        return f"curve({points}, points={fingerprint(self.points)})"
