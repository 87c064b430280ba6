"""The 3D viewer in a real browser: frames stream in, play, and are steered by mouse and keys."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.e2e.serving import VIEWER, Serve, ask, count, watched_page

pytestmark = pytest.mark.browser

LAST_FRAME = 40


@pytest.fixture(scope="module")
def url(serve: Serve) -> str:
    return serve(Path(__file__).with_name("viewer_app.py"))


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        expect(page.get_by_text("Press Start.")).to_be_visible()
        yield page


@pytest.fixture
def finished(page: Page) -> Page:
    page.get_by_role("button", name="Start").click()
    expect(count(page)).to_have_text("result", timeout=60_000)
    return page


def test_every_frame_arrives_and_is_played_to_the_end(finished: Page) -> None:
    assert ask(finished, "viewer.trajectory.tracks.map((track) => track.nFrames)") == [LAST_FRAME + 1] * 16
    # Nothing pulls at the result, and the atoms are where the page put them: at the corners of a cube of 1.44 Å.
    corners = ask(finished, "[...viewer.trajectory.tracks[4].positionsAt(40)]")
    assert corners == pytest.approx([0.72 * s for x in (-1, 1) for y in (-1, 1) for z in (-1, 1) for s in (x, y, z)])
    assert ask(finished, "[...viewer.trajectory.tracks[4].forcesAt(40)]") == [0] * 24


def test_one_viewer_stays_mounted_while_the_page_reruns(finished: Page) -> None:
    assert finished.locator(".viewer").count() == 1
    finished.evaluate(f"() => {{ ({VIEWER})().mark = 'same'; }}")
    finished.get_by_role("button", name="Third").click()
    expect(finished.get_by_text("Molecule 3")).to_be_visible()
    assert ask(finished, "viewer.mark") == "same"


def turn_the_third(page: Page) -> object:
    """Look at one molecule from another side; gives the view."""
    page.get_by_role("button", name="Third").click()
    expect(page.get_by_text("Molecule 3")).to_be_visible()
    expect(page.get_by_text("focus: 2")).to_be_visible()  # the page has come to the end of that rerun
    opening = ask(page, "viewer.scene.viewer.getView()")
    picture = page.locator(".picture").bounding_box()
    x, y = picture["x"] + picture["width"] / 2, picture["y"] + picture["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 25, steps=4)
    page.mouse.up()
    turned = ask(page, "viewer.scene.viewer.getView()")
    assert turned != pytest.approx(opening)
    return turned


def test_camera_does_not_jump_at_a_rerun(finished: Page) -> None:
    turned = turn_the_third(finished)
    finished.get_by_role("button", name="Third").click()
    finished.wait_for_timeout(600)  # two polls of the page
    assert ask(finished, "viewer.scene.viewer.getView()") == pytest.approx(turned)


def test_camera_and_film_move_along_when_the_viewer_gets_another_place(finished: Page) -> None:
    turned = turn_the_third(finished)
    finished.evaluate(f"() => {{ ({VIEWER})().mark = 'same'; }}")
    finished.get_by_text("Framed", exact=True).click()
    expect(finished.locator("details .viewer")).to_be_visible()
    finished.wait_for_timeout(1500)  # longer than a viewer without a place is kept
    assert finished.locator(".viewer").count() == 1
    assert ask(finished, "viewer.mark") == "same"
    assert ask(finished, "viewer.scene.viewer.getView().slice(4)") == pytest.approx(turned[4:])
    expect(count(finished)).to_have_text("result")


def test_click_on_a_cloud_shows_it_alone_and_tells_the_page(finished: Page) -> None:
    cell = ask(finished, "viewer.scene.cells()[5]")
    place = {"x": cell["left"] + cell["width"] / 2, "y": cell["top"] + cell["height"] / 2}
    finished.locator(".picture").click(position=place, force=True)
    expect(finished.get_by_text("focus: 5")).to_be_visible()
    expect(finished.locator("[data-part=name]")).to_have_text("Molecule 6")
    finished.locator(".viewer").press("g")
    expect(finished.get_by_text("focus: None")).to_be_visible()


def test_keys_and_plot_choose_the_frame(finished: Page) -> None:
    viewer = finished.locator(".viewer")
    viewer.press("Home")
    expect(count(finished)).to_have_text(f"step 0 / {LAST_FRAME}")
    viewer.press("ArrowRight")
    viewer.press("Shift+ArrowRight")
    expect(count(finished)).to_have_text(f"step 11 / {LAST_FRAME}")
    viewer.press("ArrowLeft")
    expect(count(finished)).to_have_text(f"step 10 / {LAST_FRAME}")
    # σ̂ of the synthetic run falls by 15 % a step from 3 Å.
    expect(finished.locator(".plot")).to_contain_text(f"noise level σ̂ {3 * 0.85**10:.2g} Å")
    box = finished.locator(".plot").bounding_box()
    finished.locator(".plot").click(position={"x": box["width"] - 12, "y": 60})
    expect(count(finished)).to_have_text("result")


def test_the_curve_of_the_force_keeps_the_last_value_of_molecules_at_rest(finished: Page) -> None:
    """The last frame of the synthetic run has no forces, as that of molecules that are not looked at again."""
    viewer, plot = finished.locator(".viewer"), finished.locator(".plot")
    viewer.press("End")
    viewer.press("ArrowLeft")
    expect(count(finished)).to_have_text(f"step {LAST_FRAME - 1} / {LAST_FRAME}")
    (last_seen,) = re.findall(r"force per atom [0-9.e-]+ Å", plot.text_content())
    viewer.press("End")
    expect(count(finished)).to_have_text("result")
    expect(plot).to_contain_text(last_seen)


def test_space_plays_and_pauses(finished: Page) -> None:
    viewer = finished.locator(".viewer")
    drawn = ask(finished, "viewer.scene.framesDrawn")
    viewer.press("Space")
    expect(finished.get_by_role("button", name="Pause")).to_be_visible()
    expect(count(finished)).to_have_text("result", timeout=60_000)
    expect(finished.get_by_role("button", name="Play")).to_be_visible()
    assert ask(finished, "viewer.scene.framesDrawn") > drawn + 3


def test_toggles_draw_what_they_say(finished: Page) -> None:
    finished.get_by_role("button", name="Third").click()
    expect(finished.get_by_text("Molecule 3")).to_be_visible()
    viewer = finished.locator(".viewer")
    viewer.press("Home")
    assert ask(finished, "viewer.scene.viewer.getView().length") == 8
    viewer.press("f")
    assert ask(finished, "Boolean(viewer.scene.arrows)")
    viewer.press("l")
    expect(finished.locator(".atom-label")).to_have_count(8)
    finished.get_by_role("button", name="Prior").click()
    expect(finished.get_by_role("button", name="Prior")).to_have_attribute("aria-pressed", "true")
    finished.locator("[data-part=style]").select_option("sphere")
    with finished.expect_download() as download:
        finished.get_by_role("button", name="Save the picture as PNG").click()
    assert download.value.suggested_filename == "molecule-3.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_lost_messages_are_asked_for_again(finished: Page) -> None:
    finished.evaluate(f"() => {{ ({VIEWER})().run = null; }}")  # as if the browser had just been given the component
    finished.get_by_role("button", name="Third").click()
    finished.wait_for_function(f"() => ({VIEWER})().trajectory.nFrames === {LAST_FRAME + 1}")


def test_theme_is_followed(browser: Browser, url: str) -> None:
    colours = []
    for scheme in ("light", "dark"):
        with watched_page(browser, url, color_scheme=scheme) as page:
            expect(page.get_by_text("Press Start.")).to_be_visible()
            colours.append(ask(page, "viewer.scene.theme.background"))
    assert colours == ["#f1f5f6", "#182328"]


def test_missing_webgl_is_said_in_a_sentence(browser: Browser, url: str) -> None:
    # A browser of its own: whether there is WebGL is decided when it starts.
    flags = [*CHROMIUM_FLAGS, "--disable-3d-apis"]
    blind = browser.browser_type.launch(executable_path=chromium_path(), args=flags)
    with watched_page(blind, url) as page:
        expect(page.get_by_text("This browser cannot draw in 3D")).to_be_visible()
        page.get_by_role("button", name="Start").click()
        expect(count(page)).to_have_text("result", timeout=60_000)
    blind.close()


def test_the_strip_says_in_words_what_its_lines_are(finished: Page) -> None:
    expect(finished.locator(".plot > title")).to_contain_text("how far the model still wants to move each atom")
    expect(finished.locator(".plot > title")).to_contain_text("the noise the model sees in the structure")


def test_the_toolbar_is_one_line_however_narrow_the_picture(finished: Page) -> None:
    finished.get_by_role("button", name="Third").click()
    expect(finished.get_by_text("Molecule 3")).to_be_visible()
    for width in (1100, 701, 690, 561, 550, 501, 500, 365):
        finished.locator(".viewer").evaluate("(viewer, width) => { viewer.style.width = `${width}px`; }", width)
        for bar in finished.locator(".bar").all():
            assert bar.bounding_box()["height"] < 40, (
                f"at {width} pixels: one button has 28, and two lines are too many"
            )
            assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth"), (
                f"at {width} pixels something sticks out"
            )


def test_nothing_is_drawn_into_a_picture_without_size(finished: Page) -> None:
    warnings: list[str] = []
    finished.on("console", lambda line: warnings.append(line.text) if "INVALID" in line.text else None)
    finished.get_by_role("button", name="Third").click()
    expect(finished.get_by_text("Molecule 3")).to_be_visible()
    finished.locator(".viewer").press("l")
    ask(finished, "viewer.selection.set([0, 1])")
    for height in (0, 300):
        finished.evaluate(f"(height) => {{ ({VIEWER})().parts.picture.style.height = `${{height}}px`; }}", height)
        finished.wait_for_function(f"(height) => ({VIEWER})().parts.picture.clientHeight === height", arg=height)
        ask(finished, "viewer.scene.viewer.resize(), viewer.scene.draw(3)")
        ask(finished, "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert warnings == []  # and the page's account has no circle at NaN
    expect(finished.locator(".marks .picked")).to_have_count(2)
    assert ask(finished, "viewer.scene.png().length") > 1000


def test_a_picture_that_is_taken_away_leaves_nothing_on_the_window(page: Page) -> None:
    """3Dmol listens to the window and the body, and never stops by itself."""
    page.evaluate("""() => {
        globalThis.listening = 0;
        const outlast = (target) => target === window || target === document.body;
        for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]]) {
            const original = EventTarget.prototype[name];
            EventTarget.prototype[name] = function (...given) {
                if (outlast(this)) globalThis.listening += by;
                return original.apply(this, given);
            };
        }
    }""")
    for _ in range(3):
        ask(page, "viewer.scene.setSharp(!viewer.scene.sharp)")
    assert page.evaluate("listening") == 0
    ask(page, "viewer.scene.destroy()")
    assert page.evaluate("listening") <= -3
