"""SDF: valid molecules with their bonds and what is known about them."""

from collections.abc import Sequence
from io import StringIO

from rdkit import Chem

from gpff_core.formats.records import Record


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
    molecule.SetProp("_Name", f"{sample.composition.formula} index {sample.index}")
    for name, value in record.facts().items():
        if value != "" and name not in ("valid", "reason"):
            molecule.SetProp(name, _harmless(str(value)))
    return molecule


def _harmless(value: str) -> str:
    """A line that begins like the end of a record, or like a field, would be taken for one."""
    return f" {value}" if value.startswith(("$$$$", ">")) else value
