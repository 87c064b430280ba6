"""Heun's method from the noise level that is really there."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.step import Step, everywhere, require_sigma_stop, require_steps, rung_below
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class AdaptiveHeun:
    """Heun's method that reads each molecule's noise level off the molecule, skips rungs and stops by itself.

    A step goes from σ = σ̂(X) to σ′, the first level of the ladder below both σ̂ and the last σ′. Where the second look
    sees more noise than σ′, its slope is (X − X̂₀)/σ̂ too: divided by σ′, it would be far too steep. With `churn`
    (S_churn of Karras et al.) the noise at σ′ is raised by the share churn/n_steps, at most √2 − 1, before the next
    step. A molecule whose σ̂ ≤ σ_stop, or which has no level left, ends at X̂₀. Only the molecules still moving are
    computed.
    """

    calls_per_step: ClassVar[int] = 2
    source: ClassVar[str] = "Hessmann et al. 2026 (adaptive variant); the step is Karras et al. 2022, algorithm 2"

    n_steps: int = 30
    schedule: NoiseSchedule = Karras()
    sigma_stop: float = 0.02
    churn: float = 0.0

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        require_sigma_stop(self.sigma_stop)
        if not 0 <= self.churn < math.inf:
            raise GpffError(f"The churn is {self.churn}; it must be 0 or positive, for example 10.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        ladder = self.schedule.sigmas(self.n_steps).to(x)
        here, target = Moving(field, x, batch, noise), everywhere(ladder[0], batch).to(x)
        raised = 1 + min(self.churn / self.n_steps, math.sqrt(2) - 1)
        for index in range(self.n_steps):
            here.look()
            yield here.step(index, self.n_steps)
            target = rung_below(here.sigma.minimum(target), ladder)
            done = (here.sigma <= self.sigma_stop) | (target == 0)
            target = target[~done]
            if here.rest(done):
                return
            sigma, lower = here.per_atom(here.sigma), here.per_atom(target)
            slope = (here.x - here.x0_hat) / sigma
            euler = here.x + (lower - sigma) * slope
            x0_hat, level = here.look_at(euler)
            slope = (slope + (euler - x0_hat) / here.per_atom(level.maximum(target))) / 2
            here.x = here.x + (lower - sigma) * slope
            if raised > 1:
                here.x = here.x + (raised**2 - 1) ** 0.5 * lower * here.centred_normal()

    def __str__(self) -> str:
        settings = f"schedule={self.schedule}, sigma_stop={self.sigma_stop:g}, churn={self.churn:g}"
        return f"adaptive-heun(n_steps={self.n_steps}, {settings})"
