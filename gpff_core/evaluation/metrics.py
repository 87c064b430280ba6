"""Numbers that say what they were counted from: fractions, quartiles; validity, uniqueness and novelty of a run."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

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

    @classmethod
    def of(cls, outcomes: Iterable[bool]) -> Self:
        known = list(outcomes)
        return cls(sum(known), len(known))

    @classmethod
    def pooled(cls, fractions: Iterable["Fraction"]) -> Self:
        """All counted together; of fractions with one denominator this is their mean."""
        known = list(fractions)
        return cls(sum(fraction.count for fraction in known), sum(fraction.total for fraction in known))

    def as_dict(self) -> dict[str, Any]:
        return {"count": self.count, "total": self.total, "share": round(self.value, 4), "error": round(self.error, 4)}

    def __str__(self) -> str:
        return "–" if self.total == 0 else f"{100 * self.value:.1f} ± {100 * self.error:.1f} %"


@dataclass(frozen=True)
class Quartiles:
    """Lower quartile, median and upper quartile of `n` values; all 0 where there are none."""

    n: int
    lower: float
    median: float
    upper: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        known = list(values)
        return cls(len(known), *(float(q) for q in np.quantile(known or [0.0], (0.25, 0.5, 0.75))))

    def __str__(self) -> str:
        return "–" if self.n == 0 else f"{self.median:.3g} ({self.lower:.3g}–{self.upper:.3g})"


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
