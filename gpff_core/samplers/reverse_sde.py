"""The reverse-time SDE of the forward process."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import Tensor

from gpff_core.field import PseudoForceField, pseudo_force, score
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, everywhere, predict, require_steps
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class ReverseSDE:
    """The forward process run backwards in time: drift up the score, with as much new noise as the drift takes away.

    X ← X + (σᵢ² − σᵢ₊₁²) s + √(σᵢ² − σᵢ₊₁²) z with s = F/(2σᵢ²), by Euler and Maruyama. The last step jumps to X̂₀.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Song et al. 2021, eq. 6 and algorithm 2 (predictor)"

    n_steps: int = 120
    schedule: NoiseSchedule = Karras()

    def __post_init__(self) -> None:
        require_steps(self.n_steps)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(i + 1, batch))
            if lower > 0:
                x = backwards(x, x0_hat, sigma, lower, noise.centred_normal(batch))

    def __str__(self) -> str:
        return f"reverse-sde(n_steps={self.n_steps}, schedule={self.schedule})"


def backwards(x: Tensor, x0_hat: Tensor, sigma: float, lower: float, z: Tensor) -> Tensor:
    """One step of Euler and Maruyama from level sigma to lower (Å); z is noise of unit σ."""
    removed = sigma**2 - lower**2
    moved: Tensor = x + removed * score(pseudo_force(x, x0_hat), sigma) + removed**0.5 * z
    return moved
