"""The library: structures with their verdicts, properties and provenance, in one file that outlives the server.

Every call opens the file for itself, so any thread and any process may call at any time. A write is whole or did not
happen, also if the machine stops in the middle of it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gpff_app.library.rows import columns_of
from gpff_app.library.schema import connect, problem, transaction
from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.samples import Sample


class Library:
    """The library in the file `path`, which is begun with the first structure if it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def problem(self) -> str:
        """Why the file cannot be used, in one sentence; "" if it can."""
        try:
            with self._writing():
                return ""
        except GpffError as error:
            return str(error)

    def add(self, samples: Sequence[Sample], provenance: Provenance, run: str) -> None:
        """Keep what a run made; what is there already, by run and index, stays as it is.

        64 molecules take about 0.2 s, nearly all of it for their properties. Raises GpffError if the file does not
        take them.
        """
        now = _now()
        there = self._places(run)
        rows = [{"run": run, "created": now, **columns_of(sample)} for sample in samples if sample.index not in there]
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO run (id, created, provenance) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                (run, now, provenance.as_json()),
            )
            for row in rows:
                _insert(connection, row)

    def _places(self, run: str) -> set[int]:
        """The indices of the samples of a run that are here."""
        with self._reading() as connection:
            return {place for (place,) in connection.execute("SELECT place FROM structure WHERE run = ?", (run,))}

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(connect(self.path)) as connection:
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise GpffError(problem(self.path, error)) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection, transaction(connection):
            yield connection


def _insert(connection: sqlite3.Connection, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO structure ({names}) VALUES ({places}) ON CONFLICT (run, place) DO NOTHING", row)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
