"""ASE databases (SQLite), and SchNetPack's, which are the same with a unit of length in their metadata."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import ase.db
from ase import units

from gpff_core.errors import GpffError
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
