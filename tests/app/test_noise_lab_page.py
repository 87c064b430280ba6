"""The Noise lab without a browser: schedules are designed, run from the same seeds, stopped and compared."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

from gpff_app.jobs import JobState
from gpff_app.noise_lab.lab import Lab
from gpff_app.noise_lab.schedules import PRESETS
from tests.app.commands import command_of

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60
FIRST = next(iter(PRESETS))

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    page.switch_page("pages/noise_lab.py").run()
    assert not page.exception
    return page


def kept(name: str) -> str:
    return f"kept noise_lab {name}"


def schedules(page: AppTest) -> list[dict[str, object]]:
    return page.session_state[kept("schedules")]


def edit(page: AppTest, name: str) -> str:
    """The key of a widget of the schedule that is being edited."""
    return f"noise {schedules(page)[page.session_state[kept('edited')]]['key']} {name}"


def said(page: AppTest, kind: str) -> list[str]:
    """The sentences of a kind (error, markdown, …) as a user reads them."""
    assert not page.exception
    return [element.value.replace("\\", "") for element in getattr(page, kind)]


def under(page: AppTest, key: str) -> str:
    """The only error of the page, which has to come right after the widget with this key."""
    elements = [element for element in page.sidebar if not isinstance(element, Block)]
    (place,) = (i for i, element in enumerate(elements) if element.key == key)
    assert len(said(page, "error")) == 1
    assert elements[place + 1].type == "error"
    return said(page, "error")[0]


def table(page: AppTest, number: int) -> list[dict[str, object]]:
    return page.dataframe[number].value.to_dict("records")


def offered(page: AppTest) -> set[str]:
    """The comparison's files that can be downloaded."""
    return {element.proto.label for element in page.main.get("download_button")}


def small(page: AppTest) -> AppTest:
    page.text_input(key=kept("formula")).set_value("CH4").run()
    return page.number_input(key=kept("n_molecules")).set_value(3).run()


def wait_until(page: AppTest, what: Callable[[Lab], bool]) -> Lab:
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        lab: Lab = page.session_state["noise lab"]
        if what(lab):
            return lab
        tick.wait(0.01)
    pytest.fail("it did not happen in time")


def run(page: AppTest) -> Lab:
    page.button(key="noise run").click().run()
    lab = wait_until(page, lambda lab: not lab.active)
    page.run()
    return lab


def test_an_empty_page_shows_a_question_and_its_schedules(page: AppTest) -> None:
    assert said(page, "error") == []
    assert PRESETS[FIRST].question in said(page, "caption")
    assert page.button(key=f"noise preset {FIRST}").label.startswith("✓")
    rows = table(page, 0)
    assert [row["Calls"] for row in rows] == ["6", "6", "5"]
    assert [row["Schedule"][0] for row in rows] == ["A", "B", "C"]
    assert any("Press" in info for info in said(page, "info"))


def test_schedules_are_added_copied_renamed_changed_and_removed(page: AppTest) -> None:
    page.button(key="noise Copy").click().run()
    assert [schedule["sampler"] for schedule in schedules(page)] == ["direct", "direct", "ancestral", "heun"]
    assert page.button(key="noise Add").disabled, "four are the most"
    page.text_input(key=edit(page, "name")).set_value("<b>mine</b>").run()
    page.number_input(key=edit(page, "stochastic_lambda")).set_value(1.5).run()
    page.number_input(key=edit(page, "sigma_max")).set_value(4.0).run()
    assert table(page, 0)[0]["Schedule"] == "A · Direct, 6 calls"
    assert (schedules(page)[1]["name"], schedules(page)[1]["settings"]) == ("<b>mine</b>", {"stochastic_lambda": 1.5})
    assert table(page, 0)[1]["σ from"].startswith("4.19"), "√(4² + (1.5·5/6)²)"
    page.selectbox(key=edit(page, "sampler")).set_value("ancestral").run()
    page.selectbox(key=edit(page, "schedule")).set_value("geometric").run()
    assert schedules(page)[1]["settings"] == {"schedule": "geometric"}
    assert edit(page, "rho") not in {widget.key for widget in page.number_input}
    page.button(key="noise Remove").click().run()
    assert [schedule["sampler"] for schedule in schedules(page)] == ["direct", "ancestral", "heun"]
    page.button(key=f"noise preset {FIRST}").click().run()
    assert page.number_input(key=edit(page, "steps")).value == 6
    assert said(page, "error") == []


