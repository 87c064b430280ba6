"""Any sampler on a field that is guided by its own early read-out."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.guidance import Guided, twice_read
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Sampler, Step


def require_guidance(weight: float) -> None:
    """Refuse a weight that leads away from what the network predicts, or far beyond it."""
    if not 0 <= weight <= 10:
        raise GpffError(f"The guidance is {weight}; give 0 for none to 10, for example 0.4.")


@dataclass(frozen=True)
class GuidedSampler:
    """A sampler whose every network call is guided with a weight; see `gpff_core.guidance`."""

    sampler: Sampler
    weight: float

    def __post_init__(self) -> None:
        require_guidance(self.weight)

    @property
    def calls_per_step(self) -> int:
        return self.sampler.calls_per_step

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        return self.sampler.steps(Guided(twice_read(field), self.weight), x, batch, noise)

    def __str__(self) -> str:
        return f"{self.sampler}, guided(weight={self.weight:g})"
