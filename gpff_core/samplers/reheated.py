"""Reheating: what has not become a molecule is warmed up and left to settle again."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.guidance import Guided, twice_read
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.guided import GuidedSampler, require_guidance
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.polished import POLISH_CALLS, POLISH_SIGMA, polishing, require_polish
from gpff_core.samplers.step import Accept, Sampler, Step

REHEAT_STEPS: Final = 5
"""Network calls of one round. Short rounds cost least for each molecule they mend (docs/adr/0020)."""

REHEAT_SIGMA: Final = 0.7
"""λ of a round in Å, measured best where nothing is frozen (docs/adr/0020)."""

REHEAT_MOMENTUM: Final = 0.6
"""β of a round, as direct denoising of few calls has it."""


@dataclass(frozen=True)
class Reheated:
    """A sampler, then up to `rounds` rounds of direct denoising for each molecule that is not accepted, then a polish.

    The network knows no verdicts: it is the chemistry of whoever runs this that decides which molecules go on, so the
    share of valid results says how often this succeeds in all, not how often the network is right at once. A round
    starts from the result before it, shaken by λ = `shake` (Å), and is guided with the weight `guidance`. A polish of
    `polish` Å (0 for none) ends the run for all molecules; it never costs one that was accepted.
    """

    sampler: Sampler | GuidedSampler
    rounds: int
    shake: float = REHEAT_SIGMA
    guidance: float = 0.0
    polish: float = POLISH_SIGMA

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise GpffError(f"{self.rounds} rounds of reheating were asked for; give at least 1, for example 3.")
        if not 0 <= self.shake < math.inf:
            raise GpffError(f"The shake of a round is {self.shake} Å; it must be 0 or positive, for example 0.7.")
        require_guidance(self.guidance)
        if self.polish != 0:
            require_polish(self.polish)

    def steps(
        self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise, accept: Accept
    ) -> Iterator[Step]:
        """Run from starting positions x (A, 3) in Å; accepted molecules rest, and cost only the polish."""
        per_step = self.sampler.calls_per_step
        more = self.rounds * REHEAT_STEPS + (POLISH_CALLS // per_step if self.polish else 0)
        for step in self.sampler.steps(field, x, batch, noise):
            last = replace(step, n_steps=step.n_steps + more)
            yield last
        guided = Guided(twice_read(field), self.guidance) if self.guidance else field
        here = Moving.after(last, guided, batch, noise)
        for _ in range(self.rounds):
            if here.rest(accept(here.batch, here.x0_hat)):
                break
            for _ in self._round(here):
                last = here.step(last.index + 1, last.n_steps)
                yield last
        if self.polish:
            yield from polishing(Moving.after(last, field, batch, noise), last, self.polish, per_step, accept)

    def _round(self, here: Moving) -> Iterator[None]:
        onward: Tensor | float = 0.0
        for k in range(1, REHEAT_STEPS + 1):
            before = here.x0_hat
            here.x = before + onward + self.shake * (1 - k / REHEAT_STEPS) * here.centred_normal()
            here.look()
            yield
            # The first prediction differs from the result before it by what the shake did, not by where it is going.
            onward = REHEAT_MOMENTUM * (here.x0_hat - before) if k > 1 else 0.0

    def __str__(self) -> str:
        how = f"n_steps={REHEAT_STEPS}, sigma={self.shake:g}, momentum={REHEAT_MOMENTUM:g}"
        how += f", guidance={self.guidance:g}" if self.guidance else ""
        polished = f", polished(sigma={self.polish:g})" if self.polish else ""
        return f"{self.sampler}, reheated(rounds={self.rounds}, {how}){polished}"
