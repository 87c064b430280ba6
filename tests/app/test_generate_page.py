"""The Generate page without a browser: what it says, what it refuses, and what it makes."""

import re
import shlex
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gpff_app import saved_priors
from gpff_app.jobs import JobState
from gpff_app.kept import key
from gpff_app.run import Order
from gpff_app.session import Workplace
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.formats.structures import structure
from gpff_core.priors import SHAPES, Motif, Prior, Shape
from gpff_core.priors.serialisation import prior_as_json, prior_from_json
from gpff_core.recipe import PRESETS, Recipe
from gpff_core.samplers import SAMPLERS
from tests.app.commands import command_of

REPOSITORY = Path(__file__).parents[2]
TIMEOUT = 60

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    assert not page.exception
    return page


def set_formula(page: AppTest, formula: str) -> AppTest:
    return page.text_input(key=key("generate", "formula")).set_value(formula).run()


def errors(page: AppTest) -> list[str]:
    """The sentences a user reads, without Markdown's backslashes."""
    assert not page.exception
    return [error.value.replace("\\", "") for error in page.error]


def command(page: AppTest) -> str:
    return command_of(page, "generate")


def command_for(recipe: Recipe, formula: str = "C7H10O2", n_molecules: int = 16) -> str:
    return Order(parse_formula(formula), n_molecules, recipe, "tiny").command()


def wait_until(page: AppTest, what: Callable[[Workplace], bool]) -> None:
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if what(page.session_state["workplace generate"]):
            return
        tick.wait(0.01)
    pytest.fail("it did not happen in time")


def generate(page: AppTest) -> AppTest:
    page.button(key="go").click().run()
    wait_until(page, lambda place: not place.active)
    return page.run()


def test_it_starts_with_an_example_that_can_be_generated(page: AppTest) -> None:
    assert errors(page) == []
    assert all(code.language == "plaintext" for code in page.code), "the command is drawn once somebody opens it"
    assert command(page) == command_for(PRESETS["best"])
    assert not page.button(key="go").disabled


def test_the_formula_is_explained(page: AppTest) -> None:
    set_formula(page, "C2H6O")
    assert page.caption[0].value == ("9 atoms · no rings or double bonds · in 2 of 5 training molecules")
    set_formula(page, "C6H6")
    assert "rings + double bonds: 4 · not in the training data" in page.caption[0].value


@pytest.mark.parametrize(
    ("formula", "sentence"),
    [
        ("C7H10Xx", "Xx in C7H10Xx is not an element this program knows"),
        ("", "The formula is empty"),
        ("13C6H6", "names an isotope"),
        ("NH4+", "carries a charge"),
        ("C6H5Cl", "Cl cannot be generated: the checkpoint tiny knows only H C N O"),
        ("C999H2", "at most 200 are allowed"),
        ("[link](http://example.org)", "names an isotope"),
    ],
)
def test_formulas_that_cannot_be_made_are_refused_in_the_librarys_words(
    page: AppTest, formula: str, sentence: str
) -> None:
    set_formula(page, formula)
    (error,) = errors(page)
    assert sentence in error
    assert page.button(key="go").disabled


def test_an_odd_count_of_hydrogens_is_a_warning_and_not_a_refusal(page: AppTest) -> None:
    set_formula(page, "C7H11O2")
    assert errors(page) == []
    assert "odd number of electrons" in page.warning[0].value
    assert "C7H10O2 or C7H12O2" in page.warning[0].value
    assert not page.button(key="go").disabled


