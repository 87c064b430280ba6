"""Self-paced direct denoising."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.step import Step, require_sigma_stop, require_steps


@dataclass(frozen=True)
class SelfPaced:
    """Direct denoising that shakes every molecule by as much as it still has to move, and stops by itself.

    X ← X̂₀ + κ σ̂ z until σ̂ ≤ σ_stop, per molecule; at most `n_steps` network calls. κ < 1 is how much of the noise just
    removed is put back. Only the molecules still moving are computed.
    """

    calls_per_step: ClassVar[int] = 1
    source: ClassVar[str] = "the authors' tutorial to Hessmann et al. 2026"

    n_steps: int = 120
    kappa: float = 0.7
    sigma_stop: float = 0.05

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        require_sigma_stop(self.sigma_stop)
        if not 0 <= self.kappa < 1:
            raise GpffError(
                f"κ is {self.kappa}; it must be at least 0 and below 1, or the noise never shrinks; try 0.7."
            )

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        here = Moving(field, x, batch, noise)
        for index in range(self.n_steps):
            here.look()
            yield here.step(index, self.n_steps)
            if here.rest(here.sigma <= self.sigma_stop):
                return
            here.x = here.x0_hat + self.kappa * here.per_atom(here.sigma) * here.centred_normal()

    def __str__(self) -> str:
        return f"self-paced(n_steps={self.n_steps}, kappa={self.kappa:g}, sigma_stop={self.sigma_stop:g})"
