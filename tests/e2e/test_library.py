"""The Library page in a real browser: find, look, star, select across pages, take away, and open elsewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from rdkit import Chem

from gpff_app.library.query import Query
from gpff_app.library.store import Library
from tests.app.library_samples import PROVENANCE, broken, sample
from tests.e2e.serving import REPOSITORY, VIEWER, served, watched_page

pytestmark = pytest.mark.browser

RUN_TIMEOUT = 300_000  # ms; a busy machine takes its time
HOSTILE = "<img src=x onerror=alert(1)>"
PHENOLS = ("Oc1ccccc1", "Cc1ccc(O)cc1", "Oc1ccccc1O")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Sixty-odd structures, two pages: three phenols, a torn one, and many ethers of which nobody wants any."""
    library = Library(tmp_path_factory.mktemp("data") / "library.sqlite3")
    wanted = [sample(place, smiles) for place, smiles in enumerate(PHENOLS)]
    library.add([*wanted, broken(3)], PROVENANCE, "phenols")
    library.add([sample(place, "COC") for place in range(60)], PROVENANCE, "ethers")
    library.set_note([1], HOSTILE)
    return library


@pytest.fixture(scope="module")
def url(library: Library) -> Iterator[str]:
    with served(REPOSITORY / "app.py", GPFF_DATA_FOLDER=str(library.path.parent)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url, accept_downloads=True) as page:
        expect(page.get_by_role("button", name="Generate", exact=True)).to_be_enabled(timeout=RUN_TIMEOUT)
        page.get_by_role("link", name="Library").click()
        expect(page.get_by_text("64 of 64 structures")).to_be_visible(timeout=RUN_TIMEOUT)
        yield page


def tick(page: Page, number: int) -> None:
    page.get_by_role("checkbox", name=f"Select structure {number}", exact=True).check()


def test_phenols_are_found_and_taken_away(page: Page, library: Library, tmp_path: Path) -> None:
    expect(page.get_by_text("1–50 of 64")).to_be_visible()
    tick(page, 64)
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.get_by_text("51–64 of 64")).to_be_visible()

    search = page.get_by_label("Search", exact=True)
    search.fill("c1ccc")
    search.press("Enter")
    expect(page.get_by_text("3 of 64 structures")).to_be_visible()
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="None", exact=True).click()
    expect(page.get_by_text("None selected")).to_be_visible()

    page.get_by_role("button", name="Favourite structure 2", exact=True).click()
    page.get_by_role("button", name="Show structure 2 in 3D").click()
    expect(page.get_by_text("How it was made")).to_be_visible()
    n_atoms = len(library.entries([2])[0].sample.composition)
    page.wait_for_function(f"(n) => ({VIEWER})()?.trajectory.tracks[0]?.nAtoms === n", arg=n_atoms)
    tick(page, 1)
    tick(page, 2)
    expect(page.get_by_text("2 selected")).to_be_visible()
    assert library.ids(Query(favourites=True)) == [2]

    page.get_by_role("button", name="Export 2").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download 2 structures").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    molecules = list(Chem.SDMolSupplier(str(path), removeHs=False))
    assert sorted(molecule.GetProp("smiles") for molecule in molecules) == sorted(
        entry.sample.verdict.smiles for entry in library.entries([1, 2])
    )
    for molecule in molecules:
        [entry] = library.entries([molecule.GetIntProp("library_id")])
        assert Chem.MolToSmiles(Chem.RemoveHs(molecule)) == entry.sample.verdict.smiles
        np.testing.assert_allclose(molecule.GetConformer().GetPositions(), entry.sample.positions, atol=1e-4)
        assert molecule.GetProp("command") == PROVENANCE.command


def test_a_box_in_the_plot_filters_the_table(page: Page) -> None:
    page.get_by_text("Plot", exact=True).click()
    plot = page.locator(".nsewdrag").first
    expect(plot).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.get_by_text("63 structures. Drag a box")).to_be_visible()
    place = plot.bounding_box()
    assert place is not None
    # Phenols prefer fat more than ethers do: the right half of the plot holds them and nothing else.
    page.mouse.move(place["x"] + place["width"] * 0.5, place["y"] + 3)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] * 0.7, place["y"] + 40, steps=4)
    page.mouse.move(place["x"] + place["width"] - 2, place["y"] + place["height"] - 2, steps=4)
    page.mouse.up()
    expect(page.get_by_text("3 of 64 structures")).to_be_visible()
    page.get_by_role("button", name="Plot selection").click()
    expect(page.get_by_text("64 of 64 structures")).to_be_visible()


def test_the_same_tick_counts_again_after_a_deletion_was_undone(page: Page) -> None:
    tick(page, 64)
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("63 of 63 structures")).to_be_visible()
    page.get_by_role("button", name="Undo (1 deleted)").click()
    expect(page.get_by_text("64 of 64 structures")).to_be_visible()
    tick(page, 64)
    expect(page.get_by_text("1 selected")).to_be_visible()


def test_sorting_by_keyboard_keeps_the_focus(page: Page) -> None:
    heading = page.locator("button.heading").nth(1)
    heading.focus()
    for order in ("descending", "ascending"):
        page.keyboard.press("Enter")
        expect(page.locator(f"th[aria-sort={order}] button")).to_be_focused()


@pytest.mark.parametrize("view", ["Table", "Cards"])
def test_a_click_on_text_shows_the_structure_and_a_drag_does_not(page: Page, view: str) -> None:
    page.get_by_text(view, exact=True).click()
    smiles = page.locator(".card .smiles" if view == "Cards" else "td .smiles").first
    smiles.scroll_into_view_if_needed()
    place = smiles.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + 1, place["y"] + place["height"] / 2)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] - 1, place["y"] + place["height"] / 2, steps=4)
    page.mouse.up()
    assert page.locator(".focused").count() == 0
    smiles.click()
    expect(page.locator(".focused")).to_have_count(1)
    expect(page.get_by_text("How it was made")).to_be_visible()


def test_the_table_fits_a_common_screen_whatever_the_note(page: Page, library: Library) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    library.set_note([2], "a note that is longer than the column is wide " * 4)
    search = page.get_by_label("Search", exact=True)
    search.fill("longer than the column")
    search.press("Enter")
    expect(page.locator("td.created")).to_have_count(1)
    expect(page.locator("td.created")).to_have_text(re.compile(r"^\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d$"))
    widths = "(place) => [place.scrollWidth, place.clientWidth]"
    needed, there = page.locator(".place").evaluate(widths)
    assert needed <= there
