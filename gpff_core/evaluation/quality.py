"""Validity, uniqueness and novelty of each sampler against the number of network calls it may use."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from time import monotonic
from typing import Any, Final

from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.evaluation.metrics import Fraction, quality
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe

CALLS: Final = (4, 6, 10, 15, 30, 60, 120, 256)
"""Network calls per structure at which samplers are compared; 6 and 256 are the published anchors."""


@dataclass(frozen=True)
class QualityPoint:
    """One sampler at one budget: `budget` calls were allowed, `calls` (mean per structure) were used."""

    sampler: str
    budget: int
    calls: float
    valid: Fraction
    unique: Fraction
    novel: Fraction
    seconds: float
    settings: str
    prior: str

    def as_dict(self) -> dict[str, Any]:
        shares = {name: getattr(self, name) for name in ("valid", "unique", "novel")}
        errors = {f"{name}_error": share.error for name, share in shares.items()}
        values = {f"{name}_share": share.value for name, share in shares.items()}
        return asdict(self) | values | errors


def measure_quality(
    field: Checkpoint,
    compositions: Sequence[Composition],
    recipes: Sequence[tuple[int, Recipe]],
    reference: TrainingReference | None,
    batch_size: int = 64,
) -> Iterator[QualityPoint]:
    """Sample one structure per composition with each (budget, recipe)."""
    for budget, recipe in recipes:
        prior, sampler = recipe.prior(), recipe.build_sampler()
        request = GenerationRequest(tuple(compositions), prior, sampler, recipe.seed, batch_size)
        began = monotonic()
        samples = samples_of(generate(field, request, reference))
        summary = quality(samples)
        yield QualityPoint(
            recipe.sampler,
            budget,
            fmean(sample.n_evaluations for sample in samples),
            summary.valid,
            summary.unique,
            summary.novel,
            monotonic() - began,
            str(sampler),
            str(prior),
        )
