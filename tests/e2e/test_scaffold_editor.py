"""The scaffold editor in a real browser, on the shipped network.

Freeze a ring by hand, grow on it, find the result in the library, take it away from there, go on with it.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from rdkit import Chem

from tests.e2e.serving import VIEWER, ask, open_command, watched_page
from tests.e2e.test_editing import click, drag, spot
from tests.e2e.test_generate import button, fill

pytestmark = pytest.mark.browser

TIMEOUT = 300_000  # ms; a busy machine takes its time


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url, accept_downloads=True) as page:
        expect(page.get_by_text("press Generate: clouds of noise")).to_be_visible(timeout=TIMEOUT)
        page.get_by_role("link", name="Scaffold editor").click()
        expect(button(page, "Grow on benzene")).to_be_visible(timeout=TIMEOUT)
        yield page


def frozen(page: Page, text: str) -> None:
    expect(page.get_by_text(f"{text} atoms frozen")).to_be_visible()


def test_a_ring_frozen_by_clicks_is_grown_on_found_in_the_library_and_taken_away(page: Page, tmp_path: Path) -> None:
    fill(page, "Name or SMILES", "c1ccccc1")
    expect(page.locator(".viewer canvas")).to_have_count(1)
    frozen(page, "0 of 12")
    for atom in range(6):
        click(page, atom)
        frozen(page, f"{atom + 1} of 12")
    before = np.array(ask(page, "viewer.scene.points()"))

    fill(page, "Add", "C")
    expect(page.get_by_text("CH8 is added to 6 frozen atoms: C7H8, 15 atoms")).to_be_visible()
    fill(page, "Molecules", "4")
    open_command(page)
    expect(page.get_by_text("--freeze=0-5 --add=CH8 -n 4 ")).to_have_count(1)
    button(page, "Generate").click()
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=TIMEOUT)
    kept = page.get_by_role("listitem").filter(has_text="✓ scaffold kept")
    expect(kept.first).to_be_visible()
    place = kept.first.locator(".number").text_content()

    button(page, "See them in the Library").click()
    expect(button(page, "One run")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("4 of 4 structures")).to_be_visible()
    # The first run of a library: its structures have the numbers of the molecules.
    button(page, f"Favourite structure {place}").click()
    page.get_by_text("Favourites only").click()
    expect(page.get_by_text("1 of 4 structures")).to_be_visible()
    button(page, "Export 1").click()
    with page.expect_download() as download:
        button(page, "Download 1 structure").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    (molecule,) = Chem.SDMolSupplier(str(path), removeHs=False)
    assert path.suffix == ".sdf"
    assert Chem.MolToSmiles(Chem.RemoveHs(molecule)) == "Cc1ccccc1"
    assert molecule.GetBoolProp("favourite")
    assert [int(atom) for atom in molecule.GetProp("frozen_atoms").split()] == list(range(6))
    assert molecule.GetConformer().GetPositions()[:6] == pytest.approx(before[:6], abs=1e-4)

    page.get_by_role("link", name="Scaffold editor").click()
    page.get_by_role("button", name=f"Show molecule {place} in 3D").click(timeout=TIMEOUT)
    button(page, "Take this one as the next scaffold").click()
    frozen(page, "6 of 15")
    expect(page.get_by_text("chosen: 9 atoms")).to_be_visible()
    expect(page.get_by_text("The 6 atoms of the scaffold are still frozen. The 9 new ones are chosen")).to_be_visible()
    expect(page.locator(".viewer")).to_be_focused()
    page.keyboard.press("f")
    frozen(page, "15 of 15")
    expect(page.get_by_text("are still frozen")).to_be_hidden()
    page.keyboard.press("Control+z")
    frozen(page, "6 of 15")


def test_a_drawing_opens_with_one_press_of_apply(browser: Browser, url: str) -> None:
    """Ketcher itself is not free of complaints on the console, so nobody keeps account of them here."""
    pytest.importorskip("streamlit_ketcher")
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{url}/scaffold_editor")
    button(page, "Draw in 2D").click(timeout=TIMEOUT)
    apply = page.frame_locator("iframe").get_by_role("button", name="Apply")
    apply.click(timeout=TIMEOUT)
    expect(page.get_by_text("The drawing contains no atoms")).to_be_visible()
    page.frame_locator("iframe").get_by_title("Benzene (T)").click()
    sheet = page.locator("iframe").bounding_box()
    page.mouse.click(sheet["x"] + 500, sheet["y"] + 230)
    expect(page.frame_locator("iframe").get_by_role("button", name="Undo")).to_be_enabled()
    apply.click()
    frozen(page, "0 of 12")
    page.close()


def test_dragged_atoms_and_the_dragged_cloud_stay_where_they_are_dropped(page: Page) -> None:
    button(page, "Grow on benzene").click()
    frozen(page, "11 of 12")
    expect(page.locator(".viewer canvas")).to_have_count(1)
    start = spot(page, 6)
    before = ask(page, "viewer.scene.points()")
    drag(page, start, (40, 25))
    expect(button(page, "Undo")).to_be_enabled()
    assert spot(page, 6) == pytest.approx((start[0] + 40, start[1] + 25), abs=1)
    button(page, "Undo").click()
    page.wait_for_function(f"() => Math.abs(({VIEWER})().scene.points()[6][0] - {before[6][0]}) < 1e-5")
    assert np.array(ask(page, "viewer.scene.points()")) == pytest.approx(np.array(before), abs=1e-5)

    (cloud,) = ask(page, "viewer.scene.shapes.shapes.filter(({ id }) => id === 'cloud').map((s) => s.centre)")
    box = page.locator(".picture").bounding_box()
    grip = (2 * np.array(cloud) - np.array(before[0])).tolist()  # farther out than the hydrogen in its middle
    place = ask(page, f"viewer.scene.camera.project([{grip}])[0]")
    drag(page, (box["x"] + place["left"], box["y"] + place["top"]), (50, 10))
    expect(page.get_by_text("New atoms start in the cloud where you moved it.")).to_be_visible()
    button(page, "Put the cloud back").click()
    expect(page.get_by_text("New atoms start beside C0, the attachment point.")).to_be_visible()
