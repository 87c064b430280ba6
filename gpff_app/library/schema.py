"""The library's file: an SQLite database that any tool for SQLite opens. What is in it, and how it is opened.

`user_version` counts the migrations a file has seen; `application_id` says whose file it is. Positions are exact:
little-endian float32 (N, 3) in Å; numbers are one byte an atom; bonds are little-endian uint16 (B, 3): atom, atom,
order, with alternating single and double bonds in aromatic rings. Times are UTC. Numbers with a unit are in the units
of `gpff_core.chemistry.properties`, strain in kcal/mol. A structure with `deleted` is in the bin.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gpff_core.errors import GpffError

APPLICATION_ID: Final = int.from_bytes(b"GPFF")

MIGRATIONS: Final = (
    (
        """CREATE TABLE run (
            id TEXT PRIMARY KEY,
            created TEXT NOT NULL,
            provenance TEXT NOT NULL
        )""",
        """CREATE TABLE structure (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL REFERENCES run (id),
            place INTEGER NOT NULL,
            created TEXT NOT NULL,
            formula TEXT NOT NULL,
            n_atoms INTEGER NOT NULL,
            numbers BLOB NOT NULL,
            positions BLOB NOT NULL,
            bonds BLOB NOT NULL,
            valid INTEGER NOT NULL,
            smiles TEXT NOT NULL,
            reason TEXT NOT NULL,
            novelty TEXT NOT NULL,
            n_evaluations INTEGER NOT NULL,
            scaffold TEXT NOT NULL,
            npr1 REAL, npr2 REAL, shape TEXT,
            qed REAL, logp REAL, tpsa REAL, sa_score REAL, weight REAL, n_heavy INTEGER, n_rings INTEGER,
            strain REAL, strain_reason TEXT NOT NULL DEFAULT '',
            favourite INTEGER NOT NULL DEFAULT 0,
            note TEXT NOT NULL DEFAULT '',
            deleted TEXT,
            UNIQUE (run, place)
        )""",
        "CREATE INDEX structure_smiles ON structure (smiles)",
    ),
)
"""Statements that bring a file from each version to the next; a step that was released is never changed."""

VERSION: Final = len(MIGRATIONS)

PATIENCE: Final = 20.0
"""Seconds to wait for another thread or process that is writing."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the library at `path`, which is begun if it is not there; without transactions of Python's own.

    Raises GpffError for a file that is not a library or one from a later version, and sqlite3.Error or OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        with transaction(connection, "DEFERRED"):  # all of it read at one moment: another process may be beginning it
            version = _version(connection, path)
        if version < VERSION:
            _migrate(connection, path)
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def problem(path: Path, error: Exception) -> str:
    """One sentence about what went wrong with the file, and what to do."""
    if isinstance(error, GpffError):
        return str(error)
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CANTOPEN) & 0xFF:
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return (
                f"The library {path} cannot be opened for writing; give the server the right to write to its folder, "
                "or set GPFF_DATA_FOLDER to another one."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return (
                f"The library {path} is damaged or no database at all; move it away to begin a new one, "
                "or put a backup in its place."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"The library {path} is held by another program; close that program and try again."
        case sqlite3.SQLITE_FULL:
            return f"The disk with the library {path} is full; free some space and try again."
    return f"The library {path} could not be used ({' '.join(str(error).split())}); check the disk or use a backup."


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Migrations the file has seen, read without changing it."""
    [application] = connection.execute("PRAGMA application_id").fetchone()
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [n_tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, n_tables) == (0, 0, 0):
        return 0
    if application != APPLICATION_ID:
        raise GpffError(
            f"{path} is a database of another program, not a library of this one; "
            "move it away, or set GPFF_DATA_FOLDER to another folder."
        )
    if version > VERSION:
        raise GpffError(
            f"The library {path} was written by a later version of GPFF Studio (format {version}, this one knows "
            f"{VERSION}); update GPFF Studio, or set GPFF_DATA_FOLDER to another folder."
        )
    return int(version)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file to the current version, all of it or nothing; another process may be doing the same."""
    with contextlib.suppress(sqlite3.OperationalError):  # busy: the process that is first does it for all
        connection.execute("PRAGMA journal_mode = WAL")
    with transaction(connection):
        for version in range(_version(connection, path), VERSION):
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Iterator[None]:
    """Write all of what follows, or on any failure nothing; a DEFERRED one only reads, at one moment."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # SQLite ends it by itself where the disk is full
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
