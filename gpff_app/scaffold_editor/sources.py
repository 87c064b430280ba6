"""Where documents come from: names, SMILES, files, drawings, and results of a run."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final
from uuid import uuid4

import numpy as np
from rdkit import Chem, rdBase

from gpff_app.scaffold_editor.document import Document, document
from gpff_app.scaffold_editor.edits import add_fragment
from gpff_core.chemistry.building import MAX_SMILES_LENGTH, structure_from_mol_block, structure_from_smiles
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.formats.uploads import structures_of_upload

SCAFFOLDS: Final[dict[str, str]] = {
    "benzene": "c1ccccc1",
    "pyridine": "c1ccncc1",
    "pyrimidine": "c1cncnc1",
    "pyrazine": "c1cnccn1",
    "pyrrole": "c1cc[nH]c1",
    "furan": "c1ccoc1",
    "pyrazole": "c1cn[nH]c1",
    "imidazole": "c1c[nH]cn1",
    "oxazole": "c1cocn1",
    "isoxazole": "c1cnoc1",
    "1,2,4-triazole": "c1nc[nH]n1",
    "indole": "c1ccc2[nH]ccc2c1",
    "naphthalene": "c1ccc2ccccc2c1",
    "cyclopropane": "C1CC1",
    "cyclopentane": "C1CCCC1",
    "cyclohexane": "C1CCCCC1",
    "azetidine": "C1CNC1",
    "pyrrolidine": "C1CCNC1",
    "piperidine": "C1CCNCC1",
    "piperazine": "C1CNCCN1",
    "morpholine": "C1COCCN1",
    "oxetane": "C1COC1",
    "tetrahydrofuran": "C1CCOC1",
    "tetrahydropyran": "C1CCOCC1",
    "norbornane": "C1CC2CCC1C2",
    "adamantane": "C1C2CC3CC1CC(C2)C3",
    "cyclohexanone": "O=C1CCCCC1",
    "acetamide": "CC(N)=O",
}
"""Common scaffolds of H, C, N and O by name."""

FRAGMENTS: Final[dict[str, str]] = {
    "methyl": "C",
    "ethyl": "CC",
    "isopropyl": "C(C)C",
    "vinyl": "C=C",
    "ethynyl": "C#C",
    "hydroxy": "O",
    "methoxy": "OC",
    "formyl": "C=O",
    "acetyl": "C(C)=O",
    "carboxy": "C(=O)O",
    "carbamoyl": "C(=O)N",
    "amino": "N",
    "dimethylamino": "N(C)C",
    "cyano": "C#N",
    "phenyl": "c1ccccc1",
    "4-pyridyl": "c1ccncc1",
}
"""Groups by name; the first atom of the SMILES is the one that is bonded."""

SUFFIXES: Final = (".sdf", ".mol", ".xyz", ".extxyz", ".pdb", ".cif")
WITH_BONDS: Final = (".sdf", ".mol")
"""Files that know bonds, so that missing hydrogens can be added."""

MOST_PIECES: Final = 6


def opened(structure: Structure, name: str) -> Document:
    """A document that nothing has been done to yet; the camera turns to it."""
    return document(name, structure.composition.numbers, structure.positions, origin=uuid4().hex)


def open_text(text: str) -> Document:
    """A scaffold by name, or a SMILES; molecules separated by a dot are put side by side, for a linker."""
    wanted = text.strip()
    name = wanted if wanted.lower() not in SCAFFOLDS else wanted.lower()
    smiles = SCAFFOLDS.get(name, wanted)
    if len(smiles) > MAX_SMILES_LENGTH:
        raise GpffError(
            f"The SMILES has {len(smiles)} characters, and at most {MAX_SMILES_LENGTH} are read; take a smaller piece."
        )
    first, *others = smiles.split(".")
    if len(others) >= MOST_PIECES:
        raise GpffError(f"{len(others) + 1} molecules were given; the editor takes at most {MOST_PIECES} at once.")
    whole = opened(_embedded(first), name)
    for piece in others:
        whole = add_fragment(whole, _embedded(piece))
    return opened(whole.structure, name)


def fragment(name_or_smiles: str) -> Structure:
    """A group by its name or a SMILES, whose first atom is the one that is bonded."""
    wanted = name_or_smiles.strip()
    return _embedded(FRAGMENTS.get(wanted.lower(), SCAFFOLDS.get(wanted.lower(), wanted)))


def open_drawing(mol_block: str) -> Document:
    """A drawing in 2D as a MOL file: its atoms first, in their order, then its hydrogens."""
    return opened(Structure(*structure_from_mol_block(mol_block)), "drawing")


def open_file(file_name: str, data: bytes) -> list[Document]:
    """The structures of an uploaded file; GpffError as its reader words it."""
    return _named(structures_of_upload(file_name, data), file_name)


def open_file_with_hydrogens(file_name: str, data: bytes) -> list[Document]:
    """The structures of an SDF or MOL file, with the hydrogens it leaves out; given atoms stay where they are."""
    blocks = data.decode("utf-8", errors="replace").split("$$$$\n")
    found = [structure_from_mol_block(block) for block in blocks if block.strip()]
    if not found:
        raise GpffError("The file contains no structures; check that it is the right file.")
    return _named([Structure(*each) for each in found], file_name)


def lacks_hydrogens(file_name: str, data: bytes) -> bool:
    """Whether this is a file with bonds whose first molecule leaves out hydrogens, or is a drawing in 2D."""
    if PurePath(file_name).suffix.lower() not in WITH_BONDS:
        return False
    with rdBase.BlockLogs():
        molecule = Chem.MolFromMolBlock(data.decode("utf-8", errors="replace"), removeHs=False)
    if molecule is None:
        return False
    return any(atom.GetTotalNumHs() for atom in molecule.GetAtoms()) or not molecule.GetConformer().Is3D()


def xyz_text(source: Document) -> str:
    """The document as XYZ, with digits enough that a reader gets every coordinate back to the last bit."""
    lines = [
        f"{symbol} {x:.9g} {y:.9g} {z:.9g}"
        for symbol, (x, y, z) in zip(source.symbols, source.positions.tolist(), strict=True)
    ]
    return "\n".join([str(len(source)), "scaffold", *lines, ""])


def _named(structures: Sequence[Structure], file_name: str) -> list[Document]:
    stem = PurePath(file_name).stem
    names = [stem] if len(structures) == 1 else [f"{stem} {place}" for place in range(1, len(structures) + 1)]
    return [opened(structure, name) for structure, name in zip(structures, names, strict=True)]


def _embedded(smiles: str) -> Structure:
    composition, positions = structure_from_smiles(smiles)
    return Structure(composition, np.asarray(positions))
