"""Direct denoising."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, predict, require_steps


@dataclass(frozen=True)
class DirectDenoising:
    """Jump to the predicted equilibrium again and again, shaking less and less in between.

    For k = 1 … K: X ← X + λ(1 − k/K) z, then X ← X̂₀(X).
    λ (Å) is `stochastic_lambda`: 0 is the plain jump, which stays close to its start; 1 shakes the structure while it
    settles, which removes clashes and strays.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "Hessmann et al. 2026"

    n_steps: int = 60
    stochastic_lambda: float = 1.0

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        if not 0 <= self.stochastic_lambda < float("inf"):
            raise GpffError(f"λ is {self.stochastic_lambda} Å; it must be 0 or positive, for example 1.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        for k in range(1, self.n_steps + 1):
            shake = self.stochastic_lambda * (1 - k / self.n_steps)
            if shake > 0:
                x = x + shake * noise.centred_normal(batch)
            x0_hat = predict(field, x, batch)
            sigma = field.noise_level(pseudo_force(x, x0_hat), batch)
            yield Step(k - 1, self.n_steps, x, x0_hat, sigma, calls(k, batch))
            x = x0_hat

    def __str__(self) -> str:
        return f"direct(n_steps={self.n_steps}, stochastic_lambda={self.stochastic_lambda:g})"
