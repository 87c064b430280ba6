"""Properties against what their authors and reference collections print for known molecules."""

import numpy as np
import pytest
from ase.build import molecule as geometry
from rdkit import Chem

from gpff_core.chemistry import properties as module
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.properties import moment_shape, properties
from gpff_core.chemistry.verdicts import verdict

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
CAFFEINE = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"
PARACETAMOL = "CC(=O)Nc1ccc(O)cc1"
BENZENE = "c1ccccc1"


def of(smiles: str) -> module.Properties:
    return properties(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize(
    ("smiles", "area"), [(ASPIRIN, 63.6), (PARACETAMOL, 49.33), ("CCO", 20.23), (BENZENE, 0.0), ("CC#N", 23.79)]
)
def test_polar_surface_areas_are_those_of_pubchem(smiles: str, area: float) -> None:
    assert of(smiles).tpsa == pytest.approx(area, abs=0.05)


@pytest.mark.parametrize(("smiles", "logp"), [(ASPIRIN, 1.31), (BENZENE, 1.69), ("CCO", 0.0), (CAFFEINE, -1.03)])
def test_logp_is_crippens(smiles: str, logp: float) -> None:
    assert of(smiles).logp == pytest.approx(logp, abs=0.01)


@pytest.mark.parametrize(("smiles", "qed"), [(ASPIRIN, 0.550), (CAFFEINE, 0.538), (PARACETAMOL, 0.595)])
def test_drug_likeness_with_the_mean_weights(smiles: str, qed: float) -> None:
    assert of(smiles).qed == pytest.approx(qed, abs=0.001)


def test_easy_molecules_score_below_hard_ones() -> None:
    morphine = "CN1CC[C@]23c4c5ccc(O)c4O[C@H]2[C@@H](O)C=C[C@H]3[C@H]1C5"
    scores = [of(smiles).sa_score for smiles in (ASPIRIN, CAFFEINE, morphine)]
    assert scores == pytest.approx([1.58, 2.30, 5.0], abs=0.3)


def test_without_its_folder_there_is_no_sa_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_sa_scorer", lambda: None)
    assert of(ASPIRIN).sa_score is None
    assert of(ASPIRIN).qed > 0.5


def test_counts_and_weight() -> None:
    found = of(CAFFEINE)
    assert (found.n_heavy, found.n_rings) == (14, 2)
    assert found.weight == pytest.approx(194.19, abs=0.01)


@pytest.mark.parametrize("smiles", [ASPIRIN, CAFFEINE, "CC1CC2OC12", "O", "C"])
def test_hydrogens_as_atoms_make_no_difference(smiles: str) -> None:
    composition, positions = structure_from_smiles(smiles)
    judged = verdict(composition.numbers, positions)
    assert judged.molecule is not None
    assert properties(judged.molecule) == of(judged.smiles)


@pytest.mark.parametrize(
    ("name", "shape"), [("C2H2", "rod"), ("C6H6", "disc"), ("CH4", "ball"), ("CO2", "rod"), ("BF3", "disc")]
)
def test_shapes_of_molecules_everybody_knows(name: str, shape: str) -> None:
    atoms = geometry(name)
    found = moment_shape(atoms.numbers, atoms.positions)
    assert found is not None
    assert found.name == shape


@pytest.mark.parametrize("positions", [[[0.0, 0, 0]], [[np.nan, 0, 0]], [[np.inf, 0, 0]]])
def test_what_has_no_extent_has_no_shape(positions: list[list[float]]) -> None:
    assert moment_shape([6], positions) is None
