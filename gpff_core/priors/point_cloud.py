"""The point-cloud prior: atoms on points in space, as drawn, scanned or taken from the inside of a mesh."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

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
class PointCloud(Prior):
    """Atoms on points in space, spread evenly over all of them, each with a little normal noise.

    `points` and `spread`, the noise's standard deviation, are in Å. A molecule's atoms go to points of their own while
    there are enough, evenly over the cloud however dense its points lie, and which atom goes where is random.
    """

    placed: ClassVar[bool] = True

    points: tuple[Point, ...]
    spread: float = 0.3

    def __post_init__(self) -> None:
        require_points(self.points, "The point cloud")
        require_length(self.spread, "The spread about the points", "0.3")

    @classmethod
    def of(cls, points: ArrayLike, spread: float = 0.3) -> Self:
        """From an array (N, 3) in Å."""
        return cls(as_points(points), spread)

    @property
    def scale(self) -> float:
        return root_mean_square(self.covariance)

    @cached_property
    def covariance(self) -> tuple[Point, ...]:
        cloud = np.cov(np.asarray(self.points).T, bias=True)
        return as_matrix(cloud + self.spread**2 * np.eye(3))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        order, starts, z = shuffled(batch, noise), one_each(batch, noise), noise.normal(batch)
        places = z.new_zeros(batch.n_molecules, batch.longest, 3)
        for molecule, (n, start) in enumerate(zip(n_free(batch).tolist(), starts.tolist(), strict=True)):
            places[molecule, :n] = torch.from_numpy(evenly(self._distinct, n, start)).to(z)
        return places[batch.molecule, order] + self.spread * z

    @cached_property
    def _distinct(self) -> NDArray[np.float64]:
        return np.unique(np.asarray(self.points), axis=0)

    def __str__(self) -> str:
        return f"point-cloud(n={len(self.points)}, spread={self.spread:g}, points={fingerprint(self.points)})"


def evenly(points: NDArray[np.float64], n: int, start: float) -> NDArray[np.float64]:
    """n of the distinct points (P, 3), spread evenly over them; every point is used before one is used twice.

    Each further point is the one farthest from those before (Gonzalez, Theor. Comput. Sci. 38, 293 (1985)), beginning
    with the one that `start`, from 0 to 1, names; that alone would favour the rim, so every choice then moves to the
    middle of the points nearest to it.
    """
    rounds, rest = divmod(n, len(points))
    chosen = _centred(points, _farthest(points, rest, int(start * len(points)) % len(points)))
    return np.concatenate([points] * rounds + [points[chosen]])


def _farthest(points: NDArray[np.float64], n: int, first: int) -> list[int]:
    chosen = [first][:n]
    gap = np.full(len(points), np.inf)
    while len(chosen) < n:
        gap = np.minimum(gap, np.square(points - points[chosen[-1]]).sum(1))
        chosen.append(int(gap.argmax()))
    return chosen


def _centred(points: NDArray[np.float64], chosen: list[int]) -> list[int]:
    """For each chosen point, the one nearest to the mean of all points that are nearer to it than to another choice."""
    if not chosen:
        return []
    distances = np.stack([np.square(points - points[place]).sum(1) for place in chosen])
    owner = distances.argmin(0)
    cells = [np.flatnonzero(owner == k) for k in range(len(chosen))]
    return [int(cell[np.square(points[cell] - points[cell].mean(0)).sum(1).argmin()]) for cell in cells]
