"""The library: structures with their verdicts, properties and provenance, in one file that outlives the server.

Every call opens the file for itself, so any thread and any process may call at any time. A write is whole or did not
happen, also if the machine stops in the middle of it.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gpff_app.library.columns import COLUMNS, NUMBERS
from gpff_app.library.query import Query, has_substructure
from gpff_app.library.rows import Entry, columns_of, entry_of, provenance_as_json
from gpff_app.library.schema import connect, problem, transaction
from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.samples import Sample

MAX_NOTE_LENGTH: Final = 2000

_SHOWN: Final = "id, valid, smiles, reason, favourite, formula, novelty, shape, scaffold, created, note, " + ", ".join(
    NUMBERS
)


@dataclass(frozen=True)
class RunLine:
    """A run in one line; `provenance` is JSON, `formula` that of one of its `n_structures`."""

    id: str
    created: str
    provenance: str
    n_structures: int
    formula: str


@dataclass(frozen=True)
class Contents:
    """Structures in the library and in its bin, and the size of the file."""

    n_structures: int
    n_deleted: int
    n_bytes: int


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
                (run, now, provenance_as_json(provenance)),
            )
            for row in rows:
                _insert(connection, row)

    def count(self, query: Query) -> int:
        """How many are found (after merging)."""
        found, values = query.found()
        with self._reading() as connection:
            [number] = connection.execute(f"SELECT count(*) FROM ({found})", values).fetchone()
        return int(number)

    def ids(self, query: Query) -> list[int]:
        """All that are found, in the order asked for."""
        found, values = query.found()
        text = f"SELECT id FROM ({found}) JOIN structure USING (id) ORDER BY {query.order_by()}"
        with self._reading() as connection:
            return [number for (number,) in connection.execute(text, values)]

    def with_copies(self, ids: Sequence[int], query: Query) -> list[int]:
        """These, and where the query merges duplicates what it finds that was merged into them."""
        if not query.merged:
            return list(ids)
        found, values = replace(query, merged=False).found()
        text = (
            f"SELECT id FROM ({found}) JOIN structure USING (id) WHERE valid AND smiles IN "
            "(SELECT smiles FROM structure WHERE valid AND id IN (SELECT value FROM json_each(:ids)))"
        )
        with self._reading() as connection:
            copies = [number for (number,) in connection.execute(text, {**values, "ids": json.dumps(list(ids))})]
        return list(dict.fromkeys([*ids, *copies]))

    def page(self, query: Query, first: int, n_rows: int) -> list[dict[str, Any]]:
        """Some of what is found: the columns of `_SHOWN` by name, and `copies`, how many were merged into one."""
        found, values = query.found()
        text = (
            f"SELECT {_SHOWN}, copies FROM ({found}) JOIN structure USING (id) "
            f"ORDER BY {query.order_by()} LIMIT :n_rows OFFSET :first"
        )
        with self._reading() as connection:
            return [dict(row) for row in connection.execute(text, {**values, "n_rows": n_rows, "first": first})]

    def points(self, query: Query, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Identifier, these of `columns.COLUMNS` and SMILES, of all that have a number in each numeric column."""
        chosen = [name for name in columns if name in COLUMNS]
        complete = " AND ".join(f"{name} IS NOT NULL" for name in chosen if name in NUMBERS)
        found, values = query.found()
        listed = ", ".join(["id", *chosen, "smiles"])
        text = f"SELECT {listed} FROM ({found}) JOIN structure USING (id) WHERE {complete} ORDER BY id"
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(text, values)]

    def entries(self, ids: Sequence[int]) -> list[Entry]:
        """Structures with everything that is known, in the order given; those that are gone are left out."""
        text = (
            "SELECT structure.*, provenance FROM structure JOIN run ON run.id = run "
            "WHERE structure.id IN (SELECT value FROM json_each(?))"
        )
        with self._reading() as connection:
            found = {row["id"]: entry_of(row) for row in connection.execute(text, (json.dumps(list(ids)),))}
        return [found[number] for number in ids if number in found]

    def runs(self) -> list[RunLine]:
        """What the structures came from, newest first."""
        text = (
            "SELECT run.id, run.created, provenance, count(*) AS n, min(formula) AS formula "
            "FROM run JOIN structure ON run = run.id WHERE deleted IS NULL GROUP BY run.id ORDER BY run.rowid DESC"
        )
        with self._reading() as connection:
            return [RunLine(*row) for row in connection.execute(text)]

    def contents(self) -> Contents:
        """What the file holds, and how large it is."""
        text = "SELECT count(*) FILTER (WHERE deleted IS NULL), count(deleted) FROM structure"
        with self._reading() as connection:
            n_structures, n_deleted = connection.execute(text).fetchone()
        return Contents(n_structures, n_deleted, self.path.stat().st_size)

    def set_favourite(self, ids: Sequence[int], favourite: bool) -> None:
        self._set(ids, "favourite", int(favourite))

    def set_note(self, ids: Sequence[int], note: str) -> None:
        self._set(ids, "note", note.strip()[:MAX_NOTE_LENGTH])

    def set_strain(self, ids: Sequence[int], strain: float | None, reason: str = "") -> None:
        """The energy in kcal/mol that relaxing releases, or why there is none."""
        self._set(ids, "strain", strain)
        self._set(ids, "strain_reason", reason)

    def delete(self, ids: Sequence[int]) -> None:
        """Into the bin; nothing is lost before `empty_bin`."""
        self._set(ids, "deleted", _now())

    def restore(self, ids: Sequence[int] | None = None) -> None:
        """Out of the bin: these, or all."""
        with self._writing() as connection:
            if ids is None:
                connection.execute("UPDATE structure SET deleted = NULL")
        if ids is not None:
            self._set(ids, "deleted", None)

    def empty_bin(self) -> None:
        """Remove for good what was deleted, and give its space back."""
        with self._writing() as connection:
            connection.execute("DELETE FROM structure WHERE deleted IS NOT NULL")
            connection.execute("DELETE FROM run WHERE id NOT IN (SELECT run FROM structure)")
        with self._reading() as connection:
            connection.execute("VACUUM")

    def backup(self) -> bytes:
        """The file as it is at this moment, whole also while others write."""
        with TemporaryDirectory() as folder, self._reading() as connection:
            copy = Path(folder) / "copy.sqlite3"
            with closing(sqlite3.connect(copy)) as target:
                connection.backup(target)
            return copy.read_bytes()

    def _set(self, ids: Sequence[int], column: str, value: Any) -> None:
        text = f"UPDATE structure SET {column} = ? WHERE id IN (SELECT value FROM json_each(?))"
        with self._writing() as connection:
            connection.execute(text, (value, json.dumps(list(ids))))

    def _places(self, run: str) -> set[int]:
        """The indices of the samples of a run that are here."""
        with self._reading() as connection:
            return {place for (place,) in connection.execute("SELECT place FROM structure WHERE run = ?", (run,))}

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(connect(self.path)) as connection:
                connection.create_function("has_substructure", 2, has_substructure, deterministic=True)
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
