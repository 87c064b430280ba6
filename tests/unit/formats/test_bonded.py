"""MOL, SDF and PDB: files that say which atoms are bonded, and so which hydrogens are missing."""

from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.formats.reading import read_structures
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure

FILES = Path(__file__).parents[2] / "data" / "files"
LIGAND = "NC(=O)c1ccccc1Cl"


def embedded(smiles: str) -> Chem.Mol:
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    rdDistGeom.EmbedMolecule(molecule, randomSeed=1)
    return molecule


def smiles_of(found: Structure) -> str:
    return verdict(found.composition.numbers, found.positions).smiles


@pytest.mark.parametrize("v3000", [False, True])
def test_a_mol_file_is_read_in_both_versions(v3000: bool, tmp_path: Path) -> None:
    molecule = embedded("OCC1CC1=O")
    path = tmp_path / "one.mol"
    path.write_text(Chem.MolToMolBlock(molecule, forceV3000=v3000))
    (found,) = read_structures(path)
    np.testing.assert_allclose(found.positions, molecule.GetConformer().GetPositions(), atol=1e-4)
    assert smiles_of(found) == "O=C1CC1CO"


def test_a_ligand_in_the_old_style_of_pdb_is_read() -> None:
    """No elements but those in the names, CL in the two columns of a metal, no double bond marked."""
    (found,) = read_structures(FILES / "ligand.pdb")
    assert found.composition.symbols[0] == "Cl"
    assert smiles_of(found) == LIGAND


def test_a_flat_molecule_in_a_pdb_file_is_no_drawing(tmp_path: Path) -> None:
    benzene = embedded("c1ccccc1")
    for atom in range(12):
        angle, radius = np.pi / 3 * (atom % 6), 1.39 if atom < 6 else 2.48
        benzene.GetConformer().SetAtomPosition(atom, [radius * np.cos(angle), radius * np.sin(angle), 0.0])
    path = tmp_path / "flat.pdb"
    path.write_text(Chem.MolToPDBBlock(benzene))
    (found,) = read_structures(path)
    assert smiles_of(found) == "c1ccccc1"


def test_of_alternative_locations_the_first_is_taken() -> None:
    (found,) = read_structures(FILES / "dipeptide.pdb", Hydrogens.AS_GIVEN)
    assert found.composition.formula == "C5N2O3"
    np.testing.assert_allclose(found.positions[4], [-1.581, 1.569, 0.018], atol=1e-6)


def test_models_are_structures_in_their_order(tmp_path: Path) -> None:
    molecule = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    rdDistGeom.EmbedMultipleConfs(molecule, 3, randomSeed=1)
    path = tmp_path / "models.pdb"
    path.write_text(Chem.MolToPDBBlock(molecule))
    for found, conformer in zip(read_structures(path), molecule.GetConformers(), strict=True):
        np.testing.assert_allclose(found.positions, conformer.GetPositions(), atol=2e-3)


@pytest.mark.parametrize(
    ("name", "smiles", "n_heavy"),
    [("ligand_without_hydrogens.pdb", LIGAND, 10), ("dipeptide.pdb", "CC(N)C(=O)NCC(=O)O", 10)],
)
def test_missing_hydrogens_are_refused_added_or_left_out_as_the_caller_says(
    name: str, smiles: str, n_heavy: int
) -> None:
    with pytest.raises(MissingHydrogensError, match="hydrogens are missing"):
        list(read_structures(FILES / name))
    (bare,) = read_structures(FILES / name, Hydrogens.AS_GIVEN)
    (whole,) = read_structures(FILES / name, Hydrogens.ADDED)
    assert len(bare.composition) == n_heavy
    assert whole.composition.numbers[:n_heavy] == bare.composition.numbers
    np.testing.assert_array_equal(whole.positions[:n_heavy], bare.positions)
    assert smiles_of(whole) == smiles


@pytest.mark.parametrize("suffix", [".sdf", ".mol"])
def test_hydrogens_are_added_where_heavy_atoms_leave_room(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"heavy{suffix}"
    path.write_text(Chem.MolToMolBlock(Chem.RemoveHs(embedded("C#CC(C)N"))))
    (found,) = read_structures(path, Hydrogens.ADDED)
    assert smiles_of(found) == "C#CC(C)N"


def test_hydrogens_are_not_guessed_for_bonds_that_a_file_does_not_tell(tmp_path: Path) -> None:
    """Benzene's carbons, to RDKit, would be cyclohexane's."""
    lines = (FILES / "ligand_without_hydrogens.pdb").read_text().splitlines(keepends=True)
    path = tmp_path / "bare.pdb"
    path.write_text("".join(line for line in lines if not line.startswith("CONECT")))
    with pytest.raises(GpffError, match="does not tell single from double bonds in residue LIG"):
        list(read_structures(path, Hydrogens.ADDED))


def test_bonds_that_fit_no_element_are_refused_where_hydrogens_depend_on_them(tmp_path: Path) -> None:
    block = Chem.MolToMolBlock(Chem.RemoveHs(embedded("CC(C)(C)CC")))
    path = tmp_path / "five.mol"
    path.write_text(block.replace("  2  3  1", "  2  3  3"))
    with pytest.raises(GpffError, match="bonds do not fit its elements"):
        list(read_structures(path, Hydrogens.ADDED))
