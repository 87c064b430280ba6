"""PoseBusters: a good molecule passes, a clash and an impossible bond are caught, what is undecided is said."""

import io
import logging

import numpy as np
import pytest
import rdkit
from rdkit import Chem, rdBase
from rdkit.Chem import AllChem
from rdkit.Geometry import Point3D

from gpff_core.errors import GpffError
from gpff_core.evaluation.plausibility import plausibility, require_posebusters

pytest.importorskip("posebusters")


def embedded(smiles: str) -> Chem.Mol:
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    AllChem.EmbedMolecule(molecule, randomSeed=1)
    AllChem.MMFFOptimizeMolecule(molecule)
    return molecule


def move(molecule: Chem.Mol, atom: int, position: np.ndarray) -> None:
    molecule.GetConformer().SetAtomPosition(atom, Point3D(*map(float, position)))


@pytest.mark.parametrize("smiles", ["CCO", "c1ccccc1", "CC(=O)NC", "C1CCCCC1"])
def test_good_molecules_pass_everything(smiles: str) -> None:
    found = plausibility(embedded(smiles))
    assert found.plausible
    assert not found.undecided
    assert {"bond lengths", "internal steric clash", "internal energy"} <= set(found.passed)


def test_a_clash_is_caught() -> None:
    """The two ends of an octane bent onto each other; no bond is drawn, since the bonds are given."""
    molecule = embedded("CCCCCCCC")
    positions = molecule.GetConformer().GetPositions()
    move(molecule, 0, positions[7] + [0.9, 0.9, 0.4])
    found = plausibility(molecule)
    assert not found.plausible
    assert "internal steric clash" in found.failed


def test_a_bent_aromatic_ring_is_caught() -> None:
    molecule = embedded("c1ccccc1")
    move(molecule, 0, molecule.GetConformer().GetPositions()[0] + [0, 0, 1.0])
    assert "aromatic ring flatness" in plausibility(molecule).failed


def test_an_energy_without_conformers_is_undecided_and_does_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """RDKit cannot embed some cages; the search that finds out takes a minute, so here it fails at once."""

    def no_conformers(*_: object) -> None:
        raise AssertionError("Failed to generate conformations.")

    monkeypatch.setattr("posebusters.modules.energy_ratio.get_energies", no_conformers)
    found = plausibility(embedded("CCO"))
    assert found.undecided == ("internal energy",)
    assert found.plausible


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even of a sulfur whose type RDKit's force field does not recognise."""
    hexafluoride = Chem.MolFromSmiles("FS(F)(F)(F)(F)F")
    AllChem.EmbedMolecule(hexafluoride, randomSeed=1)
    capfd.readouterr()
    plausibility(hexafluoride)
    assert capfd.readouterr() == ("", "")


def test_rdkit_speaks_as_before(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With its own voice, not through Python's logging, and only of what it was told to speak of."""
    monkeypatch.setattr(rdkit.logger, "handlers", [logging.NullHandler()])
    rdBase.DisableLog("rdApp.warning")
    try:
        before = rdBase.LogStatus()
        plausibility(embedded("CCO"))
        assert rdBase.LogStatus() == before
        Chem.MolFromSmiles("C(")
        assert "SMILES Parse Error" in capfd.readouterr().err
    finally:
        rdBase.EnableLog("rdApp.warning")


def test_an_output_that_was_closed_meanwhile_does_not_fail_a_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """PoseBusters keeps hold of the standard error of its last run, which a test or a notebook may have replaced."""
    closed = io.TextIOWrapper(io.BytesIO())
    closed.close()
    monkeypatch.setattr(rdkit.log_handler, "stream", closed)
    assert plausibility(embedded("CCO")).plausible


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpff_core.chemistry.optional.find_spec", lambda _: None)
    with pytest.raises(GpffError, match=r"lacks posebusters; run pip install -r requirements-dev\.txt"):
        require_posebusters()
