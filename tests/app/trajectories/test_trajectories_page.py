"""The Trajectories page without a browser: what it shows, measures, refuses and gives away."""

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gpff_app.kept import key
from gpff_app.run import Order, Run
from gpff_app.trajectories.desk import AT_ONCE, Desk
from gpff_app.trajectories.figures import Verdicts
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe
from tests.app.trajectories.examples import COMPOSITION, extended_xyz, shrinking

REPOSITORY = Path(__file__).parents[3]
TIMEOUT = 60

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    page = page.switch_page("pages/trajectories.py").run()
    assert not page.exception
    return page


def show(page: AppTest, *trajectories: Trajectory) -> AppTest:
    desk(page).files.update({trajectory.name: trajectory for trajectory in trajectories})
    return page.run()


def desk(page: AppTest) -> Desk:
    return page.session_state["desk of trajectories"]


def choose(page: AppTest, name: str, value: str) -> AppTest:
    return page.selectbox(key=key("trajectories", name)).set_value(value).run()


def said(page: AppTest) -> str:
    """All text of the page, without Markdown's backslashes."""
    assert not page.exception
    return "\n".join(block.value.replace("\\", "") for block in [*page.markdown, *page.caption, *page.info])


def errors(page: AppTest) -> list[str]:
    assert not page.exception
    return [error.value.replace("\\", "") for error in page.error]


ALWAYS_PLOTTED = ["pseudo-<br>energy (Å²)", "RMSD to<br>the end (Å)"]


def figure(page: AppTest) -> dict[str, Any]:
    assert not page.exception
    (chart,) = page.get("plotly_chart")
    found: dict[str, Any] = json.loads(chart.proto.spec)
    return found


def axis_titles(page: AppTest) -> list[str]:
    """From the top to the bottom, without that of the verdicts."""
    layout = figure(page)["layout"]
    titles = [layout[name].get("title", {}).get("text", "") for name in layout if name.startswith("yaxis")]
    return [title for title in titles if title and title != "valid"]


def in_legend(page: AppTest) -> list[str]:
    return [trace["name"] for trace in figure(page)["data"] if trace["showlegend"]]


