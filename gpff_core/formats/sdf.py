"""SDF: valid molecules with their bonds and what is known about them; other programs' molecules with 3D coordinates."""

from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

from rdkit import Chem, rdBase

from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.structures import Structure, structure
from gpff_core.samples import Sample


def render(samples: Sequence[Sample], provenance: Provenance) -> str:
    """Valid samples as SDF, all hydrogens written; V2000 keeps coordinates to 10⁻⁴ Å."""
    text = StringIO()
    writer = Chem.SDWriter(text)
    try:
        for sample in samples:
            writer.write(_record(sample, provenance))
    finally:
        writer.close()
    return text.getvalue()


def _record(sample: Sample, provenance: Provenance) -> Chem.Mol:
    assert sample.verdict.molecule is not None, "a valid verdict holds its molecule"
    molecule = Chem.Mol(sample.verdict.molecule)
    molecule.SetProp("_Name", f"{sample.composition.formula} {sample.index}")
    facts = {name: value for name, value in sample.facts().items() if name not in ("valid", "reason")}
    for name, value in {**facts, **provenance.as_dict()}.items():
        if value != "":
            molecule.SetProp(name, str(value))
    return molecule


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
