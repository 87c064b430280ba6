"""The Real-time editor in a real browser, on the shipped network: somebody pulls at a molecule, and it comes along."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gpff_app.kept import key
from tests.e2e.serving import VIEWER, ask, watched_page

pytestmark = pytest.mark.browser

SLOW = 120_000  # ms; a busy machine takes its time
SETTLED = f"() => ({VIEWER})().outbox.settled"


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        page.get_by_role("link", name="Real-time editor").click(timeout=SLOW)
        expect(page.get_by_text("Valid", exact=True)).to_be_visible(timeout=SLOW)
        page.wait_for_function(f"() => ({VIEWER})()?.isEditing", timeout=SLOW)
        yield page


def spot(page: Page, atom: int) -> tuple[float, float]:
    box = page.locator(".picture").bounding_box()
    disc = ask(page, f"viewer.scene.discs()[{atom}]")
    return box["x"] + disc["left"], box["y"] + disc["top"]


def test_a_molecule_follows_the_hand_and_one_undo_takes_it_back(page: Page) -> None:
    before = ask(page, "viewer.scene.points()")
    view = ask(page, "viewer.scene.viewer.getView()")
    x, y = spot(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 7):
        page.mouse.move(x - 9 * k, y + 6 * k)
        page.wait_for_timeout(50)
    ring = range(1, 7)
    page.wait_for_function(
        f"(before) => Math.hypot(...({VIEWER})().scene.points()[3].map((v, k) => v - before[k])) > 0.2", arg=before[3]
    )  # while the hand holds the methyl group, the far side of the ring comes along
    assert spot(page, 0) == pytest.approx((x - 54, y + 36), abs=1), "the atom in the hand stays under the pointer"
    page.mouse.up()
    page.wait_for_function(SETTLED)
    expect(page.get_by_text("Valid", exact=True)).to_be_visible()
    expect(page.get_by_text("Cc1ccccc1O", exact=True)).to_be_visible()
    after = ask(page, "viewer.scene.points()")
    assert all(after[i] != before[i] for i in ring)
    assert ask(page, "viewer.scene.viewer.getView()") == view, "the camera has not moved"
    page.keyboard.press("Control+z")
    page.wait_for_function(f"(before) => ({VIEWER})().scene.points().join() === before.join()", arg=before)


def test_frozen_atoms_do_not_move_however_the_rest_is_pulled(page: Page) -> None:
    page.mouse.click(*spot(page, 3))
    page.keyboard.press("f")
    expect(page.locator(".atom-label.locked")).to_have_count(1)
    frozen = ask(page, "viewer.scene.points()[3]")
    x, y = spot(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y + 50, steps=5)
    page.mouse.up()
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(300)
    assert ask(page, "viewer.scene.points()[3]") == frozen


def test_a_session_that_is_saved_holds_what_was_pulled_last(page: Page) -> None:
    """The page itself is not run again by a pull; the menu is drawn when it is opened."""
    x, y = spot(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 50, y + 40, steps=5)
    page.mouse.up()
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(500)
    shown = ask(page, "viewer.scene.points()")
    page.get_by_role("button", name="Session").click()
    with page.expect_download(timeout=SLOW) as download:
        page.get_by_role("button", name="Save session").click()
    session = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    saved = session["kept"][key("real_time", "molecule")]["positions"]
    for here, there in zip(shown, saved, strict=True):
        assert here == pytest.approx(there, abs=1e-3)
