"""Predictor–corrector sampling: the reverse-time SDE, with Langevin steps at every level."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, pseudo_force, score
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.reverse_sde import backwards
from gpff_core.samplers.step import Step, calls, everywhere, predict, require_steps
from gpff_core.schedules import Karras, NoiseSchedule


@dataclass(frozen=True)
class PredictorCorrector:
    """The reverse-time SDE, whose errors a few Langevin steps at each new noise level correct.

    After each step to level σ, `n_corrector` times X ← X + ε s + √(2ε) z with ε = 2 (r‖z‖/‖s‖)², where r is `snr` and
    the norms are those of one molecule. ε is at most σ², where the step arrives at X̂₀: beyond, it would overshoot.
    The last step jumps to X̂₀.
    """

    calls_per_step: ClassVar[int] = 2
    source: ClassVar[str] = "Song et al. 2021, algorithms 2 and 4"

    n_steps: int = 60
    schedule: NoiseSchedule = Karras()
    n_corrector: int = 1
    snr: float = 0.16

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        if self.n_corrector < 1:
            raise GpffError(f"{self.n_corrector} corrector steps were asked for; give at least 1, or use reverse-sde.")
        if not 0 < self.snr < math.inf:
            raise GpffError(f"The signal-to-noise ratio is {self.snr}; it must be positive, for example 0.16.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            n_calls = i * (1 + self.n_corrector) + 1
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(n_calls, batch))
            if lower == 0:
                return
            x = backwards(x, x0_hat, sigma, lower, noise.centred_normal(batch))
            for _ in range(self.n_corrector):
                x = self._corrected(x, predict(field, x, batch), lower, batch, noise)

    def _corrected(self, x: Tensor, x0_hat: Tensor, sigma: float, batch: AtomBatch, noise: Noise) -> Tensor:
        s, z = score(pseudo_force(x, x0_hat), sigma), noise.centred_normal(batch).to(x)
        ratio = batch.total(z.square().sum(-1)) / batch.total(s.square().sum(-1)).clamp(min=1e-12)
        epsilon = (2 * self.snr**2 * ratio).clamp(max=sigma**2)[batch.molecule, None]
        return x + epsilon * s + (2 * epsilon).sqrt() * z

    def __str__(self) -> str:
        corrector = f"n_corrector={self.n_corrector}, snr={self.snr:g}"
        return f"predictor-corrector(n_steps={self.n_steps}, schedule={self.schedule}, {corrector})"
