"""The library's file: nothing is lost, whoever writes and whatever is killed; foreign files are left as they are."""

import dataclasses
import multiprocessing
import os
import signal
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem

from gpff_app.library import schema
from gpff_app.library.importing import import_file
from gpff_app.library.query import Query, Range
from gpff_app.library.store import Library
from gpff_app.library.strain import StrainTask
from gpff_core.chemistry.novelty import Novelty
from gpff_core.errors import GpffError
from gpff_core.formats.writing import records_as_bytes, samples_as_text
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


def test_nobody_takes_a_library_that_is_being_begun_for_a_foreign_file(tmp_path: Path) -> None:
    said: list[str] = []
    for number in range(20):
        one = Library(tmp_path / f"{number}.sqlite3")
        threads = [threading.Thread(target=lambda one=one: said.append(one.problem())) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert said == [""] * 240


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


def filled(library: Library) -> Library:
    """Six structures of two runs: ethanol twice, benzene, phenol, methane; one of them torn."""
    kept = sample(3, "Oc1ccccc1", scaffold="kept")
    library.add([sample(0, "CCO"), sample(1, "c1ccccc1", Novelty.KNOWN), broken(2), kept], PROVENANCE, "first")
    lost = sample(1, "C", scaffold="lost a bond of the scaffold")
    library.add([sample(0, "CCO"), lost], dataclasses.replace(PROVENANCE, seed=8), "second")
    return library


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), [6, 5, 4, 3, 2, 1]),
        (Query(valid=False), [3]),
        (Query(formula="C2H6O"), [5, 3, 1]),
        (Query(text="c1ccccc1"), [4, 2]),
        (Query(text="C1CCCCC1"), []),
        (Query(text="c2h6o", valid=True), [5, 1]),
        (Query(text="100%"), []),
        (Query(text="' OR 1=1 --"), []),
        (Query(substructure="[OX2H]"), [5, 4, 1]),
        (Query(novelty=("known",)), [2]),
        (Query(shape=("ball",), valid=True), [6]),
        (Query(scaffold="kept"), [4]),
        (Query(scaffold="lost"), [6]),
        (Query(scaffold="none", valid=True), [5, 2, 1]),
        (Query(run="second"), [6, 5]),
        (Query(since="2000-01-01T00:00:00+00:00", until="2001-01-01T00:00:00+00:00"), []),
        (Query(ranges=(Range("n_heavy", 3, 6),)), [5, 2, 1]),
        (Query(ranges=(Range("logp", 1.0),)), [4, 2]),
        (Query(ranges=(Range("qed", None, 1.0),)), [6, 5, 4, 2, 1]),
        (Query(among=(2, 3)), [3, 2]),
        (Query(among=()), []),
        (Query(merged=True), [6, 4, 3, 2, 1]),
        (Query(sort="weight"), [4, 2, 5, 1, 6, 3]),
        (Query(sort="weight", descending=False), [6, 5, 1, 2, 4, 3]),
    ],
)
def test_what_is_asked_for_is_found(library: Library, query: Query, found: list[int]) -> None:
    filled(library)
    assert library.ids(query) == found
    assert library.count(query) == len(found)
    assert [row["id"] for row in library.page(query, 1, 2)] == found[1:3]


def test_a_merged_row_stands_for_all_its_copies_that_are_found(library: Library) -> None:
    filled(library)
    assert sorted(library.with_copies([1, 3], Query(merged=True))) == [1, 3, 5]
    assert library.with_copies([1, 3], Query()) == [1, 3]
    assert library.with_copies([1], Query(merged=True, run="first")) == [1], "its copy is of another run"
    assert library.with_copies([3], Query(merged=True)) == [3], "what is not valid is like nothing else"


def test_duplicates_are_counted_and_the_favourite_stands_for_them(library: Library) -> None:
    filled(library)
    assert {row["id"]: row["copies"] for row in library.page(Query(merged=True), 0, 9)} == {
        1: 2,
        2: 1,
        3: 1,
        4: 1,
        6: 1,
    }
    library.set_favourite([5], True)
    assert 1 not in library.ids(Query(merged=True))
    assert 5 in library.ids(Query(merged=True))
    assert library.ids(Query(favourites=True)) == [5]


@pytest.mark.parametrize("smarts", ["not a pattern", "C" * 1000])
def test_what_is_no_pattern_is_refused(smarts: str) -> None:
    with pytest.raises(GpffError, match="is not a SMARTS pattern"):
        Query(substructure=smarts)


