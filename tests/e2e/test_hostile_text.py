"""Markup in a title, a name, a SMILES or a file name is letters, and stays letters, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.serving import Serve, watched_page

pytestmark = pytest.mark.browser

IMAGES = """() => {
  const inside = (root) => [...root.querySelectorAll("*")].flatMap(
    (element) => [element, ...(element.shadowRoot ? inside(element.shadowRoot) : [])]);
  const harmful = (element) => element.getAttribute("onerror") !== null
    || (element.getAttribute("href") ?? "").startsWith("javascript:")
    || (element.localName === "script" && element.textContent.includes("harmed"));
  return inside(document).filter(harmful).map((element) => element.outerHTML);
}"""


def test_markup_from_people_and_files_is_shown_and_does_nothing(browser: Browser, serve: Serve) -> None:
    url = serve(Path(__file__).with_name("hostile_app.py"))
    with watched_page(browser, url) as page:
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        expect(page.get_by_text("all is shown")).to_be_visible(timeout=120_000)
        expect(page.get_by_text("<img src=x onerror=").first).to_be_visible()
        expect(page.get_by_test_id("stAlert")).to_have_count(6)
        assert page.evaluate(IMAGES) == []
        assert page.evaluate("() => window.harmed") is None
