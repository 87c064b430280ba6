"""The pictures of README and user guide, taken of the running app: `python -m tests.pictures`.

Each page is brought to where it shows what it is for, in light and in dark; files go to docs/images.
"""

import argparse
import os
import tempfile
from collections.abc import Callable

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.e2e.serving import REPOSITORY, served_app

SIZE = {"width": 1440, "height": 1000}
PATIENCE = 300_000  # ms
SETTLED = 4_000  # ms that animations and plots take


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def finished(page: Page) -> None:
    page.get_by_text("· Finished ·").wait_for()
    page.wait_for_timeout(SETTLED)


def generate(page: Page) -> None:
    press(page, "Generate")
    finished(page)


def prior_studio(page: Page) -> None:
    page.get_by_text("Try it").first.wait_for()


def prior_studio_tried(page: Page) -> None:
    """Where the molecules of a try-out landed between rod, disc and ball."""
    prior_studio(page)
    press(page, "Try it")
    page.get_by_text("They began as").wait_for()
    page.wait_for_timeout(SETTLED)


def scaffold_editor(page: Page) -> None:
    press(page, "Grow on benzene")
    page.get_by_role("button", name="Freeze").wait_for()


def real_time(page: Page) -> None:
    page.get_by_text("Valid").first.wait_for()


def trajectories(page: Page) -> None:
    generate(page)
    press(page, "Film")
    page.wait_for_url("**/trajectories")
    page.wait_for_timeout(2 * SETTLED)


def noise_lab(page: Page) -> None:
    page.get_by_text("The method in pictures").click()
    page.wait_for_timeout(SETTLED)


def library(page: Page) -> None:
    page.locator("tbody tr .molecule").first.click()
    page.get_by_text("Click a structure in the table").wait_for(state="hidden")


STORIES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "generate": ("", generate),
    "prior_studio": ("prior_studio", prior_studio),
    "prior_studio_tried": ("prior_studio", prior_studio_tried),
    "scaffold_editor": ("scaffold_editor", scaffold_editor),
    "real_time": ("real_time", real_time),
    "trajectories": ("", trajectories),
    "noise_lab": ("noise_lab", noise_lab),
    "library": ("library", library),
}
"""By the name of a picture: the address to begin at, and what is done there."""


def take(browser: Browser, url: str, name: str, scheme: str) -> None:
    address, story = STORIES[name]
    context = browser.new_context(viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}/{address}")
    page.get_by_role("button", name="Session").wait_for()
    page.wait_for_timeout(SETTLED)
    story(page)
    page.mouse.move(1, 1)  # where no tooltip is
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=REPOSITORY / "docs" / "images" / f"{name}-{scheme}.png")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(STORIES), help="of the pictures; all of them by default")
    names = parser.parse_args().names
    os.environ["GPFF_DATA_FOLDER"] = tempfile.mkdtemp()
    with served_app(REPOSITORY) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        for name in names:
            for scheme in ("light", "dark"):
                take(browser, url, name, scheme)
        browser.close()


if __name__ == "__main__":
    main()
