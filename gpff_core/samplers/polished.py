"""Any sampler, and two last looks at its result from either side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.guided import GuidedSampler
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.step import Accept, Sampler, Step

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
        require_polish(self.sigma)

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        per_step = self.sampler.calls_per_step
        for step in self.sampler.steps(field, x, batch, noise):
            last = replace(step, n_steps=step.n_steps + POLISH_CALLS // per_step)
            yield last
        yield from polishing(Moving.after(last, field, batch, noise), last, self.sigma, per_step)

    def __str__(self) -> str:
        return f"{self.sampler}, polished(sigma={self.sigma:g})"


def require_polish(sigma: float) -> None:
    """Refuse a noise at which nothing would be polished."""
    if not 0 < sigma <= 1:
        raise GpffError(f"The polish is {sigma} Å; give 0 for none to 1, for example {POLISH_SIGMA}.")


def polishing(here: Moving, last: Step, sigma: float, per_step: int, accept: Accept | None = None) -> Iterator[Step]:
    """Steps of `per_step` network calls each that polish what the step `last` came to.

    With `accept`, a molecule that was accepted and no longer is stays as it was.
    """
    centre, z = here.x0_hat, sigma * here.centred_normal()
    here.x = centre + z
    here.look()
    one_side = here.x0_hat
    if per_step < POLISH_CALLS:
        yield here.step(last.index + 1, last.n_steps)
    here.x = centre - z
    here.look()
    here.x0_hat = (one_side + here.x0_hat) / 2
    if accept is not None:
        here.x0_hat = _unless_spoiled(here, centre, accept)
    yield here.step(last.index + POLISH_CALLS // per_step, last.n_steps)


def _unless_spoiled(here: Moving, before: Tensor, accept: Accept) -> Tensor:
    lost = ~accept(here.batch, here.x0_hat)
    if lost.any():
        lost &= accept(here.batch, before)
    return torch.where(here.per_atom(lost), before, here.x0_hat)