def test_entries_are_what_was_made(library: Library) -> None:
    filled(library)
    benzene, torn, phenol = library.entries([2, 3, 4])
    made = sample(3, "Oc1ccccc1", scaffold="kept")
    assert phenol.sample.facts() == made.facts()
    assert phenol.provenance == PROVENANCE
    assert np.array_equal(phenol.sample.positions, made.positions)
    assert phenol.sample.verdict.bonds == made.verdict.bonds
    molecules = [entry.sample.verdict.molecule for entry in (benzene, phenol)]
    assert [Chem.MolToSmiles(Chem.RemoveHs(one)) for one in molecules] == ["c1ccccc1", "Oc1ccccc1"]
    assert torn.sample.verdict.molecule is None
    assert torn.sample.verdict.reason == broken(2).verdict.reason
    text = records_as_bytes(".sdf", [benzene.record(), torn.record(), phenol.record()]).decode()
    assert text.count("$$$$") == 2


def test_deleting_can_be_undone_until_the_bin_is_emptied(library: Library) -> None:
    filled(library)
    library.set_note([4], "  precious  ")
    before = [tuple(row) for row in rows(library)]
    library.delete([4, 5, 6])
    assert library.ids(Query()) == [3, 2, 1]
    assert [line.id for line in library.runs()] == ["first"]
    library.restore([4, 5, 6])
    assert [tuple(row) for row in rows(library)] == before
    library.delete([5, 6])
    library.empty_bin()
    library.restore()
    assert library.ids(Query()) == [4, 3, 2, 1]
    assert library.entries([4])[0].row["note"] == "precious"
    library.add([sample(0, "O")], PROVENANCE, "third")
    assert library.ids(Query())[0] == 7, "an identifier is never given twice"


def test_a_copy_is_a_library(library: Library, tmp_path: Path) -> None:
    filled(library)
    (tmp_path / "copy.sqlite3").write_bytes(library.backup())
    assert Library(tmp_path / "copy.sqlite3").ids(Query()) == library.ids(Query())


def test_runs_are_listed_newest_first(library: Library) -> None:
    assert [(line.id, line.n_structures) for line in filled(library).runs()] == [("second", 2), ("first", 4)]
    assert (library.contents().n_structures, library.contents().n_deleted) == (6, 0)


def test_strain_is_kept_with_its_structure(library: Library) -> None:
    filled(library)
    library.set_strain([1], 1.5)
    library.set_strain([3], None, "has an odd number of electrons")
    assert library.ids(Query(ranges=(Range("strain", 1.0, 2.0),))) == [1]
    assert library.entries([3])[0].row["strain_reason"] == "has an odd number of electrons"


def test_strain_is_computed_on_demand(library: Library) -> None:
    pytest.importorskip("tblite")
    library.add([sample(0, "CO"), broken(1)], PROVENANCE, "run")
    task = StrainTask(library, [1, 2, 99])
    assert [task.n_done for _ in task.steps()] == [1, 2, 3]
    methanol, torn = (entry.row for entry in library.entries([1, 2]))
    assert 0 < methanol["strain"] < 5, "MMFF's methanol is nearly relaxed"
    assert torn["strain"] is not None or torn["strain_reason"]


def test_a_file_is_imported_once_and_judged(library: Library) -> None:
    made = [sample(0, "CCO"), broken(1), sample(2, "c1ccccc1")]
    data = samples_as_text(".xyz", made, PROVENANCE).encode()
    for n_new in (3, 0):
        done = import_file(library, "../<img onerror=1>.xyz", data, None)
        assert (done.n_structures, done.n_valid, done.n_new) == (3, 2, n_new)
    entries = library.entries([1, 2, 3])
    assert [entry.sample.verdict.smiles for entry in entries] == ["CCO", "", "c1ccccc1"]
    assert entries[0].provenance.prior == "file <img onerror=1>.xyz"


def test_a_read_only_database_is_said_in_one_sentence(library: Library) -> None:
    """SQLite's own error: permissions do not bind an administrator, who may be running this test."""
    library.add([sample(0, "CCO")], PROVENANCE, "run")
    connection = sqlite3.connect(f"file:{library.path}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("DELETE FROM structure")
    connection.close()
    assert "cannot be opened for writing" in schema.problem(library.path, caught.value)
