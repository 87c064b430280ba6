"""The isotropic Gaussian prior."""

import math
from dataclasses import dataclass

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.protocol import Prior


@dataclass(frozen=True)
class Isotropic(Prior):
    """Every coordinate normal with standard deviation σ (Å): a round cloud that says nothing about shape."""

    sigma: float

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            raise GpffError(f"The prior's σ is {self.sigma} Å; it must be positive, for example 1.5 or 10.")

    @property
    def scale(self) -> float:
        return self.sigma

    @property
    def covariance(self) -> tuple[tuple[float, float, float], ...]:
        s2 = self.sigma**2
        return ((s2, 0.0, 0.0), (0.0, s2, 0.0), (0.0, 0.0, s2))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        return self.sigma * noise.centred_normal(batch)

    def __str__(self) -> str:
        return f"isotropic(sigma={self.sigma:g})"
