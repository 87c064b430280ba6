"""Every share has the denominator it says."""

import math

import ase.build
import numpy as np
import pytest
from scipy import stats

from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.evaluation.metrics import Fraction, quality
from gpff_core.molecules import Composition
from gpff_core.samples import Sample


def sample(index: int, name: str, novelty: Novelty, scale: float = 1.0) -> Sample:
    """A molecule of the G2 set; stretched to pieces where `scale` is not 1."""
    atoms = ase.build.molecule(name)
    positions = scale * atoms.positions.astype(np.float32)
    composition = Composition(tuple(atoms.numbers.tolist()))
    return Sample(index, composition, positions, verdict(atoms.numbers, positions), novelty, 60)


@pytest.mark.parametrize(("count", "total"), [(0, 20), (3, 20), (10, 20), (19, 20), (20, 20), (285, 300)])
def test_error_bars_cover_the_truth_as_often_as_they_should(count: int, total: int) -> None:
    """Two errors around Agresti and Coull's centre are a 95 % interval: near Wilson's, an independent formula."""
    fraction = Fraction(count, total)
    wilson = stats.binomtest(count, total).proportion_ci(0.95, method="wilson")
    centre = (count + 2) / (total + 4)
    assert centre - 1.96 * fraction.error == pytest.approx(wilson.low, abs=0.045)
    assert centre + 1.96 * fraction.error == pytest.approx(wilson.high, abs=0.045)
    assert fraction.error > 0


def test_large_samples_have_the_textbook_error() -> None:
    assert Fraction(900, 1_000).error == pytest.approx(math.sqrt(0.9 * 0.1 / 1_000), rel=0.01)
    assert str(Fraction(285, 300)) == "95.0 ± 1.3 %"
    assert str(Fraction(0, 0)) == "–"


def test_denominators() -> None:
    """Eight structures: six valid, four distinct of these, of which three could be looked up and two are new."""
    samples = [
        sample(0, "CH4", Novelty.KNOWN),
        sample(1, "CH4", Novelty.KNOWN),
        sample(2, "C2H6", Novelty.NOVEL),
        sample(3, "C2H4", Novelty.UNDETERMINED),
        sample(4, "H2CO", Novelty.NOVEL),
        sample(5, "H2CO", Novelty.NOVEL),
        sample(6, "CH4", Novelty.UNDETERMINED, scale=3),
        sample(7, "C6H6", Novelty.UNDETERMINED, scale=3),
    ]
    found = quality(samples)
    assert found.valid == Fraction(6, 8)
    assert found.unique == Fraction(4, 6)
    assert found.novel == Fraction(2, 3)


def test_nothing_valid_and_nothing_at_all() -> None:
    broken = quality([sample(0, "CH4", Novelty.UNDETERMINED, scale=3)])
    assert (broken.valid, broken.unique, broken.novel) == (Fraction(0, 1), Fraction(0, 0), Fraction(0, 0))
    assert quality([]).valid == Fraction(0, 0)
    assert quality([]).valid.value == 0
