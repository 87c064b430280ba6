"""The Prior studio without a browser: every kind can be designed, tried, saved and taken elsewhere."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gpff_app import saved_priors
from gpff_app.kept import key
from gpff_app.prior_studio.kinds import KINDS
from gpff_app.session import Workplace
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.formats.structures import Structure
from gpff_core.priors import Covariance, Isotropic, Motif, Prior, Shape
from gpff_core.priors.serialisation import prior_from_json
from tests.app.commands import command_of

REPOSITORY = Path(__file__).parents[3]
TIMEOUT = 60

pytestmark = pytest.mark.usefixtures("tiny_network", "data_folder")


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path / "data"))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=TIMEOUT)
    page.session_state[key("prior_studio", "formula")] = "C2H6O"
    page.run()
    page.switch_page("pages/prior_studio.py").run()
    assert not page.exception
    return page


def errors(page: AppTest) -> list[str]:
    assert not page.exception
    return [error.value.replace("\\", "") for error in page.error]


def choose(page: AppTest, kind: str) -> AppTest:
    return page.selectbox(key="prior studio kind").set_value(kind).run()


def prior_on_desk(page: AppTest) -> Prior:
    held = page.session_state[key("prior_studio", "design")]
    kind = KINDS[held["kind"]]
    return kind.build({**kind.first(), **held["designs"].get(held["kind"], {})})


def number(page: AppTest, name: str, value: float) -> AppTest:
    return page.number_input(key=name).set_value(value).run()


def wait_until(page: AppTest, what: Callable[[Workplace], bool]) -> None:
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if what(page.session_state["workplace prior_studio"]):
            return
        tick.wait(0.01)
    pytest.fail("it did not happen in time")


def tried(page: AppTest, n_molecules: int = 2) -> AppTest:
    page.number_input(key=key("prior_studio", "n_molecules")).set_value(n_molecules)
    page.number_input(key=key("prior_studio", "steps")).set_value(2).run()
    page.button(key="try it").click().run()
    wait_until(page, lambda place: not place.active)
    return page.run()


def save(page: AppTest, name: str) -> AppTest:
    page.text_input(key="prior name").set_value(name).run()
    return page.button(key="save prior").click().run()


def send(page: AppTest, destination: str) -> AppTest:
    """Use the prior on another page, and go where the browser goes then: AppTest does not follow by itself."""
    page.button(key=f"to {destination}").click().run()
    return page.switch_page(f"pages/{destination.replace(' ', '_')}.py").run()


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_designed_tried_and_saved(page: AppTest, kind: str) -> None:
    choose(page, kind)
    assert errors(page) == []
    tried(page)
    assert errors(page) == []
    assert any("of 2 valid" in text.value and "moved" in text.value for text in page.markdown)
    assert len(page.dataframe[0].value) == 2
    save(page, kind)
    assert saved_priors.saved() == {kind: prior_on_desk(page)}


def test_axis_slider_number_matrix_and_temperature_keep_in_step(page: AppTest) -> None:
    page.slider(key="ellipsoid axis 0 slider").set_value(2.0).run()
    assert page.number_input(key="ellipsoid axis 0 number").value == 2.0
    assert page.number_input(key="ellipsoid matrix xx").value == 4.0
    number(page, "ellipsoid axis 1 number", 1.0)
    number(page, "ellipsoid axis 2 number", 8.0)
    assert page.slider(key="ellipsoid axis 2 slider").value == 6.0, "the slider stops where it ends"
    assert page.number_input(key="ellipsoid kT number").value == pytest.approx(2 * (4 + 1 + 64) / 3, abs=1e-4)
    number(page, "ellipsoid kT number", 2 * (4 + 1 + 64) / 3 / 4)  # a quarter of the temperature is half the width
    assert [page.number_input(key=f"ellipsoid axis {axis} number").value for axis in range(3)] == pytest.approx(
        [1.0, 0.5, 4.0], abs=1e-4
    )
    number(page, "ellipsoid matrix xy", 0.25)
    assert prior_on_desk(page).xy == 0.25
    assert page.number_input(key="ellipsoid matrix xy mirrored").value == 0.25
    assert page.number_input(key="ellipsoid angle z").value != 0


@pytest.mark.parametrize(
    ("kind", "name", "value", "sentence"),
    [
        ("ellipsoid", "ellipsoid axis 0 number", -3.0, "The axis lengths are (-3.0"),
        ("ellipsoid", "ellipsoid matrix xy", 50.0, "is not positive-definite"),
        ("ellipsoid", "ellipsoid kT number", -1.0, "The temperature kT is -1 Å²"),
        ("round", "round number", 0.0, "σ is 0.0 Å; it must be positive"),
        ("shape", "shape share x", 0.0, "give three positive numbers"),
        ("typical", "typical number", 0.0, "The size is 0.0 times"),
        ("points", "points spread number", -0.1, "spread about the points is -0.1"),
        ("curve", "curve size number", 0.0, "The size is 0 Å"),
        ("motif", "motif number", -1.0, "The noise on the motif is -1.0"),
    ],
)
def test_what_makes_no_prior_is_refused_in_one_sentence_and_nothing_changes(
    page: AppTest, kind: str, name: str, value: float, sentence: str
) -> None:
    choose(page, kind)
    before = prior_on_desk(page)
    number(page, name, value)
    (error,) = errors(page)
    assert sentence in error
    assert prior_on_desk(page) == before
    page.run()
    assert errors(page) == [], "it is said once"


def test_undo_and_redo(page: AppTest) -> None:
    first = prior_on_desk(page)
    page.button(key="ellipsoid Rod").click().run()
    rod = prior_on_desk(page)
    assert rod != first
    choose(page, "blobs")
    page.button(key="undo design").click().run()
    page.button(key="undo design").click().run()
    assert prior_on_desk(page) == first
    assert page.button(key="undo design").disabled
    page.button(key="redo design").click().run()
    assert prior_on_desk(page) == rod


def test_a_molecule_gives_its_shape_or_becomes_the_motif(page: AppTest) -> None:
    numbers, positions = structure_from_smiles("CCCCCC")
    page.text_input(key="ellipsoid smiles").set_value("CCCCCC").run()
    expected = Covariance.of_positions(positions).covariance
    assert np.array(prior_on_desk(page).covariance) == pytest.approx(np.array(expected), abs=1e-6)
    choose(page, "motif")
    page.text_input(key="motif smiles").set_value("CCCCCC").run()
    motif = prior_on_desk(page)
    assert isinstance(motif, Motif)
    assert motif.numbers == numbers.numbers
    page.text_input(key="motif smiles").set_value("<b>no</b>").run()
    (error,) = errors(page)
    assert "is not a SMILES" in error


def test_a_molecule_from_another_page_gives_its_shape(page: AppTest) -> None:
    molecule = Structure(*structure_from_smiles("CCCCCC"))
    page.session_state["handed over to prior_studio"] = {"structure": molecule, "name": "hexane"}
    page.run()
    assert errors(page) == []
    assert prior_on_desk(page).scale == pytest.approx(Covariance.of_positions(molecule.positions).scale, abs=1e-5)
    choose(page, "motif")
    page.button(key="motif handed over").click().run()
    assert len(prior_on_desk(page).numbers) == 20


def test_files_are_taken_in(page: AppTest) -> None:
    choose(page, "points")
    page.file_uploader(key="points file").upload("three.csv", b"0,0,0\n1,0,0\n0,2,0\n", "text/csv").run()
    assert prior_on_desk(page).points == ((0, 0, 0), (1, 0, 0), (0, 2, 0))
    page.file_uploader(key="points file").upload("<img src=x>.csv", b"1,2\n3,4\n", "text/csv").run()
    (error,) = errors(page)
    assert "<img src=x>.csv could not be read as points" in error


def test_saved_priors_are_loaded_deleted_and_brought_back(page: AppTest) -> None:
    choose(page, "round")
    number(page, "round number", 2.5)
    save(page, "warm ball")
    number(page, "round number", 5.0)
    page.button(key="load prior").click().run()
    assert prior_on_desk(page) == Isotropic(2.5)
    page.button(key="delete prior").click().run()
    assert saved_priors.saved() == {}
    page.button(key="bring back").click().run()
    assert saved_priors.saved() == {"warm ball": Isotropic(2.5)}
    save(page, "   ")
    (error,) = errors(page)
    assert "has no name" in error


def test_a_priors_file_is_opened(page: AppTest) -> None:
    text = json.dumps({"prior": "shape", "ratios": "disc", "sigma": 2.0, "hold": True})
    page.file_uploader(key="prior file").upload("disc.json", text.encode(), "application/json").run()
    assert prior_on_desk(page) == Shape((0.50, 0.45, 0.05), 2.0, hold=True)
    page.file_uploader(key="prior file").upload("bad.json", b"{", "application/json").run()
    (error,) = errors(page)
    assert "could not be read as JSON" in error


def test_the_command_makes_the_same_prior(page: AppTest) -> None:
    choose(page, "blobs")
    command = command_of(page, "prior_studio")
    assert prior_from_json(re.search(r"--prior=(\{[^']*\})", command)[1]) == prior_on_desk(page)
    choose(page, "surface")
    assert "--prior=prior.json" in command_of(page, "prior_studio"), "a thousand points go into a file"


def test_the_prior_is_used_on_generate(page: AppTest) -> None:
    choose(page, "shape")
    page.toggle(key="shape hold").set_value(True).run()
    prior = prior_on_desk(page)
    save(page, "held rod")
    send(page, "generate")
    assert page.selectbox(key=key("generate", "prior_kind")).value == "Saved"
    assert page.selectbox(key="saved prior generate").value == "held rod"
    assert prior_from_json(re.search(r"--prior=(\{[^']*\})", command_of(page, "generate"))[1]) == prior


def test_the_prior_is_used_in_the_scaffold_editor(page: AppTest) -> None:
    prior = prior_on_desk(page)
    send(page, "scaffold editor")
    assert errors(page) == []
    held = page.session_state[key("scaffold_editor", "saved_prior")]
    assert (held["name"], prior_from_json(held["prior"])) == ("my design", prior)
    assert page.session_state[key("scaffold_editor", "prior_kind")] == "Saved"


def test_a_prior_saved_anew_is_offered_where_the_old_one_is_in_use(page: AppTest) -> None:
    choose(page, "round")
    save(page, "ball")
    send(page, "generate")
    assert "--sigma=1.5" in command_of(page, "generate")
    saved_priors.save("ball", Isotropic(3.0))
    page.run()
    assert "--sigma=1.5" in command_of(page, "generate"), "what is set does not change by itself"
    page.button(key="saved prior generate again").click().run()
    assert "--sigma=3.0" in command_of(page, "generate")
    saved_priors.forget("ball")
    page.run()
    assert "--sigma=3.0" in command_of(page, "generate"), "nor does it vanish"


def test_without_saved_priors_it_is_said_where_they_come_from(page: AppTest) -> None:
    page.switch_page("pages/generate.py").run()
    page.selectbox(key=key("generate", "prior_kind")).set_value("Saved").run()
    (error,) = errors(page)
    assert "No prior is saved yet; design one in the Prior studio" in error


def test_a_design_from_a_file_that_is_none_is_left_out(page: AppTest) -> None:
    for nonsense in ({"kind": "ellipsoid", "designs": {"ellipsoid": {"matrix": [1]}}}, {"kind": "x"}, 7):
        page.session_state[key("prior_studio", "design")] = nonsense
        page.run()
        assert errors(page) == []
        assert prior_on_desk(page) == KINDS["ellipsoid"].build(KINDS["ellipsoid"].first())


def test_generate_makes_what_was_tried_out(page: AppTest) -> None:
    page.button(key="to generate").click().run()
    page.switch_page("pages/generate.py").run()
    assert not page.exception
    assert page.session_state[key("generate", "formula")] == "C2H6O"
    assert page.session_state[key("generate", "steps")] == 15
    assert page.session_state[key("generate", "stochastic_lambda")] == 0.0
    assert any(caption.value == "Starts from: my design" for caption in page.caption)


def test_a_missing_name_is_said_beside_the_field(page: AppTest) -> None:
    page.button(key="save prior").click().run()
    (error,) = page.sidebar.error
    assert "The prior has no name" in error.value
    assert not page.run().sidebar.error


def test_what_is_saved_is_what_was_typed_just_before_the_click(page: AppTest) -> None:
    """A field tells its number when it is left, and that is by the click on Save."""
    choose(page, "round")
    number(page, "round number", 2.0)
    page.text_input(key="prior name").set_value("ball").run()
    page.number_input(key="round number").set_value(3.0)
    page.button(key="save prior").click().run()
    assert saved_priors.saved()["ball"] == prior_on_desk(page) == Isotropic(3.0)
