"""Where documents come from: every name, every kind of file, and what is not one."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem

from gpff_app.scaffold_editor.choosing import fragments
from gpff_app.scaffold_editor.sources import (
    SCAFFOLDS,
    open_drawing,
    open_file,
    open_text,
)
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.formats.structures import MissingHydrogensError

KNOWN = (1, 6, 7, 8)

IRON = b"""HETATM    1 FE   HEM A   1       0.000   0.000   0.000  1.00  0.00          FE
HETATM    2  NA  HEM A   1       2.000   0.000   0.000  1.00  0.00           N
HETATM    3  CHA HEM A   1       3.100   1.000   0.000  1.00  0.00           C
END
"""


@pytest.mark.parametrize("name", SCAFFOLDS)
def test_every_name_gives_the_molecule_it_says(name: str) -> None:
    found = open_text(name.upper())
    assert found.name == name
    assert verdict(found.numbers, found.positions).smiles == Chem.CanonSmiles(SCAFFOLDS[name])
    assert set(found.numbers) <= {1, 6, 7, 8}


def test_molecules_separated_by_dots_stand_side_by_side() -> None:
    three = open_text("C#N.c1ccccc1.O")
    assert [len(piece) for piece in fragments(three)] == [3, 12, 3]
    assert not three.frozen
    assert three.source.is_valid


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "SMILES is empty"),
        ("no such name", "not a SMILES RDKit can read"),
        ("C[N+](C)(C)C", "charge"),
        ("C." * 6 + "C", "at most 6 at once"),
        ("C" * 501, "at most 500"),
        ("<img src=x onerror=alert(1)>", "not a SMILES"),
    ],
)
def test_text_that_is_no_molecule_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence):
        open_text(text)


def sdf_of(*smiles: str, hydrogens: bool) -> bytes:
    blocks = []
    for each in smiles:
        molecule = Chem.AddHs(Chem.MolFromSmiles(each))
        AllChem.EmbedMolecule(molecule, randomSeed=1)
        blocks.append(Chem.MolToMolBlock(molecule if hydrogens else Chem.RemoveHs(molecule)) + "$$$$\n")
    return "".join(blocks).encode()


def test_the_structures_of_a_file_are_offered_by_number() -> None:
    found = open_file("two.sdf", sdf_of("CO", "CN", hydrogens=True), KNOWN)
    assert [document.name for document in found] == ["two 1", "two 2"]
    assert [document.symbols[:2] for document in found] == [("C", "O"), ("C", "N")]


def test_missing_hydrogens_are_noticed_and_added_without_moving_an_atom() -> None:
    bare = sdf_of("OCc1ccccc1", "CN", hydrogens=False)
    with pytest.raises(MissingHydrogensError, match="hydrogens are missing"):
        open_file("x.sdf", bare, KNOWN)
    given = Chem.MolFromMolBlock(bare.decode())
    first, second = open_file("x.sdf", bare, KNOWN, add_hydrogens=True)
    assert verdict(first.numbers, first.positions).smiles == "OCc1ccccc1"
    assert first.symbols[:8] == tuple(atom.GetSymbol() for atom in given.GetAtoms())
    assert np.array_equal(first.positions[:8], given.GetConformer().GetPositions().astype(np.float32))
    assert second.composition.formula == "CH5N"


def test_a_metal_is_what_is_wrong_with_a_file_and_not_the_hydrogens_it_lacks() -> None:
    with pytest.raises(GpffError, match=r"heme\.pdb .* Fe, .* not know \(it knows H, C, N, O\)") as refused:
        open_file("heme.pdb", IRON, KNOWN)
    assert not isinstance(refused.value, MissingHydrogensError)
    with pytest.raises(MissingHydrogensError):
        open_file("heme.pdb", IRON, (*KNOWN, 26))
    with pytest.raises(MissingHydrogensError):
        open_file("chlorine.sdf", sdf_of("CCCl", hydrogens=False), KNOWN)


def test_an_uploaded_drawing_is_embedded() -> None:
    drawn = Chem.MolFromSmiles("OC1CCC1")
    AllChem.Compute2DCoords(drawn)
    (found,) = open_file("my drawing.mol", Chem.MolToMolBlock(drawn).encode(), KNOWN)
    assert (found.name, found.composition.formula) == ("my drawing", "C4H8O")
    assert np.ptp(found.positions, axis=0).min() > 0.5


def test_a_drawing_becomes_3d_in_its_own_order() -> None:
    drawn = Chem.MolFromSmiles("OC1=CC=CN1")
    AllChem.Compute2DCoords(drawn)
    found = open_drawing(Chem.MolToMolBlock(drawn))
    assert found.symbols == ("O", "C", "C", "C", "C", "N", *"HHHHH")
    assert verdict(found.numbers, found.positions).smiles == Chem.CanonSmiles("OC1=CC=CN1")
    assert np.ptp(found.positions, axis=0).min() > 0.5, "not flat as it was drawn"


@pytest.mark.parametrize("text", ["", "rubbish", "\n\n\n  0  0\n", Chem.MolToMolBlock(Chem.MolFromSmiles("[NH4+]"))])
def test_drawings_that_are_no_molecule_are_refused(text: str) -> None:
    with pytest.raises(GpffError, match="drawing"):
        open_drawing(text)


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence() -> None:
    for name, data in (("x.sdf", b"rubbish"), ("x.docx", b""), ("x.xyz", b"3\n\nC 0 0 0\n")):
        with pytest.raises(GpffError, match=r"\.$"):
            open_file(name, data, KNOWN)