def test_a_similar_formula_is_taken_with_a_click(page: AppTest) -> None:
    set_formula(page, "C2H5O")
    page.button(key="similar 0").click().run()
    assert page.text_input(key=key("generate", "formula")).value == "C2H6O"
    assert command(page) == command_for(PRESETS["best"], "C2H6O")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("steps", 0, "0 steps were asked for"),
        ("n_molecules", 0, "0 molecules were asked for"),
        ("n_molecules", 1000, "the page makes 1 to 64 at once"),
        ("seed", -1, "The seed is -1"),
        ("sigma", -1.0, "σ is -1.0 Å; it must be positive"),
        ("stochastic_lambda", -0.5, "λ is -0.5 Å"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(page: AppTest, name: str, value: float, sentence: str) -> None:
    page.number_input(key=key("generate", name)).set_value(value).run()
    (error,) = errors(page)
    assert sentence in error
    assert page.button(key="go").disabled


def test_an_ellipsoid_becomes_the_prior(page: AppTest) -> None:
    page.selectbox(key=key("generate", "prior_kind")).set_value("Ellipsoid").run()
    page.number_input(key=key("generate", "angle z")).set_value(90.0).run()
    covariance = re.search(r"--covariance=(\S+)", command(page))[1]
    # Turned by 90° about z, x and y change places.
    assert [float(entry) for entry in covariance.split(",")] == pytest.approx([1.5**2, 3.0**2, 1, 0, 0, 0], abs=1e-9)
    page.number_input(key=key("generate", "axis x")).set_value(-3.0).run()
    (error,) = errors(page)
    assert "all three must be positive" in error


NOISY = "adds noise on the way"


@pytest.mark.parametrize(
    ("sampler", "noisy"),
    [("direct", True), ("self-paced", True), ("euler", False), ("heun", True), ("reverse-sde", True)],
)
def test_it_is_said_which_samplers_blur_a_shaped_cloud(page: AppTest, sampler: str, noisy: bool) -> None:
    """Those that add noise, by default or altogether; a shape that is held comes back whatever is added."""
    page.selectbox(key=key("generate", "sampler")).set_value(sampler).run()
    page.selectbox(key=key("generate", "prior_kind")).set_value("Shape").run()
    assert errors(page) == []
    assert any(NOISY in caption.value for caption in page.caption) is noisy
    page.toggle(key=key("generate", "hold")).set_value(True).run()
    assert not any(NOISY in caption.value for caption in page.caption)
    assert '"hold": true' in command(page)


@pytest.mark.parametrize(
    ("prior", "noisy"), [(Shape(SHAPES["rod"], 1.8), True), (Motif((6, 8), ((0, 0, 0), (1.2, 0, 0))), False)]
)
def test_noise_blurs_a_saved_cloud_but_not_a_structure(page: AppTest, prior: Prior, noisy: bool) -> None:
    page.session_state[key("generate", "sampler")] = "ancestral"
    page.session_state[key("generate", "prior_kind")] = "Saved"
    page.session_state[key("generate", "saved_prior")] = {"name": "mine", "prior": prior_as_json(prior)}
    page.run()
    assert any(NOISY in caption.value for caption in page.caption) is noisy


def test_the_saved_prior_that_is_shown_is_the_one_that_is_kept(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first moment, so that a link holds it, and one saved later does not take its place."""
    first, earlier = Shape(SHAPES["rod"], 1.8), Shape(SHAPES["disc"], 2.2)
    monkeypatch.setattr(saved_priors, "saved", lambda: {"mine": first})
    page.selectbox(key=key("generate", "prior_kind")).set_value("Saved").run()
    assert page.session_state[key("generate", "saved_prior")] == {"name": "mine", "prior": prior_as_json(first)}
    monkeypatch.setattr(saved_priors, "saved", lambda: {"a disc": earlier, "mine": first})
    page.run()
    assert page.selectbox(key="saved prior generate").value == "mine"
    assert prior_as_json(first) in command(page)


@pytest.mark.parametrize("kind", ["File", "Saved"])
def test_a_structure_from_wherever_is_shaken_no_harder_than_its_noise(
    page: AppTest, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hint says so too, before anything of it was chosen by hand."""
    start = Motif((8, 1, 1), ((0.0, 0.0, 0.1), (0.0, 0.8, -0.5), (0.0, -0.8, -0.5)), sigma=0.1)
    monkeypatch.setattr(saved_priors, "saved", lambda: {"water": start})
    page.selectbox(key=key("generate", "prior_kind")).set_value(kind).run()
    if kind == "File":
        page.file_uploader(key="prior file generate").upload("w.json", prior_as_json(start).encode(), "text/json").run()
    assert page.number_input(key=key("generate", "stochastic_lambda")).proto.placeholder == "best: 0.1"
    page.number_input(key=key("generate", "motif_sigma")).set_value(0.2).run()
    assert page.number_input(key=key("generate", "stochastic_lambda")).proto.placeholder == "best: 0.2"
    assert '"sigma": 0.2' in command(page)


def test_a_molecule_that_was_sent_here_is_varied(page: AppTest) -> None:
    water = structure((8, 1, 1), [[0.0, 0.0, 0.1], [0.0, 0.8, -0.5], [0.0, -0.8, -0.5]])
    page.session_state["handed over to generate"] = {"structure": water, "name": "H2O 1 <b>", "frozen": frozenset()}
    page.run()
    assert errors(page) == []
    assert "&lt;b>" in page.toast[0].value or "\\<b" in page.toast[0].value
    assert "--formula H2O" in command(page)
    prior = prior_from_json(recipe_prior(page))
    assert prior == Motif.from_structure(*water, sigma=0.8)
    page.number_input(key=key("generate", "motif_sigma")).set_value(0.2).run()
    assert prior_from_json(recipe_prior(page)) == replace(prior, sigma=0.2)
    page.number_input(key=key("generate", "motif_sigma")).set_value(-1.0).run()
    (error,) = errors(page)
    assert "The noise on the motif is -1.0 Å" in error


@pytest.mark.parametrize(
    ("sampler", "idle", "because", "awake"),
    [
        ("heun", ["churn_min", "churn_max", "churn_noise"], {"churn": 0.0}, {"churn": 5.0}),
        ("direct", ["shake_limit"], {"stochastic_lambda": 0.0}, {"stochastic_lambda": 0.5}),
        ("direct", ["polish"], {"steps": 2}, {"steps": 3}),
        ("heun", ["polish"], {"steps": 1}, {"steps": 2}),
    ],
)
def test_a_setting_without_effect_is_greyed_out(
    page: AppTest, sampler: str, idle: list[str], because: dict[str, float], awake: dict[str, float]
) -> None:
    page.selectbox(key=key("generate", "sampler")).set_value(sampler).run()
    for values, greyed in ((because, True), (awake, False)):
        for name, value in values.items():
            page.number_input(key=key("generate", name)).set_value(value).run()
        fields = [page.number_input(key=key("generate", name)) for name in idle]
        assert [field.disabled for field in fields] == [greyed] * len(idle)
        said = [re.search("Without effect while|have none to spare", field.help) is not None for field in fields]
        assert said == [greyed] * len(idle)


def recipe_prior(page: AppTest) -> str:
    """The JSON of the prior in the command that is shown."""
    (word,) = [word for word in shlex.split(command(page)) if word.startswith("--prior=")]
    return word.removeprefix("--prior=")


def presets_in_force(page: AppTest) -> list[str]:
    return [name for name in PRESETS if page.button(key=f"preset {name}").label.startswith("✓")]


def test_presets_set_the_sampler_and_leave_the_prior(page: AppTest) -> None:
    assert presets_in_force(page) == ["best"]
    page.selectbox(key=key("generate", "prior_kind")).set_value("Ellipsoid").run()
    page.button(key="preset fast").click().run()
    assert "--steps=12 --covariance=" in command(page)
    assert presets_in_force(page) == ["fast"]
    page.number_input(key=key("generate", "steps")).set_value(11).run()
    assert presets_in_force(page) == []
    assert "--steps=11 " in command(page)


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_every_sampler_can_be_chosen_and_run(page: AppTest, sampler: str) -> None:
    set_formula(page, "H2O")
    page.number_input(key=key("generate", "n_molecules")).set_value(2).run()
    page.selectbox(key=key("generate", "sampler")).set_value(sampler).run()
    page.number_input(key=key("generate", "steps")).set_value(3).run()
    assert f"--sampler {sampler} --steps=3" in command(page)
    generate(page)
    assert errors(page) == []
    assert [sample.index for sample in page.session_state["workplace generate"].run.samples] == [0, 1]
    assert any("of 2 valid" in text.value for text in page.markdown)


def test_what_was_made_is_in_the_library(page: AppTest, data_folder: Path) -> None:
    set_formula(page, "H2O")
    page.number_input(key=key("generate", "steps")).set_value(3).run()
    generate(page)
    run = page.session_state["workplace generate"].run
    assert run.archive_problem == ""
    with closing(sqlite3.connect(data_folder / "library.sqlite3")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM structure WHERE run = ?", (run.recording.run,)).fetchone()
    assert count == 16


def test_a_library_that_cannot_be_written_costs_a_sentence_and_no_molecule(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library.sqlite3").write_bytes(b"this is no database, and long enough to be looked at" * 20)
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path))
    set_formula(page, "H2O")
    page.number_input(key=key("generate", "steps")).set_value(3).run()
    generate(page)
    assert len(page.session_state["workplace generate"].run.samples) == 16
    assert any("The molecules are not in the library" in warning.value for warning in page.warning)


def test_the_dice_change_the_seed(page: AppTest) -> None:
    page.button(key="dice").click().run()
    seed = page.number_input(key=key("generate", "seed")).value
    assert seed != 0
    assert command(page) == command_for(replace(PRESETS["best"], seed=seed))


def test_stop_keeps_what_is_there(page: AppTest) -> None:
    page.number_input(key=key("generate", "steps")).set_value(2000).run()
    page.button(key="go").click().run()
    wait_until(page, lambda place: place.run.recording.n_frames > 2)
    page.button(key="stop generate").click().run()
    wait_until(page, lambda place: not place.active)
    page.run()
    place = page.session_state["workplace generate"]
    assert place.job.state is JobState.STOPPED
    assert len(place.run.samples) == 16
    assert place.run.recording.n_frames < 2000
    said = f"Stopped at step {place.run.stopped_at} of 2000; {len(place.run.unfinished)} of 16 molecules are unfinished"
    assert place.run.unfinished == {one.index for one in place.run.samples if not one.verdict.valid}
    assert any(said in text.value for text in page.markdown)
    assert not any("of 16 valid" in text.value for text in page.markdown)


def test_a_run_that_goes_on_has_to_be_stopped_before_the_next(page: AppTest) -> None:
    page.number_input(key=key("generate", "steps")).set_value(2000).run()
    page.button(key="go").click().run()
    assert page.button(key="go").disabled
    page.button(key="stop generate").click().run()
    wait_until(page, lambda place: not place.active)
    assert not page.run().button(key="go").disabled


def test_it_is_said_that_shaking_blurs_a_shape(page: AppTest) -> None:
    page.selectbox(key=key("generate", "prior_kind")).set_value("Ellipsoid").run()
    assert any("*Shaking λ (Å)* 0.5 adds noise" in caption.value for caption in page.caption)
    page.button(key="no noise generate").click().run()
    assert "--stochastic-lambda=0.0" in command(page)
    assert not any(NOISY in caption.value for caption in page.caption)


def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"not a checkpoint")
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tmp_path))
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    (error,) = errors(page)
    assert "broken.safetensors is damaged or not a safetensors file" in error


def test_no_checkpoint_at_all_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tmp_path))
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT).run()
    (error,) = errors(page)
    assert "There is no trained network" in error


def test_the_hint_of_a_setting_is_the_best_for_the_steps_that_are_set(page: AppTest) -> None:
    shaking = key("generate", "stochastic_lambda")
    assert page.number_input(key=shaking).placeholder == "best: 0.5"
    page.number_input(key=key("generate", "steps")).set_value(6).run()
    assert page.number_input(key=shaking).placeholder == "best: 0.2"
