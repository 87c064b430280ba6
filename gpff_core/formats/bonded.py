"""Formats that say which atoms are bonded, read by RDKit: the hydrogens that a file leaves out can be told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rdkit import Chem, rdBase

from gpff_core.errors import GpffError
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure, structure

HYDROGEN: Final = 1

SDF_END: Final = b"$$$$"
LONGEST_END: Final = 10_000
"""Bytes of blank lines at the end of an SDF that are seen."""

DAMAGED: Final = "the record is damaged; export the file again"


def read_sdf(path: Path, hydrogens: Hydrogens = Hydrogens.REQUIRED) -> Iterator[Structure]:
    """The molecules of an SDF; drawings in 2D are refused."""
    damaged = False  # whether the record read last is
    with path.open("rb") as file, rdBase.BlockLogs():
        records: Iterator[Chem.Mol | None] = iter(Chem.ForwardSDMolSupplier(file, sanitize=False, removeHs=False))
        for molecule in records:
            if damaged:
                raise GpffError(DAMAGED)
            damaged = molecule is None
            if not damaged:
                yield _structure(molecule, hydrogens)
    if damaged and not _ends_in_blank_lines(path):
        raise GpffError(DAMAGED)


def _ends_in_blank_lines(path: Path) -> bool:
    """Whether nothing but blank lines follow the last record, which RDKit takes for one more."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LONGEST_END))
        *before, end = file.read().rsplit(SDF_END, 1)
    return bool(before) and not end.strip() and end.count(b"\n") > 1


def read_mol(path: Path, hydrogens: Hydrogens = Hydrogens.REQUIRED) -> Iterator[Structure]:
    """The one molecule of a MOL file, V2000 or V3000; drawings in 2D are refused."""
    text = _text(path)
    if not text.strip():
        return
    with rdBase.BlockLogs():
        yield _structure(Chem.MolFromMolBlock(text, sanitize=False, removeHs=False), hydrogens)


def read_pdb(path: Path, hydrogens: Hydrogens = Hydrogens.REQUIRED) -> Iterator[Structure]:
    """The models of a PDB file, each as one structure; of alternative locations the first is taken.

    Bond orders come from the residue's name and from doubled CONECT records. Elsewhere they are unknown: so hydrogens
    count as missing only where there are none at all, and are added only to residues whose bond orders are known.
    """
    with rdBase.BlockLogs():
        molecule = _pdb(_text(path))
        if molecule is None:
            return
        complete = any(atom.GetAtomicNum() == HYDROGEN for atom in molecule.GetAtoms())
        if not complete and hydrogens is Hydrogens.ADDED:
            _require_bond_orders(molecule)
        for conformer in molecule.GetConformers():
            conformer.Set3D(True)  # RDKit takes a flat molecule for a drawing, which a PDB file never holds
            model = Chem.Mol(molecule, confId=conformer.GetId())
            yield _structure(model, Hydrogens.AS_GIVEN if complete else hydrogens)


def _pdb(text: str) -> Chem.Mol | None:
    """RDKit gives None for text that has no atoms."""
    return Chem.MolFromPDBBlock(text, sanitize=False, removeHs=False)


def _structure(molecule: Chem.Mol | None, hydrogens: Hydrogens) -> Structure:
    if molecule is None:
        raise GpffError(DAMAGED)
    molecule.UpdatePropertyCache(strict=False)
    if not molecule.GetNumConformers():
        raise GpffError(DAMAGED)
    if not molecule.GetConformer().Is3D() and molecule.GetNumAtoms() > 1:
        raise GpffError("the coordinates are a drawing in 2D; give 3D coordinates")
    if hydrogens is not Hydrogens.AS_GIVEN and any(atom.GetTotalNumHs() for atom in molecule.GetAtoms()):
        if hydrogens is Hydrogens.REQUIRED:
            raise MissingHydrogensError("hydrogens are missing; add all of them, with coordinates")
        molecule = _with_hydrogens(molecule)
    return structure([atom.GetAtomicNum() for atom in molecule.GetAtoms()], molecule.GetConformer().GetPositions())


def _with_hydrogens(molecule: Chem.Mol) -> Chem.Mol:
    """The molecule with every hydrogen its valences ask for, placed by the geometry of its neighbours."""
    if Chem.SanitizeMol(molecule, catchErrors=True) != Chem.SANITIZE_NONE:
        raise GpffError("its bonds do not fit its elements, so hydrogens cannot be added; correct its bonds or charges")
    return Chem.AddHs(molecule, addCoords=True)


def _require_bond_orders(molecule: Chem.Mol) -> None:
    """A residue of several atoms with single bonds only is one that nothing is known about, unless it is standard."""
    unsure: dict[str, bool] = {}
    for bond in molecule.GetBonds():
        residue = bond.GetBeginAtom().GetPDBResidueInfo()
        if residue.GetIsHeteroAtom():
            name = residue.GetResidueName().strip()
            unsure[name] = unsure.get(name, True) and bond.GetBondType() == Chem.BondType.SINGLE
    if names := [name or "without a name" for name, is_unsure in unsure.items() if is_unsure]:
        raise GpffError(
            f"the file does not tell single from double bonds in residue {names[0]}, so its hydrogens cannot be "
            "added; add them in the program it comes from, or give an SDF"
        )


def _text(path: Path) -> str:
    """Latin-1 has a letter for every byte; what matters in these formats is ASCII."""
    return path.read_bytes().decode("latin-1")
