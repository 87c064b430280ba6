"""The typical prior: a cloud as large as molecules of that many atoms are."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.free_atoms import n_free
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, root_mean_square

AXES: Final = ((1.211, 0.168), (0.867, 0.128), (0.112, 0.694))
"""(a, b) of σ = a Nᵇ in Å along the longest, the middle and the shortest principal axis of a molecule of N atoms.

Least-squares fit to the variances of all of QM9 (3 to 29 atoms), which tests/unit/priors/test_typical.py does again.
Counting hydrogens and heavy atoms apart would explain 0, 2 and 0 % more of the variance; N alone 3, 4 and 29 %.
"""

USUAL: Final = 18
"""Atoms of the median molecule of QM9."""


@dataclass(frozen=True)
class Typical(Prior):
    """A normal cloud with the principal axes that molecules of so many atoms have in QM9.

    `size` multiplies all three. The longest axis is x, the shortest z; a molecule with pinned atoms counts its free
    ones. What the prior says of itself, its scale and covariance, holds for a molecule of 18 atoms.
    """

    size: float = 1.0

    def __post_init__(self) -> None:
        if not 1e-3 <= self.size <= 1e3:
            raise GpffError(
                f"The size is {self.size} times that of QM9's molecules; give 0.001 to 1000, and 1 is the usual choice."
            )

    @property
    def scale(self) -> float:
        return root_mean_square(self.covariance)

    @property
    def covariance(self) -> tuple[Point, ...]:
        x, y, z = (self.size * typical_axes(torch.tensor([USUAL], dtype=torch.float64))[0]).square().tolist()
        return ((x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        z = noise.centred_normal(batch)
        return self.size * typical_axes(n_free(batch).to(z))[batch.molecule] * z

    def __str__(self) -> str:
        return f"typical(size={self.size:g})"


def typical_axes(n_atoms: Tensor) -> Tensor:
    """Standard deviations (M, 3) in Å along the principal axes of molecules of n atoms, (M,)."""
    axes = torch.tensor(AXES).to(n_atoms)
    return axes[:, 0] * n_atoms[:, None].pow(axes[:, 1])
