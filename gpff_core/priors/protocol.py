"""What every prior offers."""

from typing import Protocol

from torch import Tensor

from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise


class Prior(Protocol):
    """A distribution of starting positions, given who the atoms are."""

    @property
    def scale(self) -> float:
        """Root mean square coordinate in Å: the σ at which a noise schedule would start."""
        ...

    @property
    def covariance(self) -> tuple[tuple[float, float, float], ...]:
        """Covariance of one atom's position (3, 3) in Å²."""
        ...

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        """Starting positions (A, 3) in Å, each molecule centred at the origin."""
        ...

    def __str__(self) -> str:
        """Name and settings, for provenance."""
        ...
