"""Plain XYZ, the format every program reads: symbols and coordinates, and one line to say what they are."""

from collections.abc import Sequence

from gpff_core.formats.provenance import Provenance
from gpff_core.formats.records import Record
from gpff_core.samples import Sample


def render(records: Sequence[Record]) -> str:
    """Every sample as a frame of plain XYZ in Å, its verdict and provenance in the comment line."""
    return "".join(_frame(record.sample, record.provenance) for record in records)


def _frame(sample: Sample, provenance: Provenance) -> str:
    judged = f"valid {sample.verdict.smiles}" if sample.verdict.valid else f"not valid: {sample.verdict.reason}"
    comment = (
        f"{sample.composition.formula} index {sample.index} | {judged} | {sample.novelty} | "
        f"{sample.n_evaluations} network calls | {provenance.as_json()}"
    )
    atoms = (
        f"{symbol:<2} {x:14.8f} {y:14.8f} {z:14.8f}\n"
        for symbol, (x, y, z) in zip(sample.composition.symbols, sample.positions, strict=True)
    )
    return f"{len(sample.composition)}\n{comment}\n{''.join(atoms)}"
