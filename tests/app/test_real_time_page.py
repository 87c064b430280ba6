"""The Real-time editor without a browser: what it starts with, refuses, and hands on."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gpff_app.handover import _place
from gpff_app.jobs import Job, JobState
from gpff_app.kept import key
from gpff_app.real_time.desk import Desk
from gpff_app.real_time.session import FIRST_SMILES, document_of_smiles
from gpff_app.session import Workplace
from gpff_core.formats.structures import structure

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60
WATER = structure((8, 1, 1), [[0, 0, 0.12], [0, 0.76, -0.48], [0, -0.76, -0.48]])

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    return AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT)


def opened(page: AppTest) -> AppTest:
    page.run()
    page.switch_page("pages/real_time.py").run()
    assert not page.exception
    return page


def desk(page: AppTest) -> Desk:
    return page.session_state["real_time desk"]


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


def generate_one(page: AppTest) -> Workplace:
    """Press the button and wait for the molecule."""
    press(page, "Generate one")
    place: Workplace = page.session_state["workplace real_time"]
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if not place.active:
            break
        tick.wait(0.01)
    page.run()
    return place


def test_it_starts_with_an_example_that_can_be_pulled_at(page: AppTest) -> None:
    opened(page)
    assert page.error == []
    assert desk(page).document.name == FIRST_SMILES
    assert "**Valid**" in page.markdown[0].value
    assert page.metric[0].label == "σ̂ (Å)"


def test_a_smiles_starts_another_molecule_and_a_wrong_one_is_a_sentence(page: AppTest) -> None:
    opened(page)
    page.text_input(key=key("real_time", "smiles")).set_value("CCO")
    press(page, "Start with this molecule")
    assert desk(page).document.composition.formula == "C2H6O"
    page.text_input(key=key("real_time", "smiles")).set_value("C(C")
    press(page, "Start with this molecule")
    (error,) = page.error
    assert "is not a SMILES" in error.value
    assert desk(page).document.composition.formula == "C2H6O", "the old molecule stays"
    page.button(key="real_time undo").click().run()
    assert desk(page).document.name == FIRST_SMILES, "Undo brings back what was edited before another was begun"


def test_a_formula_that_cannot_be_made_is_a_sentence(page: AppTest) -> None:
    opened(page)
    page.text_input(key=key("real_time", "formula")).set_value("SiH4")
    press(page, "Generate one")
    assert any("Si cannot be generated" in error.value for error in page.error)


def test_a_run_that_failed_says_so_until_something_else_is_begun(page: AppTest) -> None:
    opened(page)
    place: Workplace = page.session_state["workplace real_time"]
    place.job = Job("ann", None, JobState.FAILED, "The disk of the cluster went away.")
    page.run()
    assert [error.value.replace("\\", "") for error in page.error] == ["The disk of the cluster went away."]
    page.text_input(key=key("real_time", "smiles")).set_value("CCO")
    press(page, "Start with this molecule")
    page.run()
    assert page.error == []


def test_what_another_page_hands_over_is_on_the_desk(page: AppTest) -> None:
    page.session_state[_place("real_time")] = {"structure": WATER, "name": "water"}
    opened(page)
    assert desk(page).document.name == "water"
    assert np.array_equal(desk(page).document.positions, WATER.positions)


def test_the_same_molecule_comes_back_to_its_locks_and_its_undo(page: AppTest) -> None:
    page.session_state[_place("real_time")] = {"structure": WATER, "name": "water"}
    opened(page)
    desk(page).selected = frozenset({1})
    page.run()
    press(page, "Freeze")
    moved = structure(WATER.composition.numbers, WATER.positions + np.float32(0.5))
    page.session_state[_place("real_time")] = {"structure": moved, "name": "water", "frozen": frozenset()}
    page.run()
    assert np.array_equal(desk(page).document.positions, moved.positions)
    assert desk(page).document.frozen == {1}
    page.button(key="real_time undo").click().run()
    assert np.array_equal(desk(page).document.positions, WATER.positions)

    apart = structure(WATER.composition.numbers, WATER.positions * np.float32(3))
    page.session_state[_place("real_time")] = {"structure": apart, "name": "atoms", "frozen": frozenset({0, 2})}
    page.run()
    assert desk(page).document.frozen == {0, 2}, "another molecule brings its own locks"
    page.button(key="real_time undo").click().run()
    assert desk(page).document.name == "water", "and Undo brings back the one that was here"


def test_an_opened_session_brings_its_molecule_and_a_damaged_one_is_a_sentence(page: AppTest) -> None:
    opened(page)
    ethanol = document_of_smiles("CCO").toggled([1])
    page.session_state[key("real_time", "molecule")] = ethanol.as_json()
    page.run()
    assert desk(page).document.frozen == {1}
    assert np.array_equal(desk(page).document.positions, ethanol.positions)
    page.session_state[key("real_time", "molecule")] = {"name": "nothing"}
    page.run()
    (error,) = page.error
    assert "damaged" in error.value


def test_undo_takes_back_a_jump_and_the_session_holds_what_is_shown(page: AppTest) -> None:
    opened(page)
    before = desk(page).document.positions
    press(page, "Jump to equilibrium")
    assert not np.array_equal(desk(page).document.positions, before)
    page.button(key="real_time undo").click().run()
    assert np.array_equal(desk(page).document.positions, before)
    held = page.session_state[key("real_time", "molecule")]["positions"]
    assert np.array_equal(np.array(held, np.float32), before)


def test_a_molecule_is_generated_from_a_formula_and_taken_up(page: AppTest) -> None:
    opened(page)
    page.text_input(key=key("real_time", "formula")).set_value("C2H6O")
    place = generate_one(page)
    assert np.array_equal(desk(page).document.positions, place.run.samples[0].positions)
    before = desk(page).id
    page.run()
    assert desk(page).id == before, "taken up once"


def test_what_was_edited_after_generating_is_there_when_the_session_is_opened(page: AppTest) -> None:
    """Not the molecule as it came: the run of the session ended elsewhere, and is on the desk already."""
    opened(page)
    place = generate_one(page)
    edited = desk(page).document.toggled([0])
    other = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT)
    other.session_state["workplace real_time"] = Workplace("real_time", run=place.run)
    other.session_state[key("real_time", "molecule")] = edited.as_json()
    opened(other)
    assert desk(other).document.frozen == {0}


def test_it_goes_into_the_library(page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path))
    opened(page)
    press(page, "Add to the library")
    with closing(sqlite3.connect(tmp_path / "library.sqlite3")) as connection:
        ((provenance,),) = connection.execute("SELECT provenance FROM run").fetchall()
        ((n_structures,),) = connection.execute("SELECT count(*) FROM structure").fetchall()
    assert n_structures == 1
    assert f"started from {FIRST_SMILES}" in provenance