def test_what_does_not_fit_is_said_in_a_sentence_and_cannot_be_run(page: AppTest) -> None:
    page.number_input(key=edit(page, "steps")).set_value(0).run()
    assert under(page, edit(page, "sigma_max")).startswith("0 steps were asked for"), "under the row of the field"
    assert any("Schedule A has a number to correct" in text for text in said(page, "caption"))
    assert page.button(key="noise run").disabled
    assert [row["Schedule"][0] for row in table(page, 0)] == ["B", "C"], "the others are still drawn"
    page.segmented_control(key=kept("edited")).set_value(1).run()
    (error,) = said(page, "error")
    assert error.startswith("A: 0 steps were asked for"), "of a schedule that is not in sight all is said at once"
    page.segmented_control(key=kept("edited")).set_value(0).run()
    page.number_input(key=edit(page, "steps")).set_value(6).run()
    page.number_input(key=edit(page, "stochastic_lambda")).set_value(-1.0).run()
    assert under(page, edit(page, "momentum")).startswith("λ is -1.0 Å"), "under the row of the field"
    page.number_input(key=edit(page, "stochastic_lambda")).set_value(1.0).run()
    page.number_input(key=kept("n_seeds")).set_value(99).run()
    assert under(page, kept("n_seeds")).startswith("99 seeds were asked for")
    page.number_input(key=kept("n_seeds")).set_value(1).run()
    assert said(page, "error") == []
    page.text_input(key=kept("formula")).set_value("[x](http://example.org)").run()
    assert len(said(page, "error")) == 1
    assert page.button(key="noise run").disabled


def test_a_saved_session_that_was_edited_by_hand_starts_anew(page: AppTest) -> None:
    page.session_state[kept("schedules")] = [{"sampler": "<img>"}]
    page.run()
    assert "no sampler called '<img>'" in said(page, "error")[0]
    assert table(page, 0)


def test_schedules_are_run_from_the_same_seeds_and_compared(page: AppTest) -> None:
    small(page)
    page.button(key="noise preset Adaptive against plain").click().run()
    page.number_input(key=kept("n_seeds")).set_value(2).run()
    lab = run(page)
    assert lab.job is not None
    assert lab.job.state is JobState.FINISHED
    assert said(page, "error") == []
    assert [row["Valid"].split("(")[0].strip() for row in table(page, 1)] == ["0 of 6", "0 of 6"], "weights are random"
    assert any("No difference between A and B." in text for text in said(page, "markdown"))
    names = {button.label for button in page.get("download_button")}
    assert {"CSV", "JSON"} <= names
    command_of(page, "noise_lab")
    commands = [code.value for code in page.code]
    assert any("--sampler adaptive-ancestral --steps=40" in command for command in commands)


def test_stop_keeps_what_is_finished(page: AppTest) -> None:
    small(page)
    page.number_input(key=edit(page, "steps")).set_value(3).run()
    page.segmented_control(key=kept("edited")).set_value(1).run()
    page.number_input(key=edit(page, "steps")).set_value(900).run()
    page.button(key="noise run").click().run()
    wait_until(page, lambda lab: lab.comparison.legs[1].run.recording.n_frames > 2)
    page.run()
    assert len(table(page, 1)) == 1
    assert offered(page) == set(), "each run that ends would take these files away again"
    page.button(key="noise stop").click().run()
    lab = wait_until(page, lambda lab: not lab.active)
    page.run()
    assert lab.comparison is not None
    assert [leg.finished for leg in lab.comparison.legs] == [True, False, False]
    assert any("stopped before its end" in warning for warning in said(page, "warning"))
    assert [row["Schedule"][0] for row in table(page, 1)] == ["A"]
    assert offered(page) == {"CSV", "JSON"}


def test_the_pictures_follow_their_sliders(page: AppTest) -> None:
    page.segmented_control(key=kept("view")).set_value("The method in pictures").run()
    before = said(page, "caption")
    page.slider(key=kept("stretch")).set_value(-0.3).run()
    page.select_slider(key=kept("noise level")).set_value(0.02).run()
    after = said(page, "caption")
    assert len(before) == len(after) == 3
    assert all(old != new for old, new in zip(before, after, strict=True))
