"""A session saved as one file, or as a link, comes back as it was; a file that is none is refused in a sentence."""

import base64
import json
import shutil
import zlib
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gpff_app.jobs import JobState
from gpff_app.kept import key
from gpff_app.kept_values import _OF_ALL
from gpff_app.session import Workplace
from gpff_app.session_file import session_as_json, session_from_file, settings_from_link
from gpff_app.watching import stopped_text
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

    from gpff_app.session_file import restore, session_from_file, session_writer

    if "to restore" in st.session_state:
        restore(session_from_file(st.session_state["to restore"]))
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


def test_a_run_that_was_stopped_is_unfinished_still_when_its_session_is_opened(tiny_path: Path) -> None:
    torn = {"samples": [[0, [[0, 0, 0], [0, 0, 3], [0, 3, 0]], 2]], "stopped_at": 2}
    opened = session_from_file(session({}, {"generate": run_of() | torn, "prior_studio": run_of()}))
    again = session_from_file(session_as_json(opened.settings, opened.runs).encode())
    stopped, ended = (Workplace(page, run) for page, run in again.runs.items())
    assert (stopped.state, ended.state) == (JobState.STOPPED, JobState.FINISHED)
    assert stopped_text(stopped.run) == "Stopped at step 2 of 3; 1 of 1 molecules are unfinished"
    assert (stopped.run.unfinished, ended.run.unfinished) == ({0}, frozenset())


def test_molecules_of_other_weights_are_not_said_to_be_of_those_that_are_here(tiny_path: Path) -> None:
    """A server may have newer weights under the same name when a session is opened."""
    file = session({}, {"generate": run_of()})
    here = session_from_file(file).runs["generate"].provenance
    values = json.loads(file)
    values["runs"]["generate"]["made_by"] = {"version": "0.0.9", "checkpoint_sha256": "ab" * 32}
    opened = session_from_file(json.dumps(values).encode())
    again = session_from_file(session_as_json(opened.settings, opened.runs).encode())
    for found in (opened, again):
        made = found.runs["generate"].provenance
        assert (made.version, made.checkpoint_sha256, made.command) == ("0.0.9", "ab" * 32, "")
        assert made.seed == here.seed
    assert here.command
    values["runs"]["generate"]["made_by"] = {"version": "<b>", "checkpoint_sha256": "no hash"}
    assert not session_from_file(json.dumps(values).encode()).runs


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"gpff_studio_session": 1}',
        b'{"gpff_studio_session": 1, "kept": 3, "runs": {}}',
        b'{"gpff_studio_session": 1, "kept": {}, "runs": 3}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_session_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(GpffError, match="The file is not a session of GPFF Studio"):
        session_from_file(data)


def test_a_later_format_is_named() -> None:
    with pytest.raises(GpffError, match="saved in format 2, and this program reads format 1"):
        session_from_file(b'{"gpff_studio_session": 2}')


def link(values: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode())).decode()


def test_a_link_sets_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, settings=link({key("generate", "formula"): "CH4", "workplace generate": "not kept"}))
    assert page.text_input(key=key("generate", "formula")).value == "CH4"
    assert page.session_state["workplace generate"] != "not kept"
    assert "settings" not in page.query_params


NONSENSE = {
    "sampler": "telepathy",
    "sigma": -1.5,
    "steps": "many",
    "seed": True,
    "stochastic_lambda": float("nan"),
    "n_molecules": 10**9,
    "prior_kind": None,
    "formula": [1],
    "saved_prior": {"name": "x", "prior": "{}"},
    "checkpoint": "/etc/passwd",
    "no such": 1,
}


def session(kept: object, runs: object = None) -> bytes:
    return json.dumps({"gpff_studio_session": 1, "kept": kept, "runs": runs or {}}).encode()


@pytest.mark.parametrize("name", NONSENSE)
def test_what_cannot_be_used_is_named_and_the_rest_is_kept(name: str) -> None:
    opened = session_from_file(session({key("generate", name): NONSENSE[name], key("noise_lab", "seed"): 5}))
    assert opened.settings == {key("noise_lab", "seed"): 5}
    assert name.replace("_", " ") in opened.left_out
    assert opened.left_out.endswith(".")


