"""Direct denoising."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, predict, require_steps

MOST_MOMENTUM: Final = 2.0
"""Beyond it a run that should settle flies apart."""


@dataclass(frozen=True)
class DirectDenoising:
    """Jump to the predicted equilibrium again and again, shaking less and less in between.

    For k = 1 … K: X ← X + λ(1 − k/K) z, then X ← X̂₀(X) + β(X̂₀(X) − X̂₀ before); the molecule is the last X̂₀.
    λ (Å) is `stochastic_lambda`: 0 is the plain jump, which stays close to its start; 1 shakes the structure while it
    settles, which removes clashes and strays. β is `momentum`: what a prediction has changed by, the next will change
    on by a good part of, so that fewer calls lead as far. It is the extrapolation of the two-step solver of Lu et al.
    2022 (DPM-Solver++, algorithm 2), and the heavy ball of Polyak (1964). `shake_limit` ties the decay of the shaking
    to what is left to settle as well: it is never more than so many times the molecule's σ̂ at the call before.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Hessmann et al. 2026; momentum as in DPM-Solver++, Lu et al. 2022"

    n_steps: int = 60
    stochastic_lambda: float = 1.0
    momentum: float = 0.0
    shake_limit: float = math.inf

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        if not 0 <= self.stochastic_lambda < float("inf"):
            raise GpffError(f"λ is {self.stochastic_lambda} Å; it must be 0 or positive, for example 1.")
        if not 0 <= self.momentum <= MOST_MOMENTUM:
            raise GpffError(f"The momentum is {self.momentum}; give 0 for none to {MOST_MOMENTUM:g}, for example 0.6.")
        if not self.shake_limit > 0:
            raise GpffError(
                f"The limit of shaking is {self.shake_limit} times σ̂; it must be positive, such as 1, or inf for none."
            )

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        before = sigma = None
        for k in range(1, self.n_steps + 1):
            shake = self.stochastic_lambda * (1 - k / self.n_steps)
            if shake > 0:
                x = x + self._limited(shake, sigma, batch) * noise.centred_normal(batch)
            x0_hat = predict(field, x, batch)
            sigma = field.noise_level(pseudo_force(x, x0_hat), batch)
            yield Step(k - 1, self.n_steps, x, x0_hat, sigma, calls(k, batch))
            x = x0_hat if before is None else x0_hat + self.momentum * (x0_hat - before)
            before = x0_hat

    def _limited(self, shake: float, sigma: Tensor | None, batch: AtomBatch) -> float | Tensor:
        """The shake, or as much of it as the σ̂ (M,) of the call before allows, for each atom (A, 1)."""
        if sigma is None or math.isinf(self.shake_limit):
            return shake
        return (self.shake_limit * sigma).clamp(max=shake)[batch.molecule, None]

    def __str__(self) -> str:
        shaking = f"stochastic_lambda={self.stochastic_lambda:g}, shake_limit={self.shake_limit:g}"
        return f"direct(n_steps={self.n_steps}, {shaking}, momentum={self.momentum:g})"
