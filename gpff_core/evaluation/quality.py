"""Validity, uniqueness and novelty of each sampler against the number of network calls it may use."""

from collections.abc import Iterator, Mapping, Sequence
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
    """One sampler at one budget: `budget` calls were allowed, `calls` (mean per structure) were used.

    The fractions are pooled over the seeds; distinct is counted within a seed. `valid_by_seed` are counts.
    """

    sampler: str
    budget: int
    calls: float
    valid: Fraction
    unique: Fraction
    novel: Fraction
    valid_by_seed: tuple[int, ...]
    seconds: float
    settings: str
    prior: str

    def as_dict(self) -> dict[str, Any]:
        shares = {name: getattr(self, name) for name in ("valid", "unique", "novel")}
        errors = {f"{name}_error": share.error for name, share in shares.items()}
        values = {f"{name}_share": share.value for name, share in shares.items()}
        return asdict(self) | values | errors


def name_in_tables(sampler: str, reheat: int) -> str:
    """What a sampler is called where it stands beside itself with rounds of reheating."""
    return f"{sampler}, reheated" if reheat else sampler


def measure_quality(
    field: Checkpoint,
    drawn: Mapping[int, Sequence[Composition]],
    settings: Sequence[tuple[str, int, int]],
    reference: TrainingReference | None,
    batch_size: int = 64,
) -> Iterator[QualityPoint]:
    """With each (sampler, rounds of reheating, budget), sample one structure for each composition `drawn`."""
    for name, reheat, budget in settings:
        began = monotonic()
        runs, n_calls = [], []
        for seed, compositions in drawn.items():
            recipe = Recipe.for_calls(name, budget, seed, reheat)
            request = GenerationRequest.of(recipe, compositions, batch_size=batch_size)
            samples = samples_of(generate(field, request, reference))
            runs.append(quality(samples))
            n_calls += [sample.n_evaluations for sample in samples]
        yield QualityPoint(
            name_in_tables(name, reheat),
            budget,
            fmean(n_calls),
            Fraction.pooled(run.valid for run in runs),
            Fraction.pooled(run.unique for run in runs),
            Fraction.pooled(run.novel for run in runs),
            tuple(run.valid.count for run in runs),
            monotonic() - began,
            str(request.sampler),
            str(request.prior),
        )
