"""The first visitor of a server that was just started as the README says, who comes by the address of a page."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.serving import served_app, server_from

pytestmark = pytest.mark.browser

TIMEOUT = 120_000  # ms; a busy machine takes its time
PAGES = ("Generate", "Prior studio", "Scaffold editor", "Real-time editor", "Trajectories", "Noise lab", "Library")


def test_the_first_page_asked_for_is_the_library_with_our_navigation(browser: Browser, tmp_path: Path) -> None:
    with served_app(tmp_path, GPFF_DATA_FOLDER=str(tmp_path)) as url, browser.new_context() as context:
        page = context.new_page()  # not a watched one: Streamlit itself first looks for its server under /library
        page.goto(f"{url}/library")
        expect(page.get_by_text("Everything you generate is kept here by itself")).to_be_visible(timeout=TIMEOUT)
        expect(page.get_by_role("button", name="Session")).to_be_visible(timeout=TIMEOUT)
        for name in PAGES:
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
        expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
        assert page.title() == "GPFF Studio"


def test_a_server_for_others_does_not_ask_the_internet_for_its_address(tmp_path: Path) -> None:
    """As docs/server.md and the Dockerfile start it."""
    said = tmp_path / "said"
    with (
        said.open("wb") as file,
        server_from(["gpff_app"], tmp_path, address="0.0.0.0", output=file, GPFF_DATA_FOLDER=str(tmp_path)),
    ):
        pass
    text = said.read_text()
    assert "URL: http://localhost" in text
    assert "External URL" not in text
    assert "external IP" not in text
