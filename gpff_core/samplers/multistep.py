"""A second-order multistep method for the probability-flow ODE."""

import math
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
class Multistep:
    """The probability-flow ODE in second order for one network call a step: it remembers the call before.

    X̂₀ runs on along the line through its last two values, D = X̂₀ + h/(2h′) (X̂₀ − X̂₀′), where h = ln σᵢ − ln σᵢ₊₁ and ′
    is the step before; then X ← D + (σᵢ₊₁/σᵢ)(X − D). The first step and the last, which jumps to X̂₀, take D = X̂₀.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "DPM-Solver++(2M), Lu et al. 2022, algorithm 2"

    n_steps: int = 60
    schedule: NoiseSchedule = Karras()

    def __post_init__(self) -> None:
        require_steps(self.n_steps)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        before, h_before = x, math.inf
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(i + 1, batch))
            if lower == 0:
                return
            h = math.log(sigma / lower)
            ahead = x0_hat + h / (2 * h_before) * (x0_hat - before)
            x = ahead + lower / sigma * (x - ahead)
            before, h_before = x0_hat, h

    def __str__(self) -> str:
        return f"multistep(n_steps={self.n_steps}, schedule={self.schedule})"
