"""A session saved as one file, or as a link, comes back as it was; a file that is none is refused in a sentence."""

import base64
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gpff_app.kept import key
from gpff_app.session_file import restore_session, settings_from_link
from gpff_core.errors import GpffError
from tests.app.test_generate_page import errors, generate

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.usefixtures("tiny_network")


def opened(monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def save_script() -> None:
    import streamlit as st

    from gpff_app.session_file import restore_session, session_writer

    if "to restore" in st.session_state:
        restore_session(st.session_state["to restore"])
    st.session_state["saved"] = session_writer()()


def saved(values: dict[str, object]) -> str:
    page = AppTest.from_function(save_script)
    for name, value in values.items():
        page.session_state[name] = value
    return page.run().session_state["saved"]


def test_settings_and_molecules_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch)
    page.text_input(key=key("generate", "formula")).set_value("H2O").run()
    page.number_input(key=key("generate", "n_molecules")).set_value(2).run()
    page.number_input(key=key("generate", "steps")).set_value(3).run()
    generate(page)
    place = page.session_state["workplace generate"]
    text = saved({key("generate", "formula"): "H2O", "workplace generate": place})

    again = AppTest.from_function(save_script)
    again.session_state["to restore"] = text.encode()
    again.run()
    assert again.session_state[key("generate", "formula")] == "H2O"
    assert again.session_state["saved"] == text
    restored = again.session_state["workplace generate"].run
    for sample, before in zip(restored.samples, place.run.samples, strict=True):
        np.testing.assert_array_equal(sample.positions, before.positions)
        assert sample.facts() == before.facts()
    assert restored.provenance == place.run.provenance


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"gpff_studio_session": 1}',
        b'{"gpff_studio_session": 1, "kept": 3, "runs": {}}',
        b'{"gpff_studio_session": 1, "kept": {}, "runs": {"generate": {"order": {}}}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_session_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(GpffError, match="The file is not a session of GPFF Studio"):
        restore_session(data)


def test_a_later_format_is_named() -> None:
    with pytest.raises(GpffError, match="saved in format 2, and this program reads format 1"):
        restore_session(b'{"gpff_studio_session": 2}')


def link(values: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode())).decode()


def test_a_link_sets_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, settings=link({key("generate", "formula"): "CH4", "workplace generate": "not kept"}))
    assert page.text_input(key=key("generate", "formula")).value == "CH4"
    assert page.session_state["workplace generate"] != "not kept"
    assert "settings" not in page.query_params


def test_settings_that_do_not_fit_are_dropped_and_the_page_starts_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, settings=link({key("generate", "seed"): "no number", key("generate", "formula"): [1]}))
    assert errors(page) == ["The restored settings do not fit this version; the page starts anew."]
    assert page.text_input(key=key("generate", "formula")).value == "C7H10O2"


def test_a_damaged_link_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, settings="%%%")
    (error,) = errors(page)
    assert "The settings in the link are damaged" in error


def test_a_link_cannot_unfold_without_end() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"[" + b"0," * 10**7 + b"0]", 9)).decode()
    with pytest.raises(GpffError, match="damaged"):
        settings_from_link(bomb)


def link_script() -> None:
    import streamlit as st

    from gpff_app.session_file import settings_as_link

    st.session_state["link"] = settings_as_link("page")


def link_of(value: str) -> str | None:
    page = AppTest.from_function(link_script)
    page.session_state[key("page", "text")] = value
    return page.run().session_state["link"]


@pytest.mark.parametrize("value", ["C7H10O2", "σ̂ " * 30_000])
def test_a_link_that_is_given_can_be_opened(value: str) -> None:
    packed = link_of(value)
    assert packed is not None
    assert settings_from_link(packed.removeprefix("settings=")) == {"kept page text": value}


def test_no_link_is_given_for_more_than_can_be_unfolded() -> None:
    assert link_of("a" * 300_000) is None
