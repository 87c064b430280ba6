"""The Prior studio in a real browser, on the shipped network: a rod is made, tried, saved, and used on Generate."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import VIEWER, ask, open_command, watched_page

pytestmark = pytest.mark.browser

TIMEOUT = 300_000  # ms; a busy machine takes its time
RANGES = ((-0.05, 1.05), (0.44, 1.08))  # of the triangle's axes


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        page.get_by_role("link", name="Prior studio").click(timeout=TIMEOUT)
        expect(page.get_by_text("σ 1.89 Å · kT 7.13 Å² · rod")).to_be_visible(timeout=TIMEOUT)
        page.wait_for_function(f"() => ({VIEWER})()?.scene.shapes.shapes.length", timeout=TIMEOUT)
        yield page


def click_in_triangle(page: Page, npr1: float, npr2: float) -> None:
    box = page.locator(".nsewdrag").first.bounding_box()
    (left, right), (low, high) = RANGES
    x = box["x"] + (npr1 - left) / (right - left) * box["width"]
    y = box["y"] + (high - npr2) / (high - low) * box["height"]
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)  # Plotly looks for the point under a mouse that moves
    page.mouse.click(x, y)


def wait_for_half_axes(page: Page, condition: str) -> None:
    """Until the ellipsoid in the 3D view has half-axes `a` (Å, the longest first) of which this is true."""
    drawn = f"""() => {{
      const {{ axes }} = ({VIEWER})().scene.shapes.shapes.find((shape) => shape.kind === "ellipsoid");
      const a = [0, 1, 2].map((j) => Math.hypot(axes[0][j], axes[1][j], axes[2][j])).sort((x, y) => y - x);
      return {condition};
    }}"""
    page.wait_for_function(drawn, timeout=TIMEOUT)


def test_a_rod_is_made_tried_saved_and_used(page: Page) -> None:
    page.evaluate(f"() => {{ ({VIEWER})().mark = 'same'; }}")
    click_in_triangle(page, 0.9, 0.95)
    expect(page.get_by_text("σ 1.89 Å · kT 7.13 Å² · ball")).to_be_visible()
    wait_for_half_axes(page, "a[0] < 1.4 * a[2]")

    page.get_by_role("button", name="Rod", exact=True).click()
    expect(page.get_by_text("Å² · rod")).to_be_visible()
    first = page.get_by_label("First axis (Å), typed")
    first.fill("4")
    first.press("Enter")
    wait_for_half_axes(page, "Math.abs(a[0] - 4) < 1e-3")
    assert ask(page, "viewer.mark") == "same", "the view was not torn down by any of these changes"

    page.get_by_role("button", name="Try it", exact=True).click()
    expect(page.get_by_text("Finished")).to_be_visible(timeout=TIMEOUT)
    expect(page.get_by_text("They began as rod")).to_be_visible(timeout=TIMEOUT)

    page.get_by_label("Name", exact=True).fill("Long <b>rod</b>")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved (1)")).to_be_visible()

    page.get_by_role("button", name="Use on Generate").click()
    expect(page.get_by_text("Generate molecules")).to_be_visible(timeout=TIMEOUT)
    open_command(page)
    expect(page.get_by_text("--covariance=16.0,")).to_have_count(1, timeout=TIMEOUT)
