"""Ancestral sampling."""

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
class Ancestral:
    """Walk down a ladder of noise levels by the exact posterior of the forward process, with new noise at each.

    X ← X̂₀ + (σₛ²/σₜ²)(X − X̂₀) + √(σₛ²(σₜ² − σₛ²)/σₜ²) z from level σₜ to σₛ. The last level is 0, so the run ends with
    the jump to X̂₀.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Song et al. 2021, appendix F; as DDPM, Ho et al. 2020, algorithm 2"

    n_steps: int = 60
    schedule: NoiseSchedule = Karras()

    def __post_init__(self) -> None:
        require_steps(self.n_steps)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(i + 1, batch))
            share = lower**2 / sigma**2
            spread = (share * (sigma**2 - lower**2)) ** 0.5
            x = x0_hat + share * (x - x0_hat) + spread * noise.centred_normal(batch)

    def __str__(self) -> str:
        return f"ancestral(n_steps={self.n_steps}, schedule={self.schedule})"
