"""The scaffold editor without a browser: opening, choosing, freezing, growing, taking a result up again."""

import shlex
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import AllChem
from streamlit.testing.v1 import AppTest

from gpff_app.scaffold_editor import state
from gpff_app.scaffold_editor.document import Document, document_from_json
from gpff_app.scaffold_editor.quick_starts import QUICK_STARTS
from gpff_app.scaffold_editor.view import edited
from gpff_core.composition import Composition
from gpff_core.formats.structures import Structure
from gpff_core.priors import Blobs
from gpff_core.priors.serialisation import prior_as_json
from tests.app.commands import command_of

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60
KEY = "kept scaffold_editor "

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    return page.switch_page("pages/scaffold_editor.py").run()


@pytest.fixture
def benzene(page: AppTest) -> AppTest:
    page.text_input(key="open text").set_value("benzene").run()
    return page


def shown(page: AppTest) -> Document:
    assert not page.exception
    return document_from_json(page.session_state[KEY + "document"])


def press(page: AppTest, *names: str) -> AppTest:
    for name in names:
        page.button(key=f"edit {name}").click().run()
    return page


def said(page: AppTest) -> str:
    return " ".join(text.value.replace("\\", "") for text in (*page.markdown, *page.error, *page.warning, *page.info))


def command(page: AppTest) -> list[str]:
    return shlex.split(command_of(page, "scaffold_editor"))


def finish(page: AppTest) -> AppTest:
    """Generate few molecules in few steps and wait for them."""
    page.number_input(key=KEY + "steps").set_value(2).run()
    page.number_input(key=KEY + "n_molecules").set_value(2).run()
    page.button(key="go").click().run()
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if not page.session_state["workplace scaffold_editor"].active:
            return page.run()
        tick.wait(0.01)
    return pytest.fail("it did not end in time")


@pytest.mark.parametrize("start", QUICK_STARTS, ids=lambda start: start.title)
def test_a_newcomer_presses_one_button_after_a_quick_start(page: AppTest, start: object) -> None:
    page.button(key=f"start {start.title}").click().run()
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert not page.button(key="go").disabled
    finish(page)
    place = page.session_state["workplace scaffold_editor"]
    frozen = sorted(shown(page).frozen)
    for sample in place.run.samples:
        assert np.array_equal(sample.positions[: len(frozen)], shown(page).positions[frozen])
    assert page.session_state[KEY + "view"] == state.COMPLETIONS


def test_choosing_freezing_and_undoing(benzene: AppTest) -> None:
    assert "No atom is frozen yet" in said(benzene)
    assert benzene.button(key="go").disabled
    press(benzene, "Ring", "Freeze")
    assert shown(benzene).frozen == frozenset(range(6))
    assert any("6 not frozen and so dropped: 6 H" in caption.value for caption in benzene.caption)
    assert not benzene.button(key="go").disabled
    press(benzene, "Invert", "Delete")
    assert shown(benzene).composition.formula == "C6"
    press(benzene, "Undo", "Undo")
    assert (len(shown(benzene)), shown(benzene).frozen) == (12, frozenset())
    press(benzene, "Redo")
    assert shown(benzene).frozen == frozenset(range(6))


def test_an_edit_that_cannot_be_is_answered_in_a_sentence(benzene: AppTest) -> None:
    press(benzene, "Freeze")
    assert "No atom is chosen" in said(benzene)
    press(benzene, "All", "Delete")
    assert "Nothing would be left" in said(benzene)
    assert len(shown(benzene)) == 12
    benzene.text_input(key="smarts").set_value("[#6").run()
    assert "SMARTS RDKit can read" in said(benzene)


@pytest.mark.parametrize("text", ["nonsense", "<img src=x onerror=alert(1)>", "C[N+](C)(C)C"])
def test_text_that_is_no_molecule_is_answered_in_a_sentence(page: AppTest, text: str) -> None:
    page.text_input(key="open text").set_value(text).run()
    (error,) = page.error
    assert text[:10] in error.value.replace("\\", "")


def test_missing_hydrogens_are_put_in_by_the_button_that_the_message_names(page: AppTest) -> None:
    ethanol = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    AllChem.EmbedMolecule(ethanol, randomSeed=1)
    bare = Chem.MolToMolBlock(Chem.RemoveHs(ethanol)).encode()
    page.file_uploader(key="open file").upload("ethanol.mol", bare, "chemical/x-mdl-molfile").run()
    assert "Hydrogens are missing in ethanol.mol; press 'Add the missing hydrogens'" in said(page)
    next(button for button in page.button if button.label == "Add the missing hydrogens").click().run()
    assert shown(page).composition.formula == "C2H6O"


