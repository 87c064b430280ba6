"""ASE databases (SQLite), and SchNetPack's, which are the same with a unit of length in their metadata."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import ase.db
import numpy as np
from ase import Atoms, units

from gpff_core.errors import GpffError
from gpff_core.formats.records import Fact, Record
from gpff_core.formats.structures import Structure, molecular

UNITS: Final = {"Ang": 1.0, "Angstrom": 1.0, "Bohr": units.Bohr, "nm": units.nm}
"""Å in each unit of length, by the names SchNetPack takes from ASE."""


def read(path: Path) -> Iterator[Structure]:
    """The rows of a database; lengths are in Å unless its metadata say otherwise (`_distance_unit`).

    Atoms and places alone are taken from a row: nothing else that a stranger may have put there is made an object.
    """
    with ase.db.connect(path, use_lock_file=False) as database:
        name = database.metadata.get("_distance_unit", "Ang")
        if name not in UNITS:
            raise GpffError(
                f"its unit of length is {name}, and only {', '.join(UNITS)} are known; convert the database"
            )
        for row in database.select():
            yield molecular(row.numbers, row.positions * UNITS[name], row.pbc)


COLUMNS: Final = ("smiles", "valid", "novelty")
"""Facts in words that `ase db` can select by, besides all numbers; ASE keeps other words as data only."""


def render(records: Sequence[Record]) -> bytes:
    """Every sample as a row in Å; facts are key-value pairs where ASE allows it, and all of them are in `row.data`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samples.db"
        with ase.db.connect(path, use_lock_file=False) as database:
            database.metadata = {"title": "GPFF Studio", "_distance_unit": "Ang"}
            for record in records:
                facts, sample = record.facts(), record.sample
                atoms = Atoms(numbers=sample.composition.numbers, positions=sample.positions.astype(np.float64))
                database.write(atoms, key_value_pairs=_searchable(facts), data=facts)
        return path.read_bytes()


def _searchable(facts: dict[str, Fact]) -> dict[str, Fact]:
    return {
        name: value for name, value in facts.items() if (name in COLUMNS or not isinstance(value, str)) and value != ""
    }
