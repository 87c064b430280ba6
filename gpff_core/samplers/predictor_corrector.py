"""Predictor–corrector sampling: the reverse-time SDE, with Langevin steps at every level."""

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

    After each step to level σ, `n_corrector` times X ← X + ε s + √(2ε) z with ε = 2 (r‖z‖/‖s‖)², where r is `snr`. The
    paper averages the norms over a batch; here they are the expected ones of noise, √d and √d/σ, so that ε = 2r²σ².
    With the norms of one molecule of d coordinates, ε would depend on X and z, which heats: the variance of the noise
    would settle at (1 + 2/d)² of what it should be, 1.8 times for water. Steps of a finite length heat as well: around
    one structure the variance settles at σ²/(1 − r²), a fortieth too much at the paper's 0.16, and 1.4 times at 0.55,
    where it takes back the most mistakes (docs/adr/0015). The last step jumps to X̂₀.
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
        if not 0 < self.snr < 1:
            raise GpffError(
                f"The signal-to-noise ratio is {self.snr}; it must be above 0 and below 1, from where Langevin steps "
                "diverge; try 0.16."
            )

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        sigmas = self.schedule.sigmas(self.n_steps).tolist()
        for i, (sigma, lower) in enumerate(pairwise(sigmas)):
            x0_hat = predict(field, x, batch)
            n_calls = i * (1 + self.n_corrector) + 1
            yield Step(i, self.n_steps, x, x0_hat, everywhere(sigma, batch), calls(n_calls, batch))
            if lower == 0:
                return
            x = backwards(x, x0_hat, sigma, lower, noise.centred_normal(batch))
            epsilon = 2 * (self.snr * lower) ** 2
            for _ in range(self.n_corrector):
                s = score(pseudo_force(x, predict(field, x, batch)), lower)
                x = x + epsilon * s + (2 * epsilon) ** 0.5 * noise.centred_normal(batch)

    def __str__(self) -> str:
        corrector = f"n_corrector={self.n_corrector}, snr={self.snr:g}"
        return f"predictor-corrector(n_steps={self.n_steps}, schedule={self.schedule}, {corrector})"
