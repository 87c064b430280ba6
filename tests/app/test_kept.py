"""What is set on a page is still set when one comes back by way of two others, whatever its fragments did meanwhile."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from gpff_app.kept import key
from gpff_app.kept_values import usable

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (REPOSITORY / "pages").glob("*.py"))

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    return AppTest.from_file(REPOSITORY / "app.py", default_timeout=60).run()


def go(app: AppTest, page: str) -> AppTest:
    """Change the page just after a fragment has rerun, which moves values to where the change of page drops them.

    By way of app.py, as in a browser: a page that AppTest itself switches to runs without what surrounds it.
    """
    app.session_state._state.on_script_will_rerun(None)
    return turn(app, page)


def turn(app: AppTest, page: str) -> AppTest:
    app._page_hash = calc_hash("" if page == "generate" else page)
    app.run()
    assert not app.exception
    return app


def held(app: AppTest, page: str) -> dict[str, Any]:
    values = app.session_state._state.filtered_state
    return {name: value for name, value in values.items() if name.startswith(f"kept {page} ")}


def change_something(app: AppTest, page: str) -> None:
    """Change every kept number of the page that can be changed, so that no default is mistaken for what is kept."""
    for place, widget in enumerate(app.number_input):
        if str(widget.key).startswith("kept ") and not widget.disabled:
            widget.set_value(widget.min if widget.min is not None else 3 + place)
    turn(app, page)


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_of_every_page_survive_two_other_pages(app: AppTest, page: str) -> None:
    go(app, page)
    change_something(app, page)
    before = held(app, page)
    for other in [other for other in PAGES if other != page][:3]:
        go(app, other)
    go(app, page)
    assert held(app, page) == before
    assert usable(before) == (before, []), "a session with these could not be opened: see gpff_app/kept_values.py"


@pytest.mark.parametrize("page", PAGES)
def test_a_rerun_resets_no_field(app: AppTest, page: str) -> None:
    """Whatever a rerun writes resets its field in the browser, where somebody may have typed on in the meantime."""
    turn(app, page)
    change_something(app, page)
    turn(app, page)
    fields = [node.proto for node in app if hasattr(getattr(node, "proto", None), "set_value")]
    assert fields or page in ("library", "trajectories"), "only these have none as long as nothing is made"
    assert [field.label for field in fields if field.set_value and not field.disabled] == []


def test_a_formula_survives_two_other_pages(app: AppTest) -> None:
    place = key("generate", "formula")
    app.text_input(key=place).set_value("C2H6O")
    turn(app, "generate")
    for page in ("library", "prior_studio", "generate"):
        go(app, page)
    assert app.text_input(key=place).value == "C2H6O"
