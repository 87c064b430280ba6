"""Diversity: counted formula by formula, and measured by the fingerprints of different molecules."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.evaluation.diversity import diversity, mean_difference
from gpff_core.evaluation.metrics import Fraction
from gpff_core.samples import Sample


def sample(formula: str, smiles: str, novelty: Novelty = Novelty.KNOWN) -> Sample:
    composition = parse_formula(formula)
    opinion = Verdict(bool(smiles), smiles, "" if smiles else "it fell apart", None)
    return Sample(0, composition, np.zeros((len(composition), 3), np.float32), opinion, novelty, 4)


def test_molecules_are_distinct_within_their_formula() -> None:
    made = [
        *(sample("C2H6O", smiles) for smiles in ("CCO", "CCO", "COC", "")),
        *(sample("C3H6", smiles, Novelty.NOVEL) for smiles in ("C1CC1", "C1CC1", "C1CC1", "C=CC")),
    ]
    found = diversity(made)
    assert found.valid == Fraction(7, 8)
    assert found.distinct == Fraction(4, 7)
    assert found.novel == Fraction(2, 4)
    of_each = [mean_difference(["CCO", "COC"]), mean_difference(["C1CC1", "C=CC"])]
    assert found.difference == pytest.approx(np.mean(of_each))
    assert found.difference_error == pytest.approx(np.std(of_each, ddof=1) / np.sqrt(2))


def test_the_difference_of_two_molecules_is_what_their_fingerprints_do_not_share() -> None:
    first, second = (
        set(rdFingerprintGenerator.GetMorganGenerator(radius=2).GetFingerprint(Chem.MolFromSmiles(one)).GetOnBits())
        for one in ("CCCO", "CCO")
    )
    assert mean_difference(["CCCO", "CCO"]) == pytest.approx(1 - len(first & second) / len(first | second))
    assert 0 < mean_difference(["CCCO", "CCO"]) < mean_difference(["CCCO", "c1ccccc1"])


def test_a_formula_that_became_one_molecule_has_no_difference_to_count() -> None:
    found = diversity([sample("CH4", "C"), sample("CH4", "C"), sample("C2H6O", "CCO"), sample("C2H6O", "COC")])
    assert found.difference == mean_difference(["CCO", "COC"])
    assert found.difference_error == 0
    assert diversity([sample("CH4", "")]).difference == 0
