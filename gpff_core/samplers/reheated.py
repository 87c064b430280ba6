"""Reheating: what has not become a molecule is warmed up and left to settle again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.guided import GuidedSampler
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.polished import POLISH_CALLS, POLISH_SIGMA, Polished, looks
from gpff_core.samplers.step import Sampler, Step

REHEAT_STEPS: Final = 10
"""Network calls of one round: direct denoising that starts from the result, and its polish."""

REHEAT_SIGMA: Final = 1.0
"""λ of a round in Å, measured best (docs/adr/0013): less leaves lost scaffolds as they are, more forgets the rest."""

REHEAT_MOMENTUM: Final = 0.6
"""β of a round, as direct denoising of few calls has it: more frozen scaffolds are mended (docs/adr/0018)."""

Accept = Callable[[AtomBatch, Tensor], Tensor]
"""From a batch of M molecules and positions (A, 3) in Å to a mask (M,): true where nothing is left to mend."""


@dataclass(frozen=True)
class Reheated:
    """A sampler, and then up to `rounds` rounds of direct denoising for each molecule that is not accepted.

    The network knows no verdicts: it is the chemistry of whoever runs this that decides which molecules go on, so the
    share of valid results says how often this succeeds in all, not how often the network is right at once. The rounds
    themselves are not guided, whatever the sampler before them was; the last two calls of each are a polish of `polish`
    Å, unless that is 0.
    """

    sampler: Sampler | GuidedSampler | Polished
    rounds: int
    polish: float = POLISH_SIGMA

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise GpffError(f"{self.rounds} rounds of reheating were asked for; give at least 1, for example 3.")

    def steps(
        self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise, accept: Accept
    ) -> Iterator[Step]:
        """Run from starting positions x (A, 3) in Å; a molecule that is accepted rests, and costs no more."""
        more = self.rounds * REHEAT_STEPS
        for step in self.sampler.steps(field, x, batch, noise):
            last = replace(step, n_steps=step.n_steps + more)
            yield last
        here, index = Moving.after(last, field, batch, noise), last.index
        for _ in range(self.rounds):
            if here.rest(accept(here.batch, here.x0_hat)):
                return
            for _ in self._round(here):
                index += 1
                yield here.step(index, last.n_steps)

    def _round(self, here: Moving) -> Iterator[None]:
        n_shaken = REHEAT_STEPS - (POLISH_CALLS if self.polish else 0)
        onward: Tensor | float = 0.0
        for k in range(1, n_shaken + 1):
            before = here.x0_hat
            here.x = before + onward + REHEAT_SIGMA * (1 - k / n_shaken) * here.centred_normal()
            here.look()
            yield
            # The first prediction differs from the result before it by what the shake did, not by where it is going.
            onward = REHEAT_MOMENTUM * (here.x0_hat - before) if k > 1 else 0.0
        if self.polish:
            yield from looks(here, self.polish)

    def __str__(self) -> str:
        how = f"n_steps={REHEAT_STEPS}, sigma={REHEAT_SIGMA:g}, momentum={REHEAT_MOMENTUM:g}, polish={self.polish:g}"
        return f"{self.sampler}, reheated(rounds={self.rounds}, {how})"
