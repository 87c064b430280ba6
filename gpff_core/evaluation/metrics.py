"""Validity, uniqueness and novelty, each with its denominator."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gpff_core.chemistry.novelty import Novelty
from gpff_core.samples import Sample


@dataclass(frozen=True)
class Fraction:
    """`count` of `total`, with its binomial standard error."""

    count: int
    total: int

    @property
    def value(self) -> float:
        return self.count / self.total if self.total else 0.0

    @property
    def error(self) -> float:
        """√(p(1 − p)/n) with Agresti and Coull's p = (k + 2)/(n + 4), which is not zero where all or none succeed."""
        p = (self.count + 2) / (self.total + 4)
        return math.sqrt(p * (1 - p) / (self.total + 4))

    def __str__(self) -> str:
        return "–" if self.total == 0 else f"{100 * self.value:.1f} ± {100 * self.error:.1f} %"


@dataclass(frozen=True)
class Quality:
    """Valid of all, distinct of the valid, novel of those distinct whose novelty could be determined."""

    valid: Fraction
    unique: Fraction
    novel: Fraction


def quality(samples: Sequence[Sample]) -> Quality:
    """Summarise a run; two molecules are the same if their canonical SMILES without stereo marks are."""
    valid = [sample for sample in samples if sample.verdict.valid]
    distinct = {sample.verdict.smiles: sample for sample in valid}
    novelties = [sample.novelty for sample in distinct.values() if sample.novelty is not Novelty.UNDETERMINED]
    return Quality(
        valid=Fraction(len(valid), len(samples)),
        unique=Fraction(len(distinct), len(valid)),
        novel=Fraction(novelties.count(Novelty.NOVEL), len(novelties)),
    )
