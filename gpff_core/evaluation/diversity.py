"""How different from each other the molecules are that one formula becomes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any, Final

from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from gpff_core.evaluation.metrics import Fraction, quality
from gpff_core.samples import Sample

RADIUS: Final = 2
"""Bonds around an atom that its Morgan fingerprint sees, as in MOSES (Polykovskiy et al. 2020)."""


@dataclass(frozen=True)
class Diversity:
    """Of several molecules of each of several formulas.

    `distinct` are constitutions among the valid ones of a formula, `novel` those that training has not seen.
    `difference` is the mean over formulas of `mean_difference`, with its standard error.
    """

    valid: Fraction
    distinct: Fraction
    novel: Fraction
    difference: float
    difference_error: float

    def as_dict(self) -> dict[str, Any]:
        fractions = {name: getattr(self, name).as_dict() for name in ("valid", "distinct", "novel")}
        return asdict(self) | fractions


def diversity(samples: Iterable[Sample]) -> Diversity:
    """Of samples of any formulas, each judged against those of its own formula."""
    by_formula: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_formula[sample.composition.formula].append(sample)
    each = [quality(some) for some in by_formula.values()]
    distinct = [{one.verdict.smiles for one in some if one.verdict.valid} for some in by_formula.values()]
    return Diversity(
        Fraction.pooled(found.valid for found in each),
        Fraction.pooled(found.unique for found in each),
        Fraction.pooled(found.novel for found in each),
        *_mean_and_error([mean_difference(sorted(smiles)) for smiles in distinct if len(smiles) > 1]),
    )


def mean_difference(smiles: Sequence[str]) -> float:
    """1 − the mean Tanimoto similarity of all pairs of molecules, by Morgan fingerprints: 0 where all are alike.

    The internal diversity of MOSES, without each molecule's pair with itself.
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=RADIUS)
    prints = [generator.GetFingerprint(Chem.MolFromSmiles(one)) for one in smiles]
    similarities = [
        similarity
        for i, fingerprint in enumerate(prints)
        for similarity in DataStructs.BulkTanimotoSimilarity(fingerprint, prints[:i])
    ]
    return 1 - fmean(similarities)


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return (fmean(values) if values else 0.0), error
