"""The Generate page in a real browser, on the shipped network: a formula becomes molecules, and one takes them away."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from rdkit import Chem

from gpff_app.kept import key
from gpff_core.recipe import PRESETS
from tests.e2e.serving import VIEWER, ask, count, open_command, watched_page

pytestmark = pytest.mark.browser

RUN_TIMEOUT = 300_000  # ms; a busy machine takes its time


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url, accept_downloads=True) as page:
        expect(button(page, "Generate")).to_be_enabled(timeout=RUN_TIMEOUT)
        expect(page.get_by_text("press Generate: clouds of noise")).to_be_visible(timeout=RUN_TIMEOUT)
        yield page


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def fill(page: Page, label: str, value: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(value)
    field.press("Enter")


def generate(page: Page, formula: str, n_molecules: int) -> None:
    fill(page, "Formula", formula)
    fill(page, "Molecules", str(n_molecules))
    open_command(page)
    expect(page.get_by_text(f"--formula {formula} -n {n_molecules} ")).to_be_visible(timeout=RUN_TIMEOUT)
    button(page, "Generate").click()


def cards(page: Page) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("checkbox"))


def test_a_newcomer_makes_molecules_and_takes_them_away(page: Page, tmp_path: Path) -> None:
    page.evaluate(f"() => {{ ({VIEWER})().mark = 'same'; }}")
    generate(page, "C7H10O2", 16)
    expect(page.get_by_text("16 × C7H10O2: step")).to_be_visible(timeout=RUN_TIMEOUT)
    page.wait_for_function("() => document.querySelector('[data-testid=stProgress]')")
    while_it_runs = ask(page, "viewer.player.live")
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    assert while_it_runs, "frames are shown before the run has ended"
    expect(count(page)).to_have_text("result", timeout=RUN_TIMEOUT)
    n_frames = int(ask(page, "viewer.trajectory.tracks[0].nFrames"))
    assert PRESETS["best"].n_steps < n_frames <= PRESETS["best"].most_steps + 1
    assert ask(page, "viewer.trajectory.tracks.map((track) => track.nFrames)") == [n_frames] * 16
    # The atoms were noise at first and are a molecule now: σ̂ fell from ångströms to the width of a bond's vibration.
    first, last = ask(page, f"[0, {n_frames - 1}].map((k) => viewer.trajectory.tracks[0].sigma.buffer[k])")
    assert first > 1 > 0.2 > last

    assert ask(page, "viewer.mark") == "same", "the viewer stays mounted from before the run to its end"
    expect(cards(page)).to_have_count(16)
    valid = cards(page).filter(has_text="✓ valid")
    assert valid.count() > 0
    place = int(valid.first.locator(".number").text_content())
    page.get_by_role("button", name=f"Show molecule {place} in 3D").click()
    expect(page.locator("[data-part=name]")).to_have_text(f"Molecule {place}")

    # Three rings or double bonds a molecule: some of them are double bonds, and the result shows them.
    assert ask(page, "viewer.trajectory.tracks.some((track) => track.resultBonds.some(([, , order]) => order === 2))")
    valid.first.get_by_role("checkbox").check()
    expect(page.get_by_text("Download the 1 selected:")).to_be_visible()
    with page.expect_download() as download:
        button(page, "SDF").click()
    assert download.value.suggested_filename == "C7H10O2-seed0.sdf"
    path = tmp_path / "molecule.sdf"
    download.value.save_as(path)
    (molecule,) = Chem.SDMolSupplier(str(path), removeHs=False)
    assert molecule.GetNumAtoms() == 19
    assert molecule.GetConformer().Is3D()
    assert molecule.GetProp("smiles") == valid.first.locator(".smiles").text_content()
    assert "--formula C7H10O2 -n 16" in molecule.GetProp("command")


def test_a_molecule_is_varied(page: Page) -> None:
    """Others start from where its atoms are, and the first of them is still near there when it has settled."""
    page.get_by_role("button", name=re.compile("^Fast ·")).click()
    generate(page, "C2H6O", 2)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    page.get_by_role("button", name="Show molecule 1 in 3D").click()
    expect(page.locator("[data-part=name]")).to_have_text("Molecule 1")
    end = "[...viewer.trajectory.tracks[0].positionsAt(viewer.trajectory.tracks[0].nFrames - 1)]"
    given = np.array(ask(page, end)).reshape(-1, 3)
    button(page, "Vary it").click()
    expect(page.get_by_text("Molecules will start from C2H6O 1 with 0.8 Å of noise")).to_be_visible()
    fill(page, "Noise on the structure σ (Å)", "0.1")
    fill(page, "Shaking λ (Å)", "0")
    fill(page, "Molecules", "1")
    open_command(page)
    for word in ("--formula C2H6O -n 1 ", "--stochastic-lambda=0", '"sigma": 0.1'):
        expect(page.get_by_text(word).first).to_be_visible(timeout=RUN_TIMEOUT)
    button(page, "Generate").click()
    arrived = "tracks.length === 1 && shown.tracks[0].nFrames > 12 && !viewer.player.live"
    page.wait_for_function(
        f"() => {{ const viewer = ({VIEWER})(); const shown = viewer.trajectory; return shown.{arrived}; }}",
        timeout=RUN_TIMEOUT,
    )
    start = np.array(ask(page, "[...viewer.trajectory.tracks[0].positionsAt(0)]")).reshape(-1, 3)
    assert 0.05 < np.sqrt(np.square(start - given).mean()) < 0.15
    assert np.abs(np.array(ask(page, end)).reshape(-1, 3) - given).max() < 0.5


def test_the_html_page_opens_from_disk_and_asks_for_nothing(page: Page, browser: Browser, tmp_path: Path) -> None:
    generate(page, "C2H6O", 3)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    with page.expect_download() as download:
        button(page, "HTML page").click()
    path = tmp_path / "molecules.html"
    download.value.save_as(path)
    with watched_page(browser, path.as_uri()) as exported:
        expect(exported.locator("#cards button")).to_have_count(3)
        expect(exported.locator("#view canvas")).to_have_count(1)
        exported.locator("#cards button").nth(1).click()
        expect(exported.locator("#cards button").nth(1)).to_have_attribute("aria-pressed", "true")
        expect(exported.locator("pre")).to_contain_text("--formula C2H6O -n 3")


def test_what_colours_code_is_fetched_once_the_command_is_opened(page: Page) -> None:
    """It is as large as everything else that a first visit waits for."""
    loaded = "() => performance.getEntriesByType('resource').some((file) => file.name.includes('SyntaxHighlighter'))"
    assert not page.evaluate(loaded)
    open_command(page)
    expect(page.get_by_text("-m gpff_core sample --formula C7H10O2")).to_be_visible(timeout=RUN_TIMEOUT)
    assert page.evaluate(loaded)


def test_a_wrong_formula_is_answered_in_a_sentence(page: Page) -> None:
    fill(page, "Formula", "![x](http://example.org/x.png)")
    expect(page.get_by_role("alert")).to_contain_text("![x](http://example.org/x.png)")
    expect(button(page, "Generate")).to_be_disabled()
    fill(page, "Formula", "C7H10Xx")
    expect(page.get_by_role("alert")).to_contain_text("Xx in C7H10Xx is not an element this program knows")


def test_controls_reach_the_3d_view(page: Page) -> None:
    generate(page, "CH4", 1)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    expect(count(page)).to_have_text("result", timeout=RUN_TIMEOUT)
    axes = ask(page, "viewer.scene.priorAxes")
    width = PRESETS["best"].build_prior().scale
    assert [sum(x * x for x in column) ** 0.5 for column in zip(*axes, strict=True)] == pytest.approx([width] * 3)


def test_a_saved_session_holds_settings_and_molecules(page: Page) -> None:
    generate(page, "CH4O", 3)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    page.get_by_role("button", name="Session").click()
    with page.expect_download(timeout=RUN_TIMEOUT) as download:
        page.get_by_role("button", name="Save session").click()
    session = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert session["kept"][key("generate", "formula")] == "CH4O"
    assert len(session["runs"]["generate"]["samples"]) == 3


def test_a_finished_run_stands_there_again_however_hastily_one_came_and_went(page: Page) -> None:
    """Who leaves before the new viewer could ask for the film gets it with the first message of the next visit."""
    generate(page, "CH4O", 3)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=RUN_TIMEOUT)
    page.get_by_role("link", name="Prior studio").click()
    page.get_by_role("button", name="Use on Generate").click(timeout=RUN_TIMEOUT)
    page.get_by_text("Starts from: my design").wait_for()
    page.get_by_role("link", name="Noise lab").click()
    expect(page.get_by_text("The method in pictures")).to_be_visible(timeout=RUN_TIMEOUT)
    page.get_by_role("link", name="Generate", exact=True).click()
    expect(page.get_by_text("Starts from: my design")).to_be_visible(timeout=RUN_TIMEOUT)
    page.wait_for_function(f"() => ({VIEWER})()?.scene?.cells().length === 3", timeout=RUN_TIMEOUT)
    expect(count(page)).to_have_text("result")
    assert ask(page, "viewer.scene.placed.length") == 3
