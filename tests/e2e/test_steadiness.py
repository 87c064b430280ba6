"""What stays as it is while a page runs again: the 3D picture, never blank or elsewhere, its camera, the scrolling."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import VIEWER, Serve, ask, open_command, watched_page
from tests.e2e.test_editing import click
from tests.e2e.test_generate import button, fill, generate

pytestmark = pytest.mark.browser

TIMEOUT = 300_000  # ms; a busy machine takes its time

# Looks at the viewer in every frame that the browser draws, and at what is taken out of the document in between.
LOOK = f"""() => {{
  const viewer = ({VIEWER})(), {{ picture }} = viewer.parts;
  const canvas = picture.querySelector("canvas");
  const [width, height] = [128, 64];
  const pen = new OffscreenCanvas(width, height).getContext("2d", {{ willReadFrequently: true }});
  const drawn = () => {{
    pen.drawImage(canvas, 0, 0, width, height);
    const pixels = new Uint32Array(pen.getImageData(0, 0, width, height).data.buffer);
    return pixels.filter((pixel) => pixel !== pixels[0]).length;
  }};
  const opacity = (element) => element === null ? 1
    : getComputedStyle(element).opacity * opacity(element.parentElement ?? element.getRootNode().host ?? null);
  const {{ left, top }} = picture.getBoundingClientRect();
  const first = {{ drawn: drawn() }};
  const seen = (window.seen = {{ frames: 0, removed: 0, looks: [] }});
  const note = () => {{
    const box = picture.getBoundingClientRect();
    const look = JSON.stringify({{
      same: picture.querySelector("canvas") === canvas && canvas.isConnected,
      place: [box.left, box.top, box.width, box.height],
      scrolled: [scrollY, document.querySelector("[data-testid=stMain]").scrollTop],
      camera: viewer.scene.viewer.getView(),
      opacity: opacity(picture),
      blank: drawn() < first.drawn / 3,
    }});
    seen.frames++;
    if (!seen.looks.includes(look)) seen.looks.push(look);
    seen.request = requestAnimationFrame(note);
  }};
  note();
  const removed = (records) =>
    records.flatMap((record) => [...record.removedNodes]).some((node) => node.contains(canvas));
  seen.observer = new MutationObserver((records) => (seen.removed += removed(records)));
  for (const root of [picture.getRootNode(), document])
    seen.observer.observe(root, {{ childList: true, subtree: true }});
}}"""

STOP = """() => {
  cancelAnimationFrame(seen.request);
  seen.observer.disconnect();
  return { ...seen, looks: seen.looks.map((look) => JSON.parse(look)) };
}"""


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        page.set_viewport_size({"width": 1366, "height": 560})  # too low for a whole page: it can be scrolled
        expect(page.get_by_text("press Generate: clouds of noise")).to_be_visible(timeout=TIMEOUT)
        yield page


def visit(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click(timeout=TIMEOUT)


def look_from_elsewhere(page: Page) -> None:
    """Turn and zoom by hand, and scroll the page a little from its top."""
    page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollTo(0, 0)")
    front = view(page)
    box = page.locator(".picture").bounding_box()
    x, y = box["x"] + 20, box["y"] + 20  # beside everything that could be grabbed
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 35, steps=5)
    page.mouse.up()
    page.mouse.wheel(0, -120)
    page.wait_for_function(f"() => ({VIEWER})().scene.viewer.getView()[3] !== ({VIEWER})().scene.camera.aimedAt")
    assert view(page)[4:] != front[4:]
    page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollBy(0, 30)")
    assert page.locator("[data-testid=stMain]").evaluate("(main) => main.scrollTop") == 30


def view(page: Page) -> list[float]:
    """3Dmol's: shift, zoom, rotation."""
    return ask(page, "viewer.scene.viewer.getView()")


@contextmanager
def steady(page: Page) -> Iterator[None]:
    """Nothing about the viewer changes that is to stay, from here until the page has run again."""
    page.evaluate(LOOK)
    yield
    page.locator("[data-test-script-state=notRunning]").wait_for()
    drawn = page.evaluate("() => seen.frames")
    page.wait_for_function("(drawn) => seen.frames > drawn + 5", arg=drawn)
    seen = page.evaluate(STOP)
    assert seen["removed"] == 0
    before, *others = seen["looks"]
    assert before["same"]
    assert not before["blank"]
    assert before["opacity"] == 1
    assert [{name: look[name] for name in look if look[name] != before[name]} for look in others] == []


def test_the_picture_is_not_dimmed_by_a_slow_rerun(browser: Browser, serve: Serve) -> None:
    with watched_page(browser, serve(Path(__file__).with_name("slow_app.py"))) as page:
        expect(page.locator(".viewer canvas")).to_have_count(1)
        page.wait_for_function(f"() => ({VIEWER})().scene.discs().length === 3")
        with steady(page):
            button(page, "Again").click()
            expect(page.get_by_text("Second time")).to_be_visible()


def test_the_picture_of_generate_stays(page: Page) -> None:
    generate(page, "CH4", 1)
    expect(page.get_by_text("· Finished ·")).to_be_visible(timeout=TIMEOUT)
    expect(page.locator("[data-part=count]")).to_have_text("result", timeout=TIMEOUT)
    open_command(page)
    look_from_elsewhere(page)
    with steady(page):
        fill(page, "Seed", "7")
        expect(page.get_by_text("--seed=7")).to_have_count(1)
    with steady(page):
        fill(page, "Formula", "C2H6Xx")
        expect(page.get_by_role("alert")).to_contain_text("Xx")


def test_the_picture_of_the_scaffold_editor_stays(page: Page) -> None:
    visit(page, "Scaffold editor")
    button(page, "Grow on benzene").click(timeout=TIMEOUT)
    expect(page.get_by_text("11 of 12 atoms frozen")).to_be_visible(timeout=TIMEOUT)
    expect(page.locator(".viewer canvas")).to_have_count(1)
    page.wait_for_function(f"() => ({VIEWER})().scene.discs().length === 12")
    look_from_elsewhere(page)
    with steady(page):
        fill(page, "Add", "C2")
        expect(page.get_by_text("C2H5 is added to 11 frozen atoms")).to_be_visible()
    with steady(page):
        click(page, 6)
        expect(page.get_by_text("12 of 12 atoms frozen")).to_be_visible()
    with steady(page):
        button(page, "Undo").click()
        expect(page.get_by_text("11 of 12 atoms frozen")).to_be_visible()


def test_the_picture_of_the_prior_studio_stays(page: Page) -> None:
    visit(page, "Prior studio")
    expect(page.get_by_text("σ 1.89 Å · kT 7.13 Å² · rod")).to_be_visible(timeout=TIMEOUT)
    page.wait_for_function(f"() => ({VIEWER})()?.scene.shapes.shapes.length", timeout=TIMEOUT)
    open_command(page)
    look_from_elsewhere(page)
    with steady(page):
        fill(page, "Molecules", "5")
        expect(page.get_by_text(" -n 5 ")).to_have_count(1)
    with steady(page):
        fill(page, "Seed", "7")
        expect(page.get_by_text("--seed=7")).to_have_count(1)
    with steady(page):
        fill(page, "First axis (Å), typed", "4")
        expect(page.get_by_text("σ 1.89 Å")).to_have_count(0)
