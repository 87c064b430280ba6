"""Files as other programs write them: ASE, RDKit, and a SchNetPack 2 database made with `ASEAtomsData.create`."""

from pathlib import Path

import ase.build
import ase.db
import ase.io
import numpy as np
import pytest
from ase import Atoms
from rdkit import Chem
from rdkit.Chem import rdDepictor, rdDistGeom

from gpff_core.errors import GpffError
from gpff_core.formats.reading import read_structures
from gpff_core.formats.writing import write_samples
from gpff_core.learning.dataset import MoleculeDataset
from tests.unit.formats.examples import AWKWARD_PROVENANCE, examples

SCHNETPACK_IN_BOHR = Path(__file__).parents[2] / "data" / "schnetpack_bohr.db"
MOLECULES = [ase.build.molecule(name) for name in ("CH3CH2OH", "C5H5N", "CH3CONH2")]


def assert_same(path: Path, molecules: list[Atoms], within: float) -> None:
    for (composition, positions), atoms in zip(read_structures(path), molecules, strict=True):
        assert composition.numbers == tuple(atoms.numbers)
        np.testing.assert_allclose(positions, atoms.positions, atol=within)


@pytest.mark.parametrize(("suffix", "format_"), [(".xyz", "xyz"), (".xyz", "extxyz"), (".extxyz", "extxyz")])
def test_ases_xyz_files_are_read(suffix: str, format_: str, tmp_path: Path) -> None:
    path = tmp_path / f"molecules{suffix}"
    ase.io.write(path, MOLECULES, format=format_)
    assert_same(path, MOLECULES, within=1e-6)


def test_ases_databases_are_read(tmp_path: Path) -> None:
    path = tmp_path / "molecules.db"
    with ase.db.connect(path) as database:
        for atoms in MOLECULES:
            database.write(atoms)
    assert_same(path, MOLECULES, within=1e-6)


def test_schnetpacks_databases_are_read_in_their_unit() -> None:
    """The same three molecules, stored in bohr."""
    assert_same(SCHNETPACK_IN_BOHR, MOLECULES, within=1e-6)


def test_a_database_in_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "molecules.db"
    with ase.db.connect(path) as database:
        database.write(MOLECULES[0])
        database.metadata = {"_distance_unit": "furlong"}
    with pytest.raises(GpffError, match="unit of length is furlong"):
        list(read_structures(path))


def test_rdkits_sdf_is_read(tmp_path: Path) -> None:
    path = tmp_path / "molecules.sdf"
    molecules = [
        Chem.AddHs(Chem.MolFromSmiles(smiles)) for smiles in ("CC(=O)Oc1ccccc1C(=O)O", "[nH]1cccc1", "C[N+](=O)[O-]")
    ]
    with Chem.SDWriter(str(path)) as writer:
        for molecule in molecules:
            rdDistGeom.EmbedMolecule(molecule, randomSeed=1)
            writer.write(molecule)
    expected = [
        Atoms([atom.GetAtomicNum() for atom in m.GetAtoms()], m.GetConformer().GetPositions()) for m in molecules
    ]
    assert_same(path, expected, within=0.51e-4)


@pytest.mark.parametrize("suffix", [".sdf", ".xyz", ".extxyz"])
def test_what_was_generated_can_be_trained_on(suffix: str, tmp_path: Path) -> None:
    written = [sample for sample in examples() if sample.verdict.valid]
    write_samples(tmp_path / f"samples{suffix}", written, AWKWARD_PROVENANCE)
    dataset = MoleculeDataset.from_structures(read_structures(tmp_path / f"samples{suffix}"))
    assert [dataset.composition(i) for i in range(len(dataset))] == [sample.composition for sample in written]


def sdf_of(molecule: Chem.Mol) -> str:
    return Chem.MolToMolBlock(molecule) + "$$$$\n"


def flat_drawing() -> str:
    molecule = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    rdDepictor.Compute2DCoords(molecule)
    return sdf_of(molecule)


def without_hydrogens() -> str:
    molecule = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    rdDistGeom.EmbedMolecule(molecule, randomSeed=1)
    return sdf_of(Chem.RemoveHs(molecule))


GOOD_FRAME = "2\nhydrogen\nH 0 0 0\nH 0 0 0.74\n"


@pytest.mark.parametrize(
    ("name", "content", "because"),
    [
        ("empty.xyz", "", "contains no structures"),
        ("empty.sdf", "", "contains no structures"),
        ("cut.xyz", "3\nwater\nO 0 0 0\nH 0 0 1\n", "could not be read as .xyz after 0 structures"),
        ("letters.xyz", "3\nwater\nO 0 0 zero\nH 0 0 1\nH 0 1 0\n", "could not be read as .xyz"),
        ("second.xyz", GOOD_FRAME + "two\n", "could not be read as .xyz"),
        ("element.xyz", "1\n\nXq 0 0 0\n", "could not be read as .xyz"),
        ("nan.xyz", GOOD_FRAME + "1\nlost\nHe nan 0 0\n", "Structure 2 of .* not finite"),
        ("ghost.xyz", "2\nghost\nH 0 0 0\nX 0 0 1\n", "Structure 1 of .* 0 is not an atomic number"),
        ("crystal.xyz", '1\nLattice="4 0 0 0 4 0 0 0 4" pbc="T T T"\nNa 0 0 0\n', "Structure 1 of .* periodic"),
        ("cut.sdf", without_hydrogens()[:200], "damaged|could not be read"),
        ("flat.sdf", flat_drawing(), "Structure 1 of .* drawing in 2D"),
        ("bare.sdf", without_hydrogens(), "Structure 1 of .* hydrogens are missing"),
        ("text.db", "not a database at all, but long enough to have a header of sixteen bytes", "could not be read"),
    ],
)
def test_what_cannot_be_learned_from_is_refused_in_one_sentence(
    name: str, content: str, because: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(GpffError, match=because) as caught:
        list(read_structures(path))
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_and_an_unknown_suffix_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(GpffError, match="is not a file"):
        read_structures(tmp_path / "missing.xyz")
    with pytest.raises(GpffError, match="choose one of"):
        read_structures(tmp_path / "molecules.mol2")
    assert not list(tmp_path.iterdir())
