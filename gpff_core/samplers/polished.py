"""Any sampler, and two last looks at its result from either side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.guided import GuidedSampler
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.step import Sampler, Step

POLISH_SIGMA: Final = 0.05
"""Å, the smallest noise the network was trained on, and measured best (docs/adr/0018)."""

POLISH_CALLS: Final = 2


@dataclass(frozen=True)
class Polished:
    """A sampler whose result X becomes ½ (X̂₀(X + σz) + X̂₀(X − σz)), the mean of two predictions.

    Structures with no noise at all are outside of what the network was trained on, and it hardly moves them: what is
    wrong with a geometry by then stays wrong. With a little noise it does what it has learned, and noise of both signs
    cancels the error that is linear in it. The looks are not guided, whatever the sampler before them was.
    """

    sampler: Sampler | GuidedSampler
    sigma: float = POLISH_SIGMA

    def __post_init__(self) -> None:
        if not 0 < self.sigma <= 1:
            raise GpffError(f"The polish is {self.sigma} Å; give 0 for none to 1, for example {POLISH_SIGMA}.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        per_step = self.sampler.calls_per_step
        more = POLISH_CALLS // per_step
        for step in self.sampler.steps(field, x, batch, noise):
            last = replace(step, n_steps=step.n_steps + more)
            yield last
        here, index = Moving.after(last, field, batch, noise), last.index
        for n_looks, _ in enumerate(looks(here, self.sigma), 1):
            if n_looks % per_step == 0:
                index += 1
                yield here.step(index, last.n_steps)

    def __str__(self) -> str:
        return f"{self.sampler}, polished(sigma={self.sigma:g})"


def looks(here: Moving, sigma: float) -> Iterator[None]:
    """Both looks of a polish at where molecules have come to rest, one network call each."""
    centre, z = here.x0_hat, sigma * here.centred_normal()
    here.x = centre + z
    here.look()
    yield
    one_side = here.x0_hat
    here.x = centre - z
    here.look()
    here.x0_hat = (one_side + here.x0_hat) / 2
    yield
