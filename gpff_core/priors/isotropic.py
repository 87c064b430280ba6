"""The isotropic Gaussian prior."""

from dataclasses import dataclass
from typing import Final

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, require_length
from gpff_core.priors.spacing import spaced

MOST_SPACING: Final = 5.0
"""Å; beyond what any two bonded atoms, or their neighbours, are apart."""


@dataclass(frozen=True)
class Isotropic(Prior):
    """Every coordinate normal with standard deviation σ (Å): a round cloud that says nothing about shape.

    With a `spacing`, atoms that are nearer to each other than so many Å are moved apart, which is no normal cloud any
    more but saves a sampler of a few calls that work; 0 leaves them where they are. Scale and covariance are those of
    the normal cloud.
    """

    sigma: float
    spacing: float = 0.0

    def __post_init__(self) -> None:
        require_length(self.sigma, "The prior's σ", "1.5 or 10")
        if not 0 <= self.spacing <= MOST_SPACING:
            raise GpffError(
                f"The spacing of the cloud's atoms is {self.spacing} Å; give 0 for none to {MOST_SPACING:g}, "
                "for example 1.5."
            )

    @property
    def scale(self) -> float:
        return self.sigma

    @property
    def covariance(self) -> tuple[Point, ...]:
        s2 = self.sigma**2
        return ((s2, 0.0, 0.0), (0.0, s2, 0.0), (0.0, 0.0, s2))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        x = self.sigma * noise.centred_normal(batch)
        return spaced(x, batch, self.spacing) if self.spacing else x

    def __str__(self) -> str:
        spacing = f", spacing={self.spacing:g}" if self.spacing else ""
        return f"isotropic(sigma={self.sigma:g}{spacing})"
