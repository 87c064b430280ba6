"""How long a person waits: `python -m tests.latency`. In a real browser, on an otherwise idle machine.

First page: from asking for it, on a server that has served one before, until Generate can be pressed. Click: from the
press on an atom in the Scaffold editor until the page says that it is frozen. Pull: from the release of a dragged atom
in the Real-time editor until the relaxed structure is drawn.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.e2e.serving import REPOSITORY, VIEWER, ask, served

REPEATS = 9
PATIENCE = 120_000  # ms


def main() -> None:
    os.environ["GPFF_DATA_FOLDER"] = tempfile.mkdtemp()
    with served(REPOSITORY / "app.py") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        first_page(browser, url)
        report("first page usable", [first_page(browser, url) for _ in range(3)])
        report("click on an atom to what the page says of it", clicks(opened(browser, f"{url}/scaffold_editor")))
        report("release of an atom to the relaxed picture", pulls(opened(browser, f"{url}/real_time")))
        browser.close()


def report(what: str, seconds: list[float]) -> None:
    print(
        f"{what}: median {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f}, {len(seconds)})"
    )


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.get_by_role("button", name="Session").wait_for()
    return page


def first_page(browser: Browser, url: str) -> float:
    began = time.monotonic()
    page = browser.new_context().new_page()
    page.goto(url)
    page.wait_for_function("""() => [...document.querySelectorAll('button')]
        .some((button) => button.innerText.endsWith('Generate') && !button.disabled && button.offsetParent)""")
    took = time.monotonic() - began
    page.context.close()
    return took


def clicks(page: Page) -> list[float]:
    page.get_by_role("button", name="Grow on benzene").click()
    page.get_by_text("11 of 12 atoms frozen").wait_for()
    page.wait_for_function(f"() => ({VIEWER})()?.scene?.discs().length === 12")
    page.wait_for_timeout(3000)
    took = []
    for repeat in range(REPEATS):
        x, y = place_of(page, "viewer.scene.discs()[6]")
        count = 12 if repeat % 2 == 0 else 11
        took.append(timed(page, lambda x=x, y=y: page.mouse.click(x, y), f"{count} of 12 atoms frozen"))
        page.wait_for_timeout(800)
    return took


def timed(page: Page, act: Callable[[], None], text: str) -> float:
    began = time.monotonic()
    act()
    page.wait_for_function("(text) => document.body.innerText.includes(text)", arg=text, polling=10)
    return time.monotonic() - began


def pulls(page: Page) -> list[float]:
    page.get_by_text("Valid").first.wait_for()
    page.wait_for_timeout(3000)
    took = []
    for repeat in range(REPEATS):
        x, y = place_of(page, "viewer.scene.discs()[8]")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 25 * (-1) ** repeat, y + 20, steps=4)
        page.wait_for_timeout(600)
        drawn = ask(page, "viewer.scene.framesDrawn")
        began = time.monotonic()
        page.mouse.up()
        page.wait_for_function(settled(), arg=drawn, polling=10)
        took.append(time.monotonic() - began - STILL)
        page.wait_for_timeout(800)
    return took


STILL = 0.15
"""Seconds without a new picture after which the molecule counts as settled."""


def settled() -> str:
    return f"""(drawn) => {{
      const frames = ({VIEWER})().scene.framesDrawn, now = performance.now();
      if (frames !== window.lastFrames) [window.lastFrames, window.lastChange] = [frames, now];
      return frames > drawn && now - window.lastChange > {1000 * STILL};
    }}"""


def place_of(page: Page, label: str) -> tuple[float, float]:
    box = page.locator(".picture").bounding_box()
    place = ask(page, label)
    assert box is not None
    assert isinstance(place, dict)
    return box["x"] + place["left"], box["y"] + place["top"]


if __name__ == "__main__":
    main()
