"""The isotropic Gaussian prior."""

from dataclasses import dataclass

from torch import Tensor

from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, require_length


@dataclass(frozen=True)
class Isotropic(Prior):
    """Every coordinate normal with standard deviation σ (Å): a round cloud that says nothing about shape."""

    sigma: float

    def __post_init__(self) -> None:
        require_length(self.sigma, "The prior's σ", "1.5 or 10")

    @property
    def scale(self) -> float:
        return self.sigma

    @property
    def covariance(self) -> tuple[Point, ...]:
        s2 = self.sigma**2
        return ((s2, 0.0, 0.0), (0.0, s2, 0.0), (0.0, 0.0, s2))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        return self.sigma * noise.centred_normal(batch)

    def __str__(self) -> str:
        return f"isotropic(sigma={self.sigma:g})"
