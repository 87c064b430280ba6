"""Validity from starting clouds of different sizes: what a cloud that already has a molecule's size saves in calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from gpff_core.evaluation.metrics import Fraction
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.priors import Isotropic, Prior, Typical
from gpff_core.recipe import Recipe

STARTS: Final[Mapping[str, Prior | None]] = {
    "30 Å ball": Isotropic(30.0),
    "10 Å ball": Isotropic(10.0),
    "typical of the formula": Typical(),
    "1.5 Å ball": Isotropic(1.5),
    "1.5 Å ball, 1.5 Å apart": Isotropic(1.5, 1.5),
    "usual": None,
}
"""Priors by what a person would call them; None is the prior measured best for the number of calls."""


@dataclass(frozen=True)
class StartPoint:
    """One start at one budget of network calls."""

    start: str
    budget: int
    valid: Fraction
    prior: str
    settings: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"valid": self.valid.as_dict()}


def measure_starts(
    field: Checkpoint, sampler: str, budgets: Sequence[int], compositions: Sequence[Composition], seed: int
) -> Iterator[StartPoint]:
    """From each of the `STARTS`, with the sampler's usual settings for each budget, one structure a composition."""
    for budget in budgets:
        usual = Recipe.for_calls(sampler, budget, seed)
        for start, prior in STARTS.items():
            request = GenerationRequest.of(replace(usual, prior=prior), compositions)
            valid = Fraction.of(sample.verdict.valid for sample in samples_of(generate(field, request)))
            yield StartPoint(start, budget, valid, str(request.prior), str(request.sampler))
