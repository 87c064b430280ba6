"""Euler's method for the probability-flow ODE."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import Tensor

from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, everywhere, predict, require_steps
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class Euler:
    """The probability-flow ODE in straight steps: the simplest walk down a ladder of noise levels, without chance.

    dX/dσ = (X − X̂₀)/σ, so X ← X̂₀ + (σᵢ₊₁/σᵢ)(X − X̂₀), first order. The last level is 0: the jump to X̂₀.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Karras et al. 2022, eq. 4; as DDIM, Song, Meng & Ermon 2021, eq. 13"

    n_steps: int = 60
    schedule: NoiseSchedule = Karras()

    def __post_init__(self) -> None:
        require_steps(self.n_steps)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(i + 1, batch))
            x = x0_hat + lower / sigma * (x - x0_hat)

    def __str__(self) -> str:
        return f"euler(n_steps={self.n_steps}, schedule={self.schedule})"