def test_a_sentence_says_what_was_given_and_what_is_allowed() -> None:
    values = {key("generate", name): value for name, value in NONSENSE.items()}
    said = session_from_file(session(values)).left_out
    assert 'sampler of Generate is "telepathy" and must be one of direct, self-paced' in said
    assert "sigma of Generate is -1.5 and must be a number from 0" in said
    assert said.endswith("; 8 more.")


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        ("library", "shape", ["rod", "rod"]),
        ("library", "view sort", ["nothing", True]),
        ("library", "from qed", "0.5"),
        ("scaffold_editor", "document", {"name": "benzene"}),
        ("scaffold_editor-undo", "steps", {"past": [3], "future": []}),
        ("scaffold_editor", "held", "Glued"),
        ("real_time", "molecule", {"numbers": [1]}),
        ("real_time", "calls", 0),
        ("noise_lab", "stretch", 99.0),
        ("noise_lab", "x axis", "time"),
        ("noise_lab", "schedules", [{"sampler": "telepathy"}]),
        ("prior_studio", "design", {"kind": "ellipsoid", "designs": {"ellipsoid": {"x": "wide"}, "none": {}}}),
        ("generate", "formula", "\ud800"),
    ],
)
def test_documents_and_choices_of_every_page_are_looked_at(page: str, name: str, value: object) -> None:
    opened = session_from_file(session({key(page, name): value}))
    assert opened.settings == {}
    assert opened.left_out.count("\n") == 0
    assert name in opened.left_out


def run_of(**changes: object) -> dict[str, object]:
    recipe = {"sampler": "direct", "steps": 3, "prior": None, "settings": {}, "seed": 0, "reheat": 0}
    order = {"numbers": [8, 1, 1], "n_molecules": 1, "recipe": recipe, "checkpoint": "tiny", "scaffold": None}
    return {"order": order | changes, "samples": [[0, [[0, 0, 0], [0, 0, 1], [0, 1, 0]], 3]]}


@pytest.mark.parametrize(
    ("page", "run"),
    [
        ("generate", {"order": {}}),
        ("generate", 3),
        ("generate", run_of(recipe={"sampler": "telepathy", "steps": 3, "prior": None, "settings": {}, "seed": 0})),
        ("generate", run_of(n_molecules="many")),
        ("generate", run_of(numbers=[999])),
        ("generate", run_of() | {"samples": [[0, [[0, 0]], 3]]}),
        ("generate", run_of() | {"samples": [[7, [[0, 0, 0], [0, 0, 1], [0, 1, 0]], 3]]}),
        ("generate", run_of() | {"stopped_at": "early"}),
        ("no such page", run_of()),
    ],
)
def test_molecules_that_cannot_be_read_are_named_and_the_rest_is_kept(page: str, run: object) -> None:
    opened = session_from_file(session({key("generate", "seed"): 5}, {page: run, "prior_studio": run_of()}))
    assert opened.settings == {key("generate", "seed"): 5}
    assert list(opened.runs) == ["prior_studio"]
    assert f"the molecules of {page.capitalize()}" in opened.left_out


def test_a_session_names_a_network_of_the_server_and_no_file(tiny_path: Path, tmp_path: Path) -> None:
    for path in tiny_path.parent.glob("tiny.*"):
        shutil.copy(path, tmp_path)
    opened = session_from_file(session({}, {"generate": run_of(checkpoint=str(tmp_path / tiny_path.name))}))
    assert not opened.runs
    assert "the molecules of Generate" in opened.left_out


def test_a_link_says_what_it_could_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, settings=link({key("generate", "seed"): "no number", key("generate", "formula"): "CH4"}))
    (warning,) = [text.value for text in page.warning if "left out" in text.value]
    assert "seed of Generate" in warning
    assert page.text_input(key=key("generate", "formula")).value == "CH4"
    assert page.number_input(key=key("generate", "seed")).value == 0


def test_settings_on_which_a_page_fails_are_dropped_and_those_of_the_others_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(_OF_ALL, "seed", lambda value: "")  # a value that nobody thought of
    values = {key("generate", "seed"): "no number", key("generate", "formula"): "CH4", key("noise_lab", "n_seeds"): 2}
    page = opened(monkeypatch, settings=link(values))
    assert errors(page) == [
        "The settings that were opened for Generate do not go together; this page starts anew, the others keep theirs."
    ]
    assert page.text_input(key=key("generate", "formula")).value == "C7H10O2"
    assert page.session_state[key("noise_lab", "n_seeds")] == 2


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

    st.session_state["link"] = settings_as_link("library")


def link_of(value: str) -> str | None:
    page = AppTest.from_function(link_script)
    page.session_state[key("library", "text")] = value
    return page.run().session_state["link"]


@pytest.mark.parametrize("value", ["C7H10O2", "σ̂ " * 30_000])
def test_a_link_that_is_given_can_be_opened(value: str) -> None:
    packed = link_of(value)
    assert packed is not None
    assert settings_from_link(packed.removeprefix("settings=")).settings == {key("library", "text"): value}


def test_no_link_is_given_for_more_than_can_be_unfolded() -> None:
    assert link_of("a" * 300_000) is None
