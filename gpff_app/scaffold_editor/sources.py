"""Where documents come from: names, SMILES, files, drawings, and results of a run."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Final
from uuid import uuid4

import numpy as np

from gpff_app.scaffold_editor.document import Document, document
from gpff_app.scaffold_editor.edits import add_fragment
from gpff_app.settings import settings
from gpff_core.chemistry.building import MAX_SMILES_LENGTH, structure_from_mol_block, structure_from_smiles
from gpff_core.elements import symbol_of
from gpff_core.errors import GpffError, shown
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure
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

NONMETALS: Final = frozenset({1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53})
"""Elements of organic molecules, whose bonds say how many hydrogens are missing."""

LARGEST_DRAWING: Final = 100_000
"""Bytes of a drawing that is embedded."""

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


def open_file(file_name: str, data: bytes, elements: Collection[int], *, add_hydrogens: bool = False) -> list[Document]:
    """The structures of an uploaded file, for a network that knows `elements`; a drawing in 2D is embedded in 3D.

    GpffError as the reader words it, MissingHydrogensError where reading again with `add_hydrogens` may do: then what
    the bonds ask for is added, and given atoms stay where they are. Where the file also holds a metal that is not
    known, that is what the error names, because what its neighbours' bonds ask for is a guess.
    """
    if _is_drawing(file_name, data):
        return [replace(open_drawing(data.decode("utf-8", errors="replace")), name=_stem(file_name))]
    hydrogens = Hydrogens.ADDED if add_hydrogens else Hydrogens.REQUIRED
    try:
        return _named(structures_of_upload(file_name, data, hydrogens, settings().upload_limits), file_name)
    except MissingHydrogensError:
        _refuse_metals(file_name, data, elements)
        raise


def _refuse_metals(file_name: str, data: bytes, elements: Collection[int]) -> None:
    """GpffError if a file without its hydrogens holds metals beside these elements."""
    bare = structures_of_upload(file_name, data, Hydrogens.AS_GIVEN, settings().upload_limits)
    unknown = {number for structure in bare for number in structure.composition.numbers} - set(elements)
    if unknown - NONMETALS:
        raise GpffError(
            f"{shown(file_name)} lacks hydrogens and holds {symbols(unknown)}, which the network does not know (it "
            f"knows {symbols(elements)}); take those atoms out of the file, then open it again."
        )


def symbols(elements: Iterable[int]) -> str:
    """Atomic numbers as a list in words."""
    return ", ".join(symbol_of(number) for number in sorted(elements))


def _is_drawing(file_name: str, data: bytes) -> bool:
    """Whether this is a MOL file, or an SDF that begins with one, whose program says that it has two dimensions."""
    if PurePath(file_name).suffix.lower() not in (".sdf", ".mol") or len(data) > LARGEST_DRAWING:
        return False
    lines = data.decode("utf-8", errors="replace").splitlines()
    return len(lines) > 1 and lines[1][20:22] == "2D"


def received(what: Mapping[str, Any]) -> Document:
    """What another page handed over: a structure, its name, and the atoms that were frozen there, if any."""
    fresh = opened(what["structure"], str(what.get("name", "molecule")))
    return replace(fresh, frozen=frozenset(what.get("frozen", ())))


def _named(structures: Sequence[Structure], file_name: str) -> list[Document]:
    stem = _stem(file_name)
    names = [stem] if len(structures) == 1 else [f"{stem} {place}" for place in range(1, len(structures) + 1)]
    return [opened(structure, name) for structure, name in zip(structures, names, strict=True)]


def _stem(file_name: str) -> str:
    return shown(PurePath(file_name.replace("\\", "/")).stem)


def _embedded(smiles: str) -> Structure:
    composition, positions = structure_from_smiles(smiles)
    return Structure(composition, np.asarray(positions))
