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
        ("cut.xyz", "3\nwater\nO 0 0 0\nH 0 0 1\n", "Structure 1 of .* ends after 2 of 3 atoms"),
        ("letters.xyz", "3\nwater\nO 0 0 zero\nH 0 0 1\nH 0 1 0\n", "'O 0 0 zero' is no atom"),
        ("second.xyz", GOOD_FRAME + "two\n", "Structure 2 of .* 'two' stands where a number"),
        ("element.xyz", "1\n\nXq 0 0 0\n", "'Xq' is no element"),
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


@pytest.mark.parametrize("end", ["\n", "\n\n \n", "\r\n\r\n"])
def test_blank_lines_at_the_end_of_an_sdf_are_no_structure(end: str, tmp_path: Path) -> None:
    file = tmp_path / "two.sdf"
    with Chem.SDWriter(str(file)) as writer:
        for smiles in ("CCO", "C"):
            molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
            rdDistGeom.EmbedMolecule(molecule, randomSeed=1)
            writer.write(molecule)
    whole = file.read_text()
    file.write_text(whole + end)
    assert [composition.formula for composition, _ in read_structures(file)] == ["C2H6O", "CH4"]
    torn = whole[: whole.rindex("M  END") - 30]
    for text in (torn, torn + end, f"{torn}\n$$$$\n"):
        file.write_text(text)
        with pytest.raises(GpffError, match=r"Structure 2 of .* cannot be used: the record is damaged"):
            list(read_structures(file))


@pytest.mark.parametrize(
    "text",
    [
        "3\n\n8 0 0 0.119\n1 0 0.763 -0.477\n1 0 -0.763 -0.477\n",
        "3\nwater\nO1 0 0 0.119\nH2 0 0.763 -0.477\nH_b 0 -0.763 -0.477\n",
        "3\nall in \u00c5\nO 0 0 0.119 -0.8\nH 0 0.763 -0.477 0.4\nh 0 -0.763 -0.477 0.4\n",
        "3\n= 3 ={\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n",
        "\n3\n\nO 0 0 0.119\nH 0 0.763 -0.477\nH 0 -0.763 -0.477\n\n",
    ],
    ids=["atomic numbers", "labels", "latin-1 and charges", "a strange comment", "a blank first line"],
)
def test_xyz_files_of_all_ages_are_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "water.xyz"
    file.write_bytes(text.encode("latin-1") * 2)
    found = list(read_structures(file))
    assert [composition.numbers for composition, _ in found] == [(8, 1, 1)] * 2
    assert found[1][1][1].tolist() == pytest.approx([0, 0.763, -0.477])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2\n\nXx 0 0 0\nH 0 0 1\n", "'Xx' is no element"),
        ("2\n\n6 0 0 0\n1 0 0\n", "'1 0 0' is no atom; it needs an element and three coordinates"),
        ("3\n\n6 0 0 0\n1 0 0 1\n", "ends after 2 of 3 atoms"),
    ],
)
def test_what_is_wrong_with_a_plain_xyz_file_is_said(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.xyz"
    file.write_text(text)
    with pytest.raises(GpffError, match=said):
        list(read_structures(file))
