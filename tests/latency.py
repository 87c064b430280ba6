"""How long a person waits: `python -m tests.latency`. In a real browser, on an otherwise idle machine.

First page: from asking for it, on a server that has served one before, until Generate can be pressed. Click: from the
press on an atom in the Scaffold editor, by the browser's clock and to the frame, until its lock is there, until the
page says that it is frozen, and until the 3D picture is drawn anew. Pull: from the release of a dragged atom in the
Real-time editor until the relaxed structure is drawn.
"""

import os
import statistics
import tempfile
import time

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.e2e.serving import REPOSITORY, VIEWER, ask, served_app

REPEATS = 9
PATIENCE = 120_000  # ms


def main() -> None:
    os.environ["GPFF_DATA_FOLDER"] = tempfile.mkdtemp()
    with served_app(REPOSITORY) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        first_page(browser, url)
        report("first page usable", [first_page(browser, url) for _ in range(3)])
        for what, seconds in clicks(opened(browser, f"{url}/scaffold_editor")).items():
            report(f"press on an atom to {what}", seconds)
        report("release of an atom to the relaxed picture", pulls(opened(browser, f"{url}/real_time")))
        browser.close()


def report(what: str, seconds: list[float]) -> None:
    middle, least, most = (f"{value:.3f}" for value in (statistics.median(seconds), min(seconds), max(seconds)))
    print(f"{what}: median {middle} s ({least} to {most}, {len(seconds)})")


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


def clicks(page: Page) -> dict[str, list[float]]:
    page.get_by_role("button", name="Grow on benzene").click()
    page.get_by_text("11 of 12 atoms frozen").wait_for()
    page.wait_for_function(f"() => ({VIEWER})()?.scene?.discs().length === 12")
    page.wait_for_timeout(3000)
    took: dict[str, list[float]] = {}
    for repeat in range(REPEATS):
        x, y = place_of(page, "viewer.scene.discs()[6]")
        page.evaluate(ANSWERS, 12 if repeat % 2 == 0 else 11)
        page.mouse.click(x, y)
        page.wait_for_function("() => Object.keys(window.answers).length === 3")
        for what, milliseconds in page.evaluate("() => window.answers").items():
            took.setdefault(what, []).append(milliseconds / 1000)
        page.wait_for_timeout(1500)
    return took


ANSWERS = f"""(count) => {{
  const viewer = ({VIEWER})();
  const spoken = [...document.querySelectorAll("[data-testid=stMarkdown]")]
    .find((text) => text.textContent.includes("atoms frozen")).parentElement.parentElement;
  const done = {{
    "its lock": () => viewer.parts.overlay.querySelectorAll(".locked").length === count,
    "what the page says of it": () => spoken.textContent.includes(`${{count}} of 12 atoms frozen`),
    "the new picture": () => viewer.scene.frozen.size === count,
  }};
  window.answers = {{}};
  addEventListener("pointerdown", ({{ timeStamp }}) => {{
    const look = () => {{
      for (const [what, there] of Object.entries(done)) {{
        if (!(what in window.answers) && there()) window.answers[what] = performance.now() - timeStamp;
      }}
      if (Object.keys(window.answers).length < 3) requestAnimationFrame(look);
    }};
    requestAnimationFrame(look);
  }}, {{ capture: true, once: true }});
}}"""
"""Notes in `window.answers` after how many ms the next press has been answered, by a frame in which it shows."""


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
