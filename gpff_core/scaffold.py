"""What is given of a molecule in 3D: atoms that stay where they are while the rest is generated around them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.distances import colliding_pair
from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition, Pins


@dataclass(frozen=True)
class ScaffoldBond:
    """Atoms `first` < `second` of a scaffold, counted from 0, are bonded, as their source says.

    `order` is 1, 2 or 3, and 0 where it is aromatic or unknown.
    """

    first: int
    second: int
    aromatic: bool
    order: int = 0


@dataclass(frozen=True, eq=False)
class Scaffold:
    """Given atoms: `positions` (S, 3) in Å in the order of `composition`. They come first in every molecule.

    `bonds` between them are what a result must show again to have kept the scaffold. `stiffness` is that of each atom's
    spring in units of the pseudo-energy's own, infinite for frozen atoms. `centre` (Å) is where the cloud of the other
    atoms starts, unless their prior has a place of its own: the scaffold's centroid if None.
    """

    composition: Composition
    positions: NDArray[np.float32]
    bonds: tuple[ScaffoldBond, ...] = ()
    stiffness: float = math.inf
    centre: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.positions.shape != (len(self.composition), 3) or not np.isfinite(self.positions).all():
            raise GpffError(
                f"The scaffold's coordinates are not {len(self.composition)} finite points in 3D; correct the file."
            )
        if not self.stiffness > 0:
            raise GpffError(
                f"The stiffness is {self.stiffness}; it must be positive, and without one the atoms are frozen."
            )
        if (collision := colliding_pair(self.positions, self.composition.numbers)) is not None:
            first, second, distance = collision
            raise GpffError(
                f"Atoms {first} and {second} of the scaffold (counted from 0 among those kept) are only "
                f"{distance:.2f} Å apart; leave one of them out."
            )

    def __len__(self) -> int:
        return len(self.composition)

    @property
    def is_frozen(self) -> bool:
        return math.isinf(self.stiffness)

    def grown_by(self, added: Composition) -> Composition:
        """The whole molecule: the scaffold's atoms, then those added."""
        return Composition(self.composition.numbers + added.numbers)

    def batch(self, compositions: Sequence[Composition], device: torch.device | str = "cpu") -> AtomBatch:
        """Molecules that begin with the scaffold's atoms, which are pinned in each."""
        batch = AtomBatch.from_compositions(compositions, device)
        stiffness = torch.zeros(batch.n_atoms, 1)
        anchors = torch.zeros(batch.n_atoms, 3)
        given = torch.from_numpy(np.asarray(self.positions, dtype=np.float32))
        for springs, places in zip(batch.split(stiffness), batch.split(anchors), strict=True):
            springs[: len(self)] = self.stiffness
            places[: len(self)] = given
        return AtomBatch(batch.numbers, batch.molecule, Pins(stiffness.to(device), anchors.to(device)))

    def start(self, cloud: Tensor, batch: AtomBatch, *, placed: bool) -> Tensor:
        """Starting positions (A, 3) in Å: given atoms on their anchors, the others from a prior's `cloud` (A, 3).

        A cloud without a place of its own is put at `centre`.
        """
        assert batch.pins is not None
        if not placed:
            cloud = cloud + torch.tensor(self._centre).to(cloud)
        return torch.where(batch.pins.pinned, batch.pins.anchors, cloud)

    @property
    def _centre(self) -> list[float]:
        centroid: list[float] = self.positions.mean(0).tolist()
        return centroid if self.centre is None else list(self.centre)

    def __str__(self) -> str:
        held = "frozen" if self.is_frozen else f"on springs of stiffness {self.stiffness:g}"
        return f"{self.composition.formula}, {len(self)} atoms {held}"