def test_the_form_says_what_the_command_line_says(benzene: AppTest) -> None:
    benzene.text_input(key="smarts").set_value("6").run()
    press(benzene, "Grow here")
    field(benzene, "SMARTS or numbers from 0").set_value("0-5").run()
    press(benzene, "Freeze")
    benzene.text_input(key=KEY + "formula").set_value("CO").run()
    benzene.number_input(key=KEY + "n_unsaturated").set_value(1).run()
    benzene.segmented_control(key=KEY + "held").set_value("Springs").run()
    benzene.number_input(key=KEY + "stiffness").set_value(5.0).run()
    words = command(benzene)
    assert words[4:9] == ["--scaffold=benzene.xyz", "--freeze=0-5", "--add=CH6O", "--attach=0", "--stiffness=5.0"]


def test_the_whole_molecule_may_be_given_instead(benzene: AppTest) -> None:
    press(benzene, "Ring", "Freeze")
    benzene.segmented_control(key=KEY + "what").set_value("whole").run()
    benzene.text_input(key=KEY + "formula").set_value("C7H7NO").run()
    assert "--add=CH7NO" in command(benzene)
    benzene.text_input(key=KEY + "formula").set_value("C5H8").run()
    assert "has more C than C5H8" in said(benzene)


def test_hydrogens_are_advised_on(benzene: AppTest) -> None:
    benzene.text_input(key="smarts").set_value("0-5,7-11").run()
    press(benzene, "Freeze")
    benzene.toggle(key=KEY + "saturate").set_value(False).run()
    benzene.text_input(key=KEY + "formula").set_value("CH4").run()
    assert "3 make a neutral molecule" in said(benzene)
    benzene.toggle(key=KEY + "saturate").set_value(True).run()
    benzene.text_input(key=KEY + "formula").set_value("C").run()
    assert "--add=CH3" in command(benzene)
    assert not benzene.warning


def test_a_result_becomes_the_next_scaffold(page: AppTest) -> None:
    page.button(key=f"start {QUICK_STARTS[0].title}").click().run()
    finish(page)
    place = page.session_state["workplace scaffold_editor"]
    place.look_at(1)
    page.run()
    page.button(key="take up").click().run()
    page.run()
    taken = shown(page)
    assert np.array_equal(taken.positions, place.run.samples[1].positions)
    assert taken.frozen == frozenset(range(11))
    assert set(taken.selected) == set(range(11, 19))
    assert page.session_state[KEY + "view"] == state.EDIT
    assert "11 atoms of the scaffold are still frozen. The 8 new ones are chosen" in said(page)
    press(page, "Undo")
    assert "still frozen" not in said(page)
    assert shown(page).name == "benzene"


def test_a_molecule_from_another_page_arrives(page: AppTest, benzene: AppTest) -> None:
    given = Structure(shown(benzene).composition, shown(benzene).positions + np.float32(1))
    page.session_state["handed over to scaffold_editor"] = {"structure": given, "name": "sent <b>"}
    page.run()
    assert shown(page).name == "sent <b>"
    assert np.array_equal(shown(page).positions, given.positions)


def test_a_molecule_that_is_too_large_for_the_editor_is_a_sentence(benzene: AppTest) -> None:
    before = shown(benzene).positions
    large = Structure(Composition((6,) * 300), np.arange(900, dtype=np.float32).reshape(300, 3))
    benzene.session_state["handed over to scaffold_editor"] = {"structure": large, "name": "large"}
    benzene.run()
    assert "at most" in said(benzene)
    assert np.array_equal(shown(benzene).positions, before)


def test_the_same_can_be_chosen_and_opened_again(benzene: AppTest) -> None:
    for _ in range(2):
        field(benzene, "SMARTS or numbers from 0").set_value("c1ccccc1").run()
        assert len(shown(benzene).selected) == 6
        assert field(benzene, "SMARTS or numbers from 0").value == ""
        press(benzene, "Delete")
        field(benzene, "Name or SMILES").set_value("benzene").run()
        assert len(shown(benzene)) == 12
    field(benzene, "SMARTS or numbers from 0").set_value("c1ccc(").run()
    assert field(benzene, "SMARTS or numbers from 0").value == "c1ccc(", "what is wrong stays to be corrected"


def field(page: AppTest, label: str) -> Any:
    return next(one for one in page.text_input if one.label == label)


def test_a_damaged_stored_document_is_said_and_dropped(page: AppTest) -> None:
    page.session_state[KEY + "document"] = {"name": "x"}
    page.run()
    assert not page.exception
    assert any("damaged" in error.value for error in page.error)


