"""The motif prior: a known structure, heated a little or a lot."""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Final, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors.free_atoms import is_free
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import LONGEST, Point, as_matrix, as_points, fingerprint, require_points

OCCUPIED: Final = 0.5
"""Å: a pinned atom this near to an atom of the motif, of the same element, is that atom."""

SMALLEST_CLOUD: Final = 1.0
"""Å: least root mean square coordinate of the atoms that the motif has no place for."""


@dataclass(frozen=True)
class Motif(Prior):
    """A known structure with normal noise: the start of a variation, or of a run that continues a finished one.

    `numbers` and `positions` (Å) are its atoms, and `sigma` (Å, 0 allowed) is the noise level it is brought to.
    `own_sigma` (Å) is the one it has already, its σ̂, so that only the rest is added: variances add up. A molecule's
    atoms take the places of the motif's element by element, in order, except those that pinned atoms already occupy.
    Atoms that find no place start around the motif's centre, in a cloud of its size.
    """

    placed: ClassVar[bool] = True
    known: ClassVar[bool] = True

    numbers: tuple[int, ...]
    positions: tuple[Point, ...]
    sigma: float = 0.0
    own_sigma: float = 0.0

    def __post_init__(self) -> None:
        Composition(self.numbers)
        require_points(self.positions, "The motif")
        if len(self.numbers) != len(self.positions):
            raise GpffError(
                f"The motif has {len(self.numbers)} atomic numbers and {len(self.positions)} positions; give one of "
                "each for every atom."
            )
        if not 0 <= self.sigma <= LONGEST:
            raise GpffError(
                f"The noise on the motif is {self.sigma} Å; it must be 0 or positive and at most {LONGEST:g}, for "
                "example 0.5."
            )
        if not 0 <= self.own_sigma <= LONGEST:
            raise GpffError(
                f"The noise that the motif has already is {self.own_sigma} Å; it must be 0, if it has none, or "
                f"positive and at most {LONGEST:g}."
            )

    @classmethod
    def from_structure(cls, composition: Composition, positions: ArrayLike, sigma: float = 0.0) -> Self:
        """From a structure as a reader or a run gives it: `Motif.from_structure(*structure, sigma=0.5)`."""
        return cls(composition.numbers, as_points(positions), sigma)

    @property
    def scale(self) -> float:
        """σ, however large the structure: every atom is that far from where it belongs."""
        return max(self.sigma, self.own_sigma)

    @property
    def added(self) -> float:
        """Å of noise that is added to every coordinate."""
        return math.sqrt(max(self.sigma**2 - self.own_sigma**2, 0.0))

    def noised(self, least: float) -> Self:
        """The same structure, at a noise level of at least so many Å."""
        return self if self.scale >= least else replace(self, sigma=least)

    @property
    def atoms(self) -> list[tuple[float, ...]]:
        """Atomic number and position of every atom."""
        return [(number, *position) for number, position in zip(self.numbers, self.positions, strict=True)]

    @cached_property
    def covariance(self) -> tuple[Point, ...]:
        structure = np.cov(np.asarray(self.positions).T, bias=True)
        return as_matrix(structure + self.added**2 * np.eye(3))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        z = noise.normal(batch)
        structure = np.asarray(self.positions)
        centre = structure.mean(0)
        cloud = max(float(np.sqrt(np.square(structure - centre).mean())), SMALLEST_CLOUD)
        # One more place at the end, with the index −1, for the atoms that find none.
        places = torch.from_numpy(np.vstack([structure, centre])).to(z)
        widths = torch.tensor([self.added] * len(structure) + [cloud]).to(z)
        place = torch.tensor(self._places(batch), device=z.device)
        return places[place] + widths[place, None] * z

    def _places(self, batch: AtomBatch) -> list[int]:
        """Which atom of the motif each atom takes the place of, −1 for none."""
        anchors = torch.zeros(batch.n_atoms, 3) if batch.pins is None else batch.pins.anchors
        molecules = zip(batch.split(batch.numbers), batch.split(is_free(batch)), batch.split(anchors), strict=True)
        return [place for molecule in molecules for place in self._matched(*molecule)]

    def _matched(self, numbers: Tensor, free: Tensor, anchors: Tensor) -> list[int]:
        occupied = self._occupied(numbers[~free], anchors[~free])
        vacant: dict[int, deque[int]] = defaultdict(deque)
        for place, number in enumerate(self.numbers):
            if place not in occupied:
                vacant[number].append(place)
        return [
            vacant[number].popleft() if may_move and vacant[number] else -1
            for number, may_move in zip(numbers.tolist(), free.tolist(), strict=True)
        ]

    def _occupied(self, numbers: Tensor, anchors: Tensor) -> set[int]:
        near = torch.cdist(anchors.cpu().double(), torch.tensor(self.positions, dtype=torch.float64)) < OCCUPIED
        same = numbers.cpu()[:, None] == torch.tensor(self.numbers)
        return set((near & same).any(0).nonzero().flatten().tolist())

    def __str__(self) -> str:
        levels = f"sigma={self.sigma:g}, own_sigma={self.own_sigma:g}"
        return f"motif({Composition(self.numbers).formula}, {levels}, atoms={fingerprint(self.atoms)})"
