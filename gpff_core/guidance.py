"""Guidance of a field by its own early read-out.

A denoiser that is not sure averages over what it thinks possible, and the average of two molecules is none. A weaker
denoiser errs the same way, only more, so going on from its prediction through the better one's and a little further
avoids what both get wrong (autoguidance: Karras et al., NeurIPS 2024). Here the weaker denoiser is the network without
its last layer, read out by the same head: it costs next to nothing and needs no training.
"""

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch

FADE: Final = 0.2
"""Å of σ̂ at which half of the guidance is left: near a molecule the last layer's corrections are right as they are."""


@runtime_checkable
class TwiceRead(PseudoForceField, Protocol):
    """A field that can also say what it thought one layer earlier."""

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """F (A, 3) in Å read out before the last layer, and as it is."""
        ...


@dataclass(frozen=True)
class Guided:
    """F + w σ̂² / (σ̂² + `FADE`²) (F − F_early) in place of F; `weight` w of 0 changes nothing."""

    field: TwiceRead
    weight: float

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        early, final = self.field.early_and_final(positions, batch)
        variance = self.field.noise_level(final, batch).square()
        share = self.weight * variance / (variance + FADE**2)
        return final + share[batch.molecule, None] * (final - early)

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return self.field.noise_level(force, batch)


def twice_read(field: PseudoForceField) -> TwiceRead:
    """The field, which must have an early read-out; raises `GpffError` if it has none."""
    if not isinstance(field, TwiceRead):
        raise GpffError(
            f"The field {type(field).__name__} has no early read-out to be guided by; set the guidance to 0, or give "
            "it a method early_and_final."
        )
    return field