def numbers(values: Any) -> list[float]:
    """Of a trace, as Plotly packs them; NaN for a gap."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return [np.nan if value is None else value for value in values]


def wait_until(page: AppTest, what: Callable[[Desk], bool]) -> None:
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if what(desk(page)):
            return
        tick.wait(0.01)
    pytest.fail("it did not happen in time")


def other(name: str) -> Trajectory:
    """The same atoms on another way."""
    return Trajectory(name, COMPOSITION, shrinking(3).positions * 1.5)


def test_it_says_what_to_do_while_there_is_nothing(page: AppTest) -> None:
    assert "Generate molecules first, or add a trajectory" in said(page)


def test_a_trajectory_is_measured_at_its_last_frame_first(page: AppTest) -> None:
    text = said(show(page, shrinking()))
    assert "shrinking · 5 frames of 9 atoms" in text
    assert "Frame 4 of 4" in text
    assert "pseudo-energy 0 Å² · RMSD to the end 0 Å · ✓ valid, CCO" in text
    assert "pseudo-forces recorded with it" in text


def test_another_frame_is_told_in_numbers(page: AppTest) -> None:
    show(page, shrinking())
    desk(page).go_to(0)
    text = said(page.run())
    assert "Frame 0 of 4" in text
    assert "σ̂ 1 Å" in text
    assert "not valid: falls into" in text


def test_two_are_compared_and_measured_from_the_same_structure(page: AppTest) -> None:
    show(page, shrinking(), other("wide"))
    choose(page, "source", "shrinking")
    choose(page, "other", "wide")
    desk(page).go_to(4)
    choose(page, "reference", "other")
    text = said(page)
    assert "A · Frame 4 of 4" in text.replace("*", "")
    assert "B · Frame 2 of 2" in text.replace("*", "")
    assert "RMSD to second's end" in text
    lines = [line for line in text.splitlines() if "RMSD to second's end" in line]
    assert "RMSD to second's end 0 Å" in lines[1]
    assert "RMSD to second's end 0 Å" not in lines[0]


def test_other_atoms_cannot_be_the_reference(page: AppTest) -> None:
    water = Trajectory("water", type(COMPOSITION)((8, 1, 1)), np.eye(3, dtype=np.float32)[None])
    show(page, shrinking(), water)
    choose(page, "source", "shrinking")
    choose(page, "other", "water")
    choose(page, "reference", "other")
    assert errors(page) == [
        "The reference does not have the atoms of shrinking (C2H6O) in the same order; give one that has, or measure "
        "from the last frame."
    ]


def test_forces_are_computed_on_request(page: AppTest) -> None:
    show(page, shrinking(forces=False))
    assert "none are there" in said(page)
    page.button(key="compute forces").click().run()
    wait_until(page, lambda desk: desk.forces is None or not desk.forces.active)
    page.run()
    text = said(page.run())
    assert "pseudo-forces of the network tiny" in text
    assert "σ̂" in text.split("Frame 4 of 4")[1]


def test_long_trajectories_are_judged_in_the_queue(page: AppTest) -> None:
    n_frames = AT_ONCE // 9 + 50
    show(page, shrinking(n_frames))
    wait_until(page, lambda desk: desk.judging is not None and not desk.judging.active)
    assert "✓ valid, CCO" in said(page.run())


def test_judging_that_was_stopped_does_not_begin_again(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Verdicts, "steps", lambda self: iter(int, 1))  # never ends by itself
    show(page, shrinking(AT_ONCE // 9 + 50))
    job = desk(page).judging
    assert job is not None
    job.stop()
    wait_until(page, lambda desk: not desk.judging.active)
    page.run()
    assert desk(page).judging is job
    assert not page.exception


def test_a_page_whose_frames_nobody_can_judge_now_works_all_the_same(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(task: object) -> None:
        raise GpffError("3 of your runs are not finished; stop one or wait, then try again.")

    monkeypatch.setattr("gpff_app.trajectories.desk.submit", refuse)
    show(page, shrinking(AT_ONCE // 9 + 50))
    assert not page.exception
    assert "Frame" in said(page)


def test_a_film_is_made_and_offered(page: AppTest) -> None:
    show(page, shrinking(3))
    page.button(key="make film").click().run()
    wait_until(page, lambda desk: desk.film is not None and not desk.film.active)
    page.run()
    assert desk(page).film.task.data.startswith(b"GIF89a")
    assert page.get("download_button")[-1].label.startswith("Download GIF")


def test_frames_that_are_not_there_are_refused_in_a_sentence(page: AppTest) -> None:
    show(page, shrinking())
    page.text_input(key=key("trajectories", "frames")).set_value("3-9").run()
    assert errors(page) == ["3-9 is not among the frames 0 to 4; name frames that are there."]


def test_uploads_are_shown_and_bad_ones_refused(page: AppTest) -> None:
    files = page.file_uploader(key="trajectory files 0")
    files.upload("<b>film.xyz", extended_xyz()).upload("bad.xyz", b"nonsense").run()
    (problem,) = errors(page)
    assert "bad.xyz" in problem
    assert "<b>film.xyz · 4 frames of 9 atoms" in said(page)
    assert "forces from the file, unit unknown" in said(page)
    again = page.file_uploader(key="trajectory files 1")
    assert not again.value, "the server no longer holds the files themselves"
    again.upload("other.xyz", extended_xyz(7)).run()
    assert errors(page) == []
    assert "other.xyz · 7 frames of 9 atoms" in said(page)


def test_columns_of_a_file_are_called_what_the_file_calls_them(page: AppTest) -> None:
    theirs = extended_xyz().replace(b"Properties=", b"sigma=0.25 Properties=")
    page.file_uploader(key="trajectory files 0").upload("theirs.xyz", theirs).run()
    text = said(page)
    assert "forces and sigma from the file, unit unknown" in text
    (line,) = (line for line in text.splitlines() if "Frame 3 of 3" in line)
    assert "sigma from the file 0.25 · forces from the file 0.866 · pseudo-energy" in line
    assert "σ̂" not in line
    assert axis_titles(page) == ["sigma from<br>the file", "forces from<br>the file", *ALWAYS_PLOTTED]
    # Beside a film of this app each has an axis of its own.
    show(page, shrinking())
    choose(page, "source", "shrinking")
    choose(page, "other", "theirs.xyz")
    ours_first = ["σ̂ (Å)", "sigma from<br>the file", "force (Å)", "forces from<br>the file"]
    assert axis_titles(page) == [*ours_first, *ALWAYS_PLOTTED]
    assert in_legend(page) == ["A", "B"]


def test_a_molecule_at_rest_has_no_force_and_leaves_a_gap(page: AppTest) -> None:
    film = shrinking()
    film.forces[2] = 0
    show(page, film)
    desk(page).go_to(2)
    assert "at rest, no force" in said(page.run())
    (force,) = (trace for trace in figure(page)["data"] if trace.get("yaxis") == "y2")
    assert [place for place, value in enumerate(numbers(force["y"])) if np.isnan(value)] == [2, 4]


def test_both_of_two_films_begin_at_a_frame_that_both_have(page: AppTest) -> None:
    show(page, shrinking(8), other("wide"))
    choose(page, "source", "shrinking")
    desk(page).rest_at(6)  # moved by hand
    choose(page, "other", "wide")
    lines = [line for line in said(page).replace("*", "").splitlines() if "· Frame" in line]
    assert lines[0].startswith("A · Frame 2 of 7")
    assert lines[1].startswith("B · Frame 2 of 2")
    assert desk(page).asked == 2  # the viewers are told, too: by themselves they would show their own last frame
    assert in_legend(page) == ["A", "B"]


def test_the_frame_stays_while_the_first_film_does(page: AppTest) -> None:
    show(page, shrinking(8), other("wide"))
    choose(page, "source", "shrinking")
    desk(page).rest_at(1)
    page.run()
    assert desk(page).asked is None  # a rerun alone takes nobody back
    page.toggle(key=key("trajectories", "overlay")).set_value(True).run()  # the picture begins anew
    assert (desk(page).frame, desk(page).asked) == (1, 1)
    choose(page, "source", "wide")
    assert (desk(page).frame, desk(page).asked) == (2, 2)


def test_a_film_that_is_asked_for_is_shown_however_long_ago_it_was_made(page: AppTest, field: Checkpoint) -> None:
    """The runs one can go back to are few; the one on its page may be among them no more."""
    old, new = (Run(Order(parse_formula("H2O"), 2, Recipe(steps=2, seed=seed), "tiny"), field, None) for seed in (1, 2))
    for run in (old, new):
        for _ in run.steps():
            pass
    page.session_state["runs of this session"] = [new]
    page.session_state["handed over to trajectories"] = {"run": old, "molecule": 1}
    page.run()
    assert page.selectbox(key=key("trajectories", "source")).value == old.recording.run
    assert page.selectbox(key=key("trajectories", "molecule")).value == "1"


def test_forces_that_cannot_be_computed_leave_the_page_as_it_is(page: AppTest) -> None:
    silicon = Trajectory("silane", Composition((14, 1, 1, 1, 1)), shrinking(3).positions[:, :5])
    show(page, silicon)
    page.button(key="compute forces").click().run()
    (error,) = errors(page)
    assert "Si" in error
    assert figure(page)["data"]


def test_few_large_films_are_kept_and_the_one_that_is_shown_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpff_app.trajectories.desk.MOST_HELD", 5 * shrinking(10).n_atoms * 10)
    here = Desk()
    for number in range(8):
        here.add_file(f"{number}.xyz", replace(shrinking(10 + number), name=f"{number}.xyz"))
        here.remembered(("superposed", number), lambda number=number: shrinking(10 + number))
    assert 1 <= len(here.files) < 5
    assert "7.xyz" in here.files
    assert 1 <= len(here._results) < 5
    huge = shrinking(200)
    here.add_file("huge.xyz", huge)
    assert list(here.files) == ["huge.xyz"]
