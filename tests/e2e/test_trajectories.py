"""The Trajectories page in a real browser: two files side by side, plots and pictures linked, a film taken away."""

import io
from collections.abc import Iterator
from pathlib import Path

import ase.io
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.trajectories.examples import extended_xyz
from tests.e2e.serving import watched_page

pytestmark = pytest.mark.browser

PATIENCE = 120_000  # ms; a busy machine takes its time


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url, accept_downloads=True) as page:
        page.get_by_role("link", name="Trajectories").click(timeout=PATIENCE)
        expect(page.get_by_text("Watch how atoms found their places")).to_be_visible(timeout=PATIENCE)
        yield page


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_two_files_are_compared_and_a_plot_leads_to_its_frame(page: Page, tmp_path: Path) -> None:
    files = [{"name": f"{n}<b>.xyz", "mimeType": "text/plain", "buffer": extended_xyz(n)} for n in (12, 8)]
    page.locator("input[type=file]").first.set_input_files(files)
    expect(page.get_by_text("8<b>.xyz · 8 frames of 9 atoms")).to_be_visible(timeout=PATIENCE)
    choose(page, "Compare with", "12<b>.xyz")  # while the first picture is still loading, where the machine is busy
    expect(page.locator(".viewer")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".viewer .picture canvas")).to_have_count(2, timeout=PATIENCE)
    expect(page.locator(".gpff-marker")).to_be_visible(timeout=PATIENCE)

    # A click on the fourth point of a plot takes both viewers to frame 3, and the chart stays the one it was.
    page.evaluate("() => { document.querySelector('.js-plotly-plot').mark = 'same'; }")
    before = page.locator(".gpff-marker").bounding_box()
    page.locator(".js-plotly-plot .points path").nth(3).click(force=True)
    expect(page.locator("[data-part=count]").first).to_have_text("step 3 / 7", timeout=PATIENCE)
    expect(page.locator("[data-part=count]").last).to_have_text("step 3 / 11", timeout=PATIENCE)
    expect(page.get_by_text("Frame 3 of 7")).to_be_visible()

    # A step in one viewer is followed by the other, and by the line in the plots.
    page.locator(".viewer").last.press("ArrowLeft")
    expect(page.locator("[data-part=count]").first).to_have_text("step 2 / 7", timeout=PATIENCE)
    expect(page.get_by_text("Frame 2 of 7")).to_be_visible(timeout=PATIENCE)
    assert page.locator(".gpff-marker").bounding_box()["x"] < before["x"]
    assert page.evaluate("() => document.querySelector('.js-plotly-plot').mark") == "same"

    with page.expect_download() as download:
        page.get_by_role("button", name="Extended XYZ", exact=True).click()
    path = tmp_path / "frame.extxyz"
    download.value.save_as(path)
    (atoms,) = ase.io.read(path, index=":")
    assert atoms.info["frame"] == 2
    assert atoms.get_forces() == pytest.approx(0.5)

    page.get_by_role("button", name="Make film").click()
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name="Download GIF").click(timeout=PATIENCE)
    assert Image.open(io.BytesIO(download.value.path().read_bytes())).n_frames == 8


def agreed(page: Page, *frames: str) -> None:
    """Every picture is at the frame that its caption names, and the line in the plots is there, too."""
    for which, frame in enumerate(frames):
        place, last = frame.split(" of ")
        count = "result" if place == last else f"step {place} / {last}"
        expect(page.locator("[data-part=count]").nth(which)).to_have_text(count, timeout=PATIENCE)
        expect(page.get_by_text(f"Frame {frame} ·")).to_be_visible(timeout=PATIENCE)
    place = int(frames[-1].split(" of ")[0])
    page.wait_for_function(
        "place => document.querySelector('.js-plotly-plot')?.gpffFrame === place", arg=place, timeout=PATIENCE
    )


def test_pictures_captions_and_plots_agree_from_the_first_moment(page: Page) -> None:
    files = [{"name": f"{n}.xyz", "mimeType": "text/plain", "buffer": extended_xyz(n)} for n in (12, 8)]
    page.locator("input[type=file]").first.set_input_files(files)
    agreed(page, "7 of 7")
    arrows = page.locator("[data-part=forces]").first
    expect(arrows).to_have_attribute("title", "Force arrows (F): the forces that the file gives")
    choose(page, "Compare with", "12.xyz")
    agreed(page, "7 of 7", "7 of 11")
    page.locator(".viewer").last.press("ArrowLeft")
    agreed(page, "6 of 7", "6 of 11")
    page.get_by_text("Overlay the reference").click()
    agreed(page, "6 of 7", "6 of 11")
    page.get_by_role("link", name="Library").click()
    expect(page.locator(".viewer")).to_have_count(0, timeout=PATIENCE)
    page.get_by_role("link", name="Trajectories").click()
    agreed(page, "6 of 7", "6 of 11")
    choose(page, "Compare with", "Nothing")
    agreed(page, "6 of 7")


def test_the_exported_page_plays_from_disk_and_asks_for_nothing(page: Page, browser: Browser, tmp_path: Path) -> None:
    file = {"name": "film.xyz", "mimeType": "text/plain", "buffer": extended_xyz(6)}
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("Frame 5 of 5")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-part=count]")).to_have_text("result", timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="HTML page", exact=True).click()
    path = tmp_path / "film.html"
    download.value.save_as(path)
    with watched_page(browser, path.as_uri()) as exported:
        expect(exported.locator("#count")).to_have_text("frame 5 of 5")
        expect(exported.locator("#view canvas")).to_have_count(1)
        exported.locator("svg").first.click(position={"x": 75, "y": 40})
        expect(exported.locator("#count")).to_have_text("frame 0 of 5")
        exported.get_by_role("button", name="Play").click()
        expect(exported.locator("#count")).to_have_text("frame 5 of 5")
