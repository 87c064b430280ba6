"""Ancestral sampling from the noise level that is really there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.step import Step, everywhere, require_sigma_stop, require_steps, rung_below
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class AdaptiveAncestral:
    """Ancestral sampling that reads each molecule's noise level off the molecule, skips rungs and stops by itself.

    From σₜ = σ̂(X) to σₛ, the first level of the ladder below both σ̂ and the last σₛ:
    X ← X̂₀ + (σₛ²/σₜ²)(X − X̂₀) + √(σₛ²(σₜ² − σₛ²)/σₜ²) z. A molecule whose σ̂ ≤ σ_stop, or which has no level left, ends
    at X̂₀. Only the molecules still moving are computed.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Hessmann et al. 2026 (adaptive variant); the step is Song et al. 2021, appendix F"

    n_steps: int = 60
    schedule: NoiseSchedule = Karras()
    sigma_stop: float = 0.02

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        require_sigma_stop(self.sigma_stop)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        ladder = self.schedule.sigmas(self.n_steps).to(x)
        here, target = Moving(field, x, batch, noise), everywhere(ladder[0], batch).to(x)
        for index in range(self.n_steps):
            here.look()
            yield here.step(index, self.n_steps)
            target = rung_below(here.sigma.minimum(target), ladder)
            done = (here.sigma <= self.sigma_stop) | (target == 0)
            target = target[~done]
            if here.rest(done):
                return
            sigma, lower = here.per_atom(here.sigma), here.per_atom(target)
            share = lower**2 / sigma**2
            spread = (share * (sigma**2 - lower**2)).sqrt()
            here.x = here.x0_hat + share * (here.x - here.x0_hat) + spread * here.centred_normal()

    def __str__(self) -> str:
        return f"adaptive-ancestral(n_steps={self.n_steps}, schedule={self.schedule}, sigma_stop={self.sigma_stop:g})"
