"""The library's file: nothing is lost, whoever writes and whatever is killed; foreign files are left as they are."""

import multiprocessing
import os
import signal
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from gpff_app.library import schema
from gpff_app.library.store import Library
from gpff_core.errors import GpffError
from tests.app.library_samples import PROVENANCE, broken, sample


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data" / "library.sqlite3")


def rows(library: Library, what: str = "*") -> list[sqlite3.Row]:
    with sqlite3.connect(library.path) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute(f"SELECT {what} FROM structure ORDER BY run, place").fetchall()
    connection.close()
    return found


def test_positions_are_kept_to_the_last_bit(library: Library) -> None:
    made = [sample(0, "c1ccccc1O"), broken(1)]
    library.add(made, PROVENANCE, "run")
    for row, one in zip(rows(library), made, strict=True):
        assert np.array_equal(np.frombuffer(row["positions"], "<f4").reshape(-1, 3), one.positions)
        assert tuple(row["numbers"]) == one.composition.numbers
        assert (row["smiles"], row["reason"]) == (one.verdict.smiles, one.verdict.reason)


def test_adding_the_same_run_again_changes_nothing_and_adds_what_is_new(library: Library) -> None:
    library.add([sample(0, "CCO"), sample(1, "COC")], PROVENANCE, "run")
    before = [tuple(row) for row in rows(library)]
    library.add([sample(0, "O"), sample(1, "O"), sample(2, "C")], PROVENANCE, "run")
    after = [tuple(row) for row in rows(library)]
    assert after[:2] == before
    assert [row["smiles"] for row in rows(library)] == ["CCO", "COC", "C"]


def test_threads_that_begin_a_library_together_lose_nothing(library: Library) -> None:
    made = [sample(place, "CCO") for place in range(4)]
    threads = [threading.Thread(target=library.add, args=(made, PROVENANCE, f"run{k}")) for k in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(library)) == 48


def _write_until_killed(path: Path, ready: "multiprocessing.synchronize.Event") -> None:
    library = Library(path)
    made = [sample(place, "CCO") for place in range(20)]
    for run in range(10_000):
        library.add(made, PROVENANCE, f"{os.getpid()}-{run}")
        if run == 1:
            ready.set()


def test_processes_killed_while_they_write_leave_whole_runs(library: Library) -> None:
    context = multiprocessing.get_context("spawn")
    signals = [context.Event() for _ in range(2)]
    writers = [context.Process(target=_write_until_killed, args=(library.path, ready)) for ready in signals]
    for writer in writers:
        writer.start()
    for ready in signals:
        assert ready.wait(100)
    for writer in writers:
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    counts = {}
    for row in rows(library, "run"):
        counts[row["run"]] = counts.get(row["run"], 0) + 1
    assert len(counts) >= 4
    assert set(counts.values()) == {20}
    library.add([sample(0, "O")], PROVENANCE, "after")


def test_a_file_from_a_later_version_is_refused_and_left_as_it_is(library: Library) -> None:
    library.add([sample(0, "CCO")], PROVENANCE, "run")
    connection = sqlite3.connect(library.path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    before = library.path.read_bytes()
    assert "later version of GPFF Studio" in library.problem()
    with pytest.raises(GpffError, match="later version of GPFF Studio"):
        library.add([sample(1, "O")], PROVENANCE, "run")
    assert library.path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_as_it_is(library: Library) -> None:
    library.path.parent.mkdir()
    connection = sqlite3.connect(library.path)
    connection.execute("CREATE TABLE precious (x)")
    connection.commit()
    connection.close()
    before = library.path.read_bytes()
    with pytest.raises(GpffError, match="database of another program"):
        library.add([sample(0, "O")], PROVENANCE, "run")
    assert library.path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"this is no database, but it is long enough to be one" * 20, None])
def test_a_damaged_file_is_said_in_one_sentence(library: Library, damage: bytes | None) -> None:
    library.add([sample(place, "CCO") for place in range(40)], PROVENANCE, "run")
    library.path.write_bytes(damage or library.path.read_bytes()[:8192])
    said = library.problem()
    assert "is damaged" in said
    assert said.count(". ") == 0
    with pytest.raises(GpffError, match="is damaged"):
        library.add([sample(0, "O")], PROVENANCE, "other")


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is where the folder should be")
    with pytest.raises(GpffError, match="cannot be opened for writing"):
        Library(tmp_path / "data" / "library.sqlite3").add([sample(0, "O")], PROVENANCE, "run")
