"""The protocol of samplers: iterators of steps.

One iterator serves the command line, progress bars, Stop, the live viewer, trajectories and tests: whoever iterates may
look at any step, and stops by stopping. The molecule a run produces is the X̂₀ of its last step.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from gpff_core.constraints import constrained
from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, equilibrium, pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise


@dataclass(frozen=True, eq=False)
class Step:
    """What a sampler saw and believed at one step.

    `x` (A, 3) are the positions shown to the field, `x0_hat` (A, 3) the equilibrium it predicted from them, `sigma`
    (M,) the noise level of `x` the sampler worked with, `n_evaluations` (M,) the network calls each molecule has used.
    Lengths in Å. `n_steps` is how many steps there will be at most.
    """

    index: int
    n_steps: int
    x: Tensor
    x0_hat: Tensor
    sigma: Tensor
    n_evaluations: Tensor

    @property
    def force(self) -> Tensor:
        """Pseudo-forces on `x` (A, 3): F = 2(X̂₀ − X)."""
        return pseudo_force(self.x, self.x0_hat)


Accept = Callable[[AtomBatch, Tensor], Tensor]
"""From a batch of M molecules and positions (A, 3) in Å to a mask (M,): true where nothing is left to mend."""


class Sampler(Protocol):
    """A frozen dataclass of settings that turns starting positions into a sequence of steps.

    The first line of its docstring says for people what it does; `source` is who invented it, and where;
    `calls_per_step` is how many network calls a molecule uses in a step, with default settings (fewer in the last).
    """

    calls_per_step: ClassVar[int]
    source: ClassVar[str]

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        """Run from starting positions x (A, 3) in Å."""
        ...

    def __str__(self) -> str:
        """Name and settings, for provenance."""
        ...


def summary_of(sampler: type[Sampler]) -> str:
    """What a sampler does, in one sentence for people."""
    return (sampler.__doc__ or "").partition("\n")[0]


def predict(field: PseudoForceField, x: Tensor, batch: AtomBatch) -> Tensor:
    """X̂₀ (A, 3) of positions x (A, 3) under the batch's pins: one network call. Raises when either is not finite."""
    x0_hat = constrained(x, equilibrium(x, field(x, batch)), batch)
    if not bool(torch.isfinite(x0_hat).all()):
        raise GpffError(
            "The positions became infinite or NaN during sampling; start closer to molecular size or use more steps."
        )
    return x0_hat


def require_steps(n_steps: int) -> None:
    """Refuse a run of no steps."""
    if n_steps < 1:
        raise GpffError(f"{n_steps} steps were asked for; give at least 1, for example 60.")


def require_sigma_stop(sigma_stop: float) -> None:
    """Refuse a noise level at which no molecule would ever stop, or that is none."""
    if not 0 < sigma_stop < math.inf:
        raise GpffError(f"σ_stop is {sigma_stop} Å; it must be positive, for example 0.05.")


def rung_below(sigma: Tensor, ladder: Tensor) -> Tensor:
    """The first level of a ladder (n + 1,), decreasing to 0, that is below each of the levels sigma (M,)."""
    return ladder[(ladder[:-1] >= sigma[:, None]).sum(-1)]


def everywhere(value: float | Tensor, batch: AtomBatch) -> Tensor:
    """One number as a value per molecule (M,)."""
    return torch.full((batch.n_molecules,), float(value), device=batch.numbers.device)


def calls(n: int, batch: AtomBatch) -> Tensor:
    """The same number of network calls for every molecule (M,)."""
    return torch.full((batch.n_molecules,), n, dtype=torch.long, device=batch.numbers.device)
