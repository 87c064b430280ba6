"""The Library page without a browser: what it says, finds, deletes and brings back."""

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from gpff_app import resources
from gpff_app.kept import key
from gpff_app.kept_values import usable
from gpff_app.library.filters import between
from gpff_app.library.plot import figure
from gpff_app.library.query import Query
from gpff_app.library.state import LibraryState
from gpff_app.library.store import Library
from gpff_core.chemistry.novelty import Novelty
from tests.app.library_samples import PROVENANCE, broken, sample

REPOSITORY = Path(__file__).parents[3]
HOSTILE = "<img src=x onerror=alert(1)> **bold** [link](http://example.com)"

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path))
    return Library(tmp_path / "library.sqlite3")


@pytest.fixture
def filled(library: Library) -> Library:
    made = [sample(0, "CCO"), sample(1, "c1ccccc1", Novelty.KNOWN), broken(2), sample(3, "CCO")]
    library.add(made, PROVENANCE, "run")
    return library


def opened(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=60).run()
    return page.switch_page("pages/library.py").run()


@pytest.fixture
def page(filled: Library, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return opened(monkeypatch)


def heading(page: AppTest) -> str:
    assert not page.exception
    return next(text.value for text in page.markdown if text.value.startswith("#### "))


def test_an_empty_library_says_how_it_fills(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch)
    assert "Everything you generate is kept here by itself" in page.info[0].value
    assert not page.error


@pytest.mark.parametrize("content", [b"no database " * 100, None])
def test_an_unusable_file_is_one_sentence(
    library: Library, content: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is None:
        library.path.mkdir()
    else:
        library.path.write_bytes(content)
    page = opened(monkeypatch)
    assert not page.exception
    assert len(page.error) == 1
    assert "library.sqlite3" in page.error[0].value.replace("\\", "")


def test_filters_find_what_they_say(page: AppTest) -> None:
    assert heading(page) == "#### 4 of 4 structures"
    page.text_input(key=key("library", "formula")).set_value("H6C2O").run()
    assert heading(page) == "#### 3 of 4 structures"
    page.session_state[key("library", "validity")] = "Valid"
    page.run()
    assert heading(page) == "#### 2 of 4 structures"
    page.toggle(key=key("library", "view merged")).set_value(True).run()
    assert heading(page) == "#### 1 of 4 structures"
    page.button(key="library clear").click().run()
    assert heading(page) == "#### 3 of 4 structures", "duplicates are still merged: that is a view and no filter"


def test_a_merged_row_is_deleted_with_its_copies_and_comes_back_with_them(page: AppTest, filled: Library) -> None:
    page.toggle(key=key("library", "view merged")).set_value(True).run()
    (shown,) = filled.ids(Query(formula="C2H6O", valid=True, merged=True))
    page.session_state["library page"].select([shown])
    page.run()
    page.button(key="library delete").click().run()
    assert heading(page) == "#### 2 of 2 structures"
    page.button(key="library undo").click().run()
    assert heading(page) == "#### 3 of 4 structures"


def test_the_button_that_turns_the_order_says_what_comes_first(page: AppTest) -> None:
    assert page.button(key="library turn").label == "Oldest first"
    page.button(key="library turn").click().run()
    assert page.button(key="library turn").label == "Newest first"
    page.selectbox(key="library sort by").set_value("logp").run()
    assert page.button(key="library turn").label == "Smallest first"


def test_limits_are_typed_and_a_wrong_pair_is_named(page: AppTest) -> None:
    page.multiselect(key=key("library", "ranges")).set_value(["logp"]).run()
    page.number_input(key=key("library", "from logp")).set_value(1.0).run()
    assert heading(page) == "#### 1 of 4 structures"
    page.number_input(key=key("library", "to logp")).set_value(0.5).run()
    assert "swap the two numbers" in page.error[0].value


@pytest.mark.parametrize(("field", "text"), [("formula", "C2Xx"), ("substructure", "c1ccc(")])
def test_what_cannot_be_looked_for_is_refused_in_a_sentence(page: AppTest, field: str, text: str) -> None:
    page.text_input(key=key("library", field)).set_value(text).run()
    assert not page.exception
    assert len(page.error) == 1


def test_deleting_can_be_undone(page: AppTest, filled: Library) -> None:
    page.button(key="library all").click().run()
    page.button(key="library delete").click().run()
    assert filled.contents().n_structures == 0
    page.button(key="library restore").click().run()
    assert heading(page) == "#### 4 of 4 structures"
    page.text_input(key=key("library", "text")).set_value("c1ccccc1").run()
    page.button(key="library all").click().run()
    page.button(key="library delete").click().run()
    assert filled.ids(Query()) == [4, 3, 1]
    page.button(key="library undo").click().run()
    assert filled.ids(Query()) == [4, 3, 2, 1]


def test_the_bin_is_emptied_only_when_one_is_sure(page: AppTest, filled: Library) -> None:
    filled.delete([1])
    page.run()
    assert page.button(key="library empty").disabled
    page.checkbox(key="library sure").check().run()
    page.button(key="library empty").click().run()
    assert filled.contents().n_deleted == 0
    assert filled.ids(Query()) == [4, 3, 2]


def test_a_structure_is_described_and_its_note_is_kept(page: AppTest, filled: Library) -> None:
    filled.set_note([2], HOSTILE)
    page.session_state["library page"].focus = 2
    page.run()
    assert not page.exception
    assert any("c1ccccc1" in text.value for text in page.markdown)
    note = page.text_area[0]
    assert note.value == HOSTILE
    note.set_value("a favourite of Kekulé's").run()
    assert filled.entries([2])[0].row["note"] == "a favourite of Kekulé's"
    assert not any("<img" in text.value for text in (*page.markdown, *page.caption))


def test_text_from_elsewhere_is_shown_letter_by_letter(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    torn = broken(0)
    object.__setattr__(torn, "scaffold", HOSTILE)
    library.add([torn], PROVENANCE, HOSTILE)
    page = opened(monkeypatch)
    page.session_state["library page"].focus = 1
    page.run()
    assert not page.exception
    shown = [text.value for text in (*page.markdown, *page.caption)]
    assert any("\\<img" in text for text in shown)
    assert not any("<img" in text.replace("\\<img", "") for text in shown)


def backdate(library: Library, created: dict[int, str]) -> None:
    with closing(sqlite3.connect(library.path)) as connection, connection:
        connection.executemany("UPDATE structure SET created = ? WHERE id = ?", [(at, n) for n, at in created.items()])


def test_days_are_chosen_in_a_calendar_and_both_count(page: AppTest, filled: Library) -> None:
    backdate(filled, {1: "2026-03-01T23:59:59+00:00", 2: "2026-03-02T00:00:00+00:00", 3: "2026-03-05T23:59:59+00:00"})
    page.selectbox(key=key("library", "made")).set_value("From … to …").run()
    assert heading(page) == "#### 4 of 4 structures"
    page.date_input(key="library made from").set_value(date(2026, 3, 2)).run()
    assert heading(page) == "#### 3 of 4 structures"
    page.date_input(key="library made to").set_value(date(2026, 3, 5)).run()
    assert heading(page) == "#### 2 of 4 structures"
    page.date_input(key="library made to").set_value(date(2026, 3, 1)).run()
    assert "swap the two days" in page.error[0].value
    page.date_input(key="library made from").set_value(None).run()
    assert heading(page) == "#### 1 of 4 structures"
    kept = {
        name: value
        for name, value in page.session_state._state.filtered_state.items()
        if name.startswith("kept library")
    }
    assert kept[key("library", "made to")] == "2026-03-01"
    assert usable(json.loads(json.dumps(kept))) == (kept, [])
    page.button(key="library clear").click().run()
    assert heading(page) == "#### 4 of 4 structures"


def test_a_day_begins_where_the_browser_is_also_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert between(date(2026, 3, 29), date(2026, 3, 29), berlin) == (
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    )
    assert between(None, None, berlin) == ("", "")


@pytest.mark.parametrize("run", ["other", "gone"])
def test_a_run_that_another_page_sends_here_is_all_that_is_shown(page: AppTest, filled: Library, run: str) -> None:
    filled.add([sample(0, "O")], PROVENANCE, "other")
    page.text_input(key=key("library", "text")).set_value("c1ccccc1").run()
    page.session_state["handed over to library"] = {"run": run}
    page.run()
    if run == "gone":
        assert heading(page) == "#### 1 of 5 structures", "what was looked for stays"
        assert "Nothing of that run is here" in page.info[0].value
        return
    assert heading(page) == "#### 1 of 5 structures"
    assert page.selectbox(key=key("library", "run")).value == "other"
    assert page.text_input(key=key("library", "text")).value == ""
    page.button(key="library unrun").click().run()
    assert heading(page) == "#### 5 of 5 structures"


def test_a_run_that_is_gone_is_no_filter(page: AppTest, filled: Library) -> None:
    page.selectbox(key=key("library", "run")).set_value("run").run()
    filled.delete([1, 2, 3, 4])
    filled.add([sample(0, "O")], PROVENANCE, "other")
    page.run()
    assert heading(page) == "#### 1 of 1 structure"


def test_plots_have_axes_with_units_and_groups_with_symbols() -> None:
    made = figure([(1, 2.0, 3.0, "novel", "CCO"), (2, 2.5, 3.5, "known", "")], "tpsa", "strain", "novelty")
    assert made.layout.xaxis.title.text == "TPSA (Å²)"
    assert made.layout.yaxis.title.text == "Strain (kcal/mol)"
    assert len({trace.marker.symbol for trace in made.data}) == 2
    assert [trace.name for trace in made.data] == ["known", "★ new"]
    assert [list(trace.customdata[0]) for trace in made.data] == [[2, "not valid"], [1, "CCO"]]
    by_number = figure([(1, 2.0, 3.0, 0.5, "CCO")], "logp", "qed", "weight")
    assert by_number.data[0].marker.colorbar.title.text == "Weight (g/mol)"


def test_the_plot_shows_what_has_both_numbers(page: AppTest) -> None:
    page.session_state[key("library", "view side")] = "Plot"
    page.run()
    assert not page.exception
    assert any("3 structures. Drag a box" in text.value for text in page.caption)
    page.session_state["library page"].plotted = (2,)
    page.run()
    assert heading(page) == "#### 1 of 4 structures"
    assert any("3 structures. Drag a box" in text.value for text in page.caption), "the plot itself stays whole"
    page.button(key="library unplot").click().run()
    assert heading(page) == "#### 4 of 4 structures"


def test_clearing_the_filters_also_clears_the_plot(page: AppTest) -> None:
    page.session_state["library page"].plotted = (2,)
    page.text_input(key=key("library", "text")).set_value("CCO").run()
    assert any("the plot selection" in text.value for text in page.info), "the message names all there is to take away"
    page.button(key="library clear").click().run()
    assert heading(page) == "#### 4 of 4 structures"


@pytest.mark.parametrize("way_back", ["library undo", "library restore"])
def test_the_filter_of_the_plot_goes_with_what_was_drawn_on_it(page: AppTest, way_back: str) -> None:
    here = page.session_state["library page"]
    here.plotted = (1, 2)
    page.run()
    here.select([2])
    page.run()
    page.button(key="library delete").click().run()
    assert heading(page) == "#### 3 of 3 structures"
    here.plotted = (1,)
    page.run()
    page.button(key=way_back).click().run()
    assert heading(page) == "#### 4 of 4 structures"


def test_a_new_search_starts_at_its_first_page() -> None:
    state = LibraryState(page=7)
    state.search(Query())
    assert state.page == 0
    state.turn_to(3)
    state.search(Query())
    assert state.page == 3
    state.search(Query(text="C"))
    assert state.page == 0


def test_each_person_who_logs_in_has_a_library_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path))

    def path_of(**claims: object) -> Path:
        monkeypatch.setattr(resources, "user", claims)
        return resources.library().path

    shared = path_of()
    ann = path_of(is_logged_in=True, iss="https://issuer", sub="../../ann", email="a@b.c")
    assert ann == path_of(is_logged_in=True, iss="https://issuer", sub="../../ann", email="new@b.c")
    bob = path_of(is_logged_in=True, iss="https://issuer", sub="bob")
    elsewhere = path_of(is_logged_in=True, iss="https://other", sub="bob")
    assert len({shared, ann, bob, elsewhere}) == 4
    assert all(path.resolve().is_relative_to(tmp_path) for path in (shared, ann, bob, elsewhere))
    assert path_of(is_logged_in=False) == shared