def test_the_document_survives_a_change_of_page(benzene: AppTest) -> None:
    press(benzene, "Ring", "Freeze")
    benzene.switch_page("pages/generate.py").run()
    benzene.switch_page("pages/scaffold_editor.py").run()
    assert shown(benzene).frozen == frozenset(range(6))
    press(benzene, "Undo")
    assert shown(benzene).frozen == frozenset()


class Hand:
    """The editor's state outside of a page, and edits as the viewer tells them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, document: Document, click: str) -> None:
        values = {KEY + "click": click}
        monkeypatch.setattr(state.st, "session_state", values)
        state.open_document(document)

    def does(self, op: str, **what: object) -> Document:
        edited({"op": op, "seq": 1, **what})
        return state.current().present


@pytest.fixture
def ring() -> Document:
    return QUICK_STARTS[0].make()


def test_a_click_freezes_and_frees(monkeypatch: pytest.MonkeyPatch, ring: Document) -> None:
    hand = Hand(monkeypatch, ring, "freezes")
    assert hand.does("select", atom=6, atoms=[6]).frozen == frozenset(range(12))
    assert hand.does("select", atom=3, atoms=[3]).frozen == frozenset(range(12)) - {3}
    assert hand.does("select", atom=4, atoms=[3, 4]).frozen == frozenset(range(12)) - {3, 4}
    assert hand.does("select", atom=4, atoms=[3]).frozen == frozenset(range(12)) - {3}
    assert hand.does("select", atom=None, atoms=[]).selected == ()
    assert hand.does("fragment", atom=3, add=False, atoms=list(range(12))).frozen == frozenset()


def test_an_atom_that_a_click_froze_is_the_one_that_delete_means(
    monkeypatch: pytest.MonkeyPatch, ring: Document
) -> None:
    hand = Hand(monkeypatch, ring, "freezes")
    clicked = hand.does("select", atom=6, atoms=[6])
    assert clicked.selected == (6,)
    deleted = hand.does("key", name="delete", atoms=[6])
    assert len(deleted) == 11
    assert state.said() == ""
    assert hand.does("key", name="undo", atoms=[]) == clicked
    assert hand.does("key", name="undo", atoms=[]).frozen == ring.frozen, "a click is one step"


def test_a_click_chooses(monkeypatch: pytest.MonkeyPatch, ring: Document) -> None:
    hand = Hand(monkeypatch, ring, "chooses")
    assert hand.does("select", atom=2, atoms=[6, 2]).selected == (6, 2)
    assert hand.does("key", name="freeze", atoms=[6, 2]).frozen == frozenset(range(12))
    assert len(hand.does("key", name="delete", atoms=[6, 2])) == 10
    assert len(hand.does("key", name="undo", atoms=[])) == 12
    assert len(hand.does("key", name="redo", atoms=[])) == 10
    assert hand.does("key", name="invert", atoms=[1]).selected == (1,)
    assert hand.does("move", atoms=[1], positions=[[9, 9, 9]]).positions[1].tolist() == [9, 9, 9]
    assert hand.does("something new").positions[1].tolist() == [9, 9, 9]


def test_the_moved_cloud_becomes_the_prior(page: AppTest) -> None:
    page.button(key=f"start {QUICK_STARTS[0].title}").click().run()
    document = dict(page.session_state[KEY + "document"])
    page.session_state[KEY + "document"] = document | {"cloud": [1.0, 2.0, 3.0]}
    page.run()
    line = command_of(page, "scaffold_editor")
    assert '"prior": "blobs", "blobs": [[1.0, 1.0, 2.0, 3.0, 3.0]]' in line
    assert "--attach" not in line, "the cloud has a place of its own"
    page.selectbox(key=KEY + "prior_kind").set_value("Shape").run()
    assert "only a round one can be" in said(page)
    page.button(key="cloud back").click().run()
    assert "--attach=0" in command(page)


def test_a_prior_with_a_place_of_its_own_sets_the_attachment_point_aside(page: AppTest) -> None:
    """And the command says so too: with both, the command line would refuse it."""
    page.button(key=f"start {QUICK_STARTS[0].title}").click().run()
    assert "attachment point" in " ".join(caption.value for caption in page.caption)
    blob = Blobs(((1.0, 3.0, 0.0, 0.0, 1.0),))
    page.session_state[KEY + "prior_kind"] = "Saved"
    page.session_state[KEY + "saved_prior"] = {"name": "beside", "prior": prior_as_json(blob)}
    page.run()
    assert "where their prior places them" in " ".join(caption.value for caption in page.caption)
    words = command(page)
    assert any(word.startswith("--prior=") for word in words)
    assert not any(word.startswith("--attach") for word in words)
    page.selectbox(key=KEY + "prior_kind").set_value("Round").run()
    assert "--attach=0" in command(page)
