"""SDF: valid molecules with their bonds and what is known about them."""

from collections.abc import Sequence
from io import StringIO

from rdkit import Chem

from gpff_core.formats.provenance import Provenance
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
