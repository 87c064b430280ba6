"""Samples as rows of the library, and back."""

import dataclasses
import json
import sqlite3
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from gpff_app.library.columns import NUMBERS
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.properties import moment_shape, properties
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.formats.provenance import INPUT_FILES, InputFile, Provenance
from gpff_core.formats.records import Fact, Record
from gpff_core.molecules import Composition
from gpff_core.samples import Sample

SAID: Final = (*(name for name in NUMBERS if name != "n_evaluations"), "shape", "favourite", "note", "created", "run")
"""Columns that files get beside what a sample says itself."""


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """One structure of the library with all that is kept about it; `row` has its columns by name."""

    sample: Sample
    provenance: Provenance
    row: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.sample.composition.formula} · {self.row['id']}"

    def record(self) -> Record:
        """For a file; what is not known is left out."""
        said: dict[str, Fact] = {name: self.row[name] for name in SAID if self.row[name] not in (None, "")}
        return Record(self.sample, self.provenance, {"library_id": self.row["id"], **said})


def columns_of(sample: Sample) -> dict[str, Any]:
    """What the table of structures holds about a sample, by column; computes its properties."""
    shape = moment_shape(sample.composition.numbers, sample.positions)
    return {
        "place": sample.index,
        "formula": sample.composition.formula,
        "n_atoms": len(sample.composition),
        "numbers": bytes(sample.composition.numbers),
        "positions": np.ascontiguousarray(sample.positions, dtype="<f4").tobytes(),
        "bonds": np.array(sample.verdict.bonds, dtype="<u2").tobytes(),
        "valid": sample.verdict.valid,
        "smiles": sample.verdict.smiles,
        "reason": sample.verdict.reason,
        "novelty": str(sample.novelty),
        "n_evaluations": sample.n_evaluations,
        "scaffold": sample.scaffold,
        **({} if shape is None else {"npr1": shape.npr1, "npr2": shape.npr2, "shape": shape.name}),
        **({} if sample.verdict.molecule is None else dataclasses.asdict(properties(sample.verdict.molecule))),
    }


def entry_of(row: sqlite3.Row) -> Entry:
    """A row of both tables, joined, as what it was made of; nothing is judged again."""
    columns = dict(zip(row.keys(), row, strict=True))
    composition = Composition(tuple(columns.pop("numbers")))
    positions = np.frombuffer(columns.pop("positions"), dtype="<f4").reshape(-1, 3).astype(np.float32)
    bonded = np.frombuffer(columns.pop("bonds"), dtype="<u2").reshape(-1, 3)
    valid = bool(columns["valid"])
    molecule = _molecule(composition, positions, bonded) if valid else None
    sample = Sample(
        columns["place"],
        composition,
        positions,
        Verdict(valid, columns["smiles"], columns["reason"], molecule),
        Novelty(columns["novelty"]),
        columns["n_evaluations"],
        columns["scaffold"],
    )
    return Entry(sample, provenance_from_json(columns.pop("provenance")), columns)


def provenance_as_json(provenance: Provenance) -> str:
    """Everything about a run, the files its command reads too."""
    return json.dumps(dataclasses.asdict(provenance), ensure_ascii=False)


def provenance_from_json(text: str) -> Provenance:
    made = json.loads(text)
    # Older libraries lack some of the files.
    files = {name: InputFile(**made[name]) for name in INPUT_FILES if made.get(name) is not None}
    return Provenance(**{**made, "frozen_atoms": tuple(made["frozen_atoms"]), **files})


def _molecule(composition: Composition, positions: NDArray[np.float32], bonded: NDArray[np.uint16]) -> Chem.Mol:
    molecule = Chem.RWMol()
    for number in composition.numbers:
        atom = Chem.Atom(number)
        atom.SetNoImplicit(True)
        molecule.AddAtom(atom)
    for first, second, order in bonded.tolist():
        molecule.AddBond(first, second, Chem.BondType.values[order])
    conformer = Chem.Conformer(len(composition))
    conformer.SetPositions(positions.astype(np.float64))
    molecule.AddConformer(conformer, assignId=True)
    Chem.SanitizeMol(molecule)
    return molecule.GetMol()
