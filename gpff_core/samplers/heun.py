"""Heun's method for the probability-flow ODE, with optional churn."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, everywhere, predict, require_steps
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class Heun:
    """The probability-flow ODE in second order: two looks a step, and noise put back before it if you like.

    dX/dσ = (X − X̂₀)/σ. `churn`, `churn_min`, `churn_max` and `churn_noise` are the paper's S_churn, S_tmin, S_tmax (Å)
    and S_noise: before each step inside that range a little noise is added, which corrects errors made so far. The last
    step makes one call and jumps to X̂₀.
    """

    calls_per_step: ClassVar[int] = 2
    source: ClassVar[str] = "Karras et al. 2022, algorithm 2"

    n_steps: int = 30
    schedule: NoiseSchedule = Karras()
    churn: float = 0.0
    churn_min: float = 0.0
    churn_max: float = math.inf
    churn_noise: float = 1.0

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        if not 0 <= self.churn < math.inf:
            raise GpffError(f"The churn is {self.churn}; it must be 0 or positive, for example 10.")
        if not 0 <= self.churn_min <= self.churn_max:
            raise GpffError(f"Churn between {self.churn_min} and {self.churn_max} Å is an empty range; give min ≤ max.")
        if not 0 < self.churn_noise < math.inf:
            raise GpffError(f"The churn noise is {self.churn_noise}; it must be positive, and 1 is the usual choice.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        n_calls = 0
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            raised = sigma * (1 + self._gamma(sigma))
            if raised > sigma:
                x = x + (raised**2 - sigma**2) ** 0.5 * self.churn_noise * noise.centred_normal(batch)
            x0_hat = predict(field, x, batch)
            n_calls += 1
            yield Step(i, self.n_steps, x, x0_hat, everywhere(raised, batch), calls(n_calls, batch))

            slope = (x - x0_hat) / raised
            euler = x + (lower - raised) * slope
            if lower > 0:
                slope = (slope + (euler - predict(field, euler, batch)) / lower) / 2
                n_calls += 1
            x = x + (lower - raised) * slope

    def _gamma(self, sigma: float) -> float:
        if not self.churn_min <= sigma <= self.churn_max:
            return 0.0
        return min(self.churn / self.n_steps, math.sqrt(2) - 1)

    def __str__(self) -> str:
        churn = f"churn={self.churn:g}, churn_min={self.churn_min:g}, churn_max={self.churn_max:g}"
        return f"heun(n_steps={self.n_steps}, schedule={self.schedule}, {churn}, churn_noise={self.churn_noise:g})"
