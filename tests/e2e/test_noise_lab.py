"""The Noise lab in a real browser, on the shipped network: two schedules are run from the same seeds and compared."""

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import watched_page
from tests.e2e.test_generate import fill

pytestmark = pytest.mark.browser

RUN_TIMEOUT = 300_000  # ms; a busy machine takes its time


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url, accept_downloads=True) as page:
        page.get_by_role("link", name="Noise lab").click(timeout=RUN_TIMEOUT)
        yield page


def test_two_schedules_are_run_and_compared(page: Page, tmp_path: Path) -> None:
    page.get_by_role("button", name="How hard to shake").click(timeout=RUN_TIMEOUT)
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("button", name="Run A, B", exact=True)).to_be_visible(timeout=RUN_TIMEOUT)
    fill(page, "Formula", "C3H8O")
    fill(page, "Molecules", "8")
    expect(page.get_by_label("Name", exact=True)).to_have_count(1, timeout=RUN_TIMEOUT)  # that of the removed one goes
    fill(page, "Name", "the gentle one")
    expect(page.get_by_text("A · the gentle one").first).to_be_visible(timeout=RUN_TIMEOUT)
    page.get_by_role("button", name="Run A, B", exact=True).click()
    expect(page.get_by_text(re.compile("step .* of 30"))).to_be_visible(timeout=RUN_TIMEOUT)
    expect(page.get_by_text("C3H8O · Finished · 8 × 1 seed")).to_be_visible(timeout=RUN_TIMEOUT)

    # Cards pair the molecules; the one that is clicked is shown by both viewers.
    cards = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Show Seed 0"))
    expect(cards).to_have_count(8, timeout=RUN_TIMEOUT)
    page.get_by_role("button", name="Show Seed 0 · molecule 3 in 3D").click()
    names = page.locator("[data-part=name]")
    expect(names).to_have_count(2)
    for side in (0, 1):
        expect(names.nth(side)).to_have_text("Molecule 3", timeout=RUN_TIMEOUT)

    files = {}
    for name in ("CSV", "JSON"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    found = json.loads(files["JSON"].read_text())
    assert found["schedules"][0]["name"] == "the gentle one"
    assert [schedule["valid"]["total"] for schedule in found["schedules"]] == [8, 8]
    assert sum(schedule["valid"]["count"] for schedule in found["schedules"]) > 0
    rows = list(csv.DictReader(StringIO(files["CSV"].read_text(), newline="")))
    drawn = cards.locator(".cell.good").count()
    assert drawn == sum(row["valid"] == "True" for row in rows), "every valid molecule is drawn"


def test_the_method_is_explained_in_pictures(page: Page) -> None:
    page.get_by_text("The method in pictures").click(timeout=RUN_TIMEOUT)
    words = page.get_by_text("one jump lands at")
    expect(words).to_be_visible(timeout=RUN_TIMEOUT)
    before = words.text_content()
    slider = page.get_by_role("slider", name="Pull by (Å)")
    slider.focus()
    slider.press("ArrowRight")
    expect(words).not_to_have_text(before or "", timeout=RUN_TIMEOUT)
    expect(page.locator(".js-plotly-plot")).to_have_count(5, timeout=RUN_TIMEOUT)
