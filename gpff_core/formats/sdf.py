"""SDF: valid molecules with their bonds and what is known about them; other programs' molecules with 3D coordinates."""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from rdkit import Chem, rdBase

from gpff_core.errors import GpffError
from gpff_core.formats.records import Record
from gpff_core.formats.structures import Structure, structure


def render(records: Sequence[Record]) -> str:
    """Valid samples as SDF, all hydrogens written; V2000 keeps coordinates to 10⁻⁴ Å."""
    text = StringIO()
    writer = Chem.SDWriter(text)
    try:
        for record in records:
            writer.write(_molecule(record))
    finally:
        writer.close()
    return text.getvalue()


def _molecule(record: Record) -> Chem.Mol:
    sample = record.sample
    assert sample.verdict.molecule is not None, "a valid verdict holds its molecule"
    molecule = Chem.Mol(sample.verdict.molecule)
    molecule.SetProp("_Name", f"{sample.composition.formula} {sample.index}")
    for name, value in record.facts().items():
        if value != "" and name not in ("valid", "reason"):
            molecule.SetProp(name, _harmless(str(value)))
    return molecule


def _harmless(value: str) -> str:
    """A line that begins like the end of a record, or like a field, would be taken for one."""
    return f" {value}" if value.startswith(("$$$$", ">")) else value


def read(path: Path) -> Iterator[Structure]:
    """The molecules of an SDF; refused are drawings in 2D and molecules without their hydrogens."""
    with path.open("rb") as file, rdBase.BlockLogs():
        for molecule in Chem.ForwardSDMolSupplier(file, sanitize=False, removeHs=False):
            yield _structure_of(molecule)


def _structure_of(molecule: Chem.Mol | None) -> Structure:
    if molecule is None:
        raise GpffError("the record is damaged; export the file again")
    molecule.UpdatePropertyCache(strict=False)
    if any(atom.GetTotalNumHs() for atom in molecule.GetAtoms()):
        raise GpffError("hydrogens are missing; add all of them, with coordinates")
    conformer = molecule.GetConformer()
    if not conformer.Is3D() and molecule.GetNumAtoms() > 1:
        raise GpffError("the coordinates are a drawing in 2D; give 3D coordinates")
    return structure([atom.GetAtomicNum() for atom in molecule.GetAtoms()], conformer.GetPositions())
