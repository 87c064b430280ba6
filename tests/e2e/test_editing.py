"""Editing in the 3D viewer, in a real browser: picking, dragging, keys, measuring, shapes, and viewers that are linked.

The molecule is ethanol, atoms O, C, C and six hydrogens: O0 – C1 – C2, O0 with H3.
"""

import ast
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from rdkit import Chem
from rdkit.Chem import rdMolTransforms
from rdkit.Geometry import Point3D
from scipy.spatial.transform import Rotation

from gpff_core.chemistry.building import structure_from_smiles
from tests.e2e.serving import VIEWER, Serve, ask, watched_page

pytestmark = pytest.mark.browser

OXYGEN, CARBON, METHYL = range(3)

VIRIDIS = [
    bytes.fromhex(colour)
    for colour in ("440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725")
]


@pytest.fixture(scope="module")
def url(serve: Serve) -> str:
    return serve(Path(__file__).with_name("editing_app.py"))


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        expect(page.locator(".viewer canvas")).to_have_count(3)
        expect(page.locator("[data-part=legend]").nth(2)).to_be_visible()
        # From the front no atom of this ethanol hides another.
        ask(page, "viewer.scene.camera.openFrom([0, 0, 0, 1]), viewer.scene.draw(0)")
        yield page


def spot(page: Page, atom: int) -> tuple[float, float]:
    """Where an atom of the first viewer is in the window."""
    box = page.locator(".picture").first.bounding_box()
    disc = ask(page, f"viewer.scene.discs()[{atom}]")
    return box["x"] + disc["left"], box["y"] + disc["top"]


def turned(page: Page, points: list[list[float]]) -> np.ndarray:
    """Points of the first viewer's model as its camera has turned them: across, up, towards the eye."""
    rotation = Rotation.from_quat(ask(page, "viewer.scene.camera.view")[4:])
    return rotation.apply(points)


def on_screen(page: Page) -> np.ndarray:
    return turned(page, ask(page, "viewer.scene.points()"))


def click(page: Page, atom: int, times: int = 1) -> None:
    page.mouse.click(*spot(page, atom), click_count=times)


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=4)
    page.mouse.up()


def last_edit(page: Page) -> dict[str, Any]:
    """The edit that Python was told last; read once the number of edits has been waited for."""
    text = page.get_by_text("last: ").text_content()
    return ast.literal_eval(text.removeprefix("last: "))


def edits(page: Page, n: int) -> None:
    expect(page.get_by_text(f"edits: {n}", exact=True)).to_be_visible()


def test_a_molecule_opens_face_on_and_comes_back_to_that(page: Page) -> None:
    for _ in range(2):
        page.locator(".viewer").first.press("r")
        across, up, deep = on_screen(page).std(axis=0)
        assert across > up > deep
        axes = np.linalg.svd(on_screen(page) - on_screen(page).mean(0))[2]
        assert abs(axes[2] @ [0, 0, 1]) > np.cos(np.radians(13)), "hydrogens that stand behind others come out"
        box = page.locator(".picture").first.bounding_box()
        drag(page, (box["x"] + 40, box["y"] + 150), (120, 90))


def test_a_flat_molecule_opens_exactly_face_on_and_a_cloud_a_little_tilted(page: Page) -> None:
    ring = [[np.cos(a), 0.3 * np.cos(a) + 0.1 * np.sin(a), np.sin(a)] for a in np.arange(6) * np.pi / 3]
    url = "new URL('app/static/viewer/opening.js', document.baseURI)"
    opened, tilt = page.evaluate(
        f"async (x) => {{ const m = await import({url}); return [m.faceOn(x), m.tilted()]; }}", np.ravel(ring).tolist()
    )
    assert np.ptp(Rotation.from_quat(opened).apply(ring)[:, 2]) < 1e-6
    towards_the_eye = Rotation.from_quat(tilt).apply(np.eye(3))[:, 2]
    assert (np.abs(towards_the_eye) > 0.3).all(), "no axis lies in the picture"
    assert (np.abs(towards_the_eye) < 0.8).all(), "and none points at the eye"


def test_clicks_pick_toggle_and_clear_and_are_told_once(page: Page) -> None:
    click(page, OXYGEN)
    assert ask(page, "viewer.selection.atoms") == [OXYGEN], "drawn before Python knows"
    expect(page.get_by_text("selected: 0", exact=True)).to_be_visible()
    page.keyboard.down("Shift")
    click(page, METHYL)
    click(page, CARBON)
    click(page, METHYL)
    page.keyboard.up("Shift")
    expect(page.get_by_text("selected: 0 1", exact=True)).to_be_visible()
    edits(page, 4)
    assert last_edit(page)["atoms"] == [OXYGEN, CARBON]
    box = page.locator(".picture").first.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 60)
    expect(page.get_by_text("selected: none")).to_be_visible()
    edits(page, 5)


def test_a_double_click_takes_the_fragment(page: Page) -> None:
    click(page, METHYL, times=2)
    expect(page.get_by_text("selected: 0 1 2 3 4 5 6 7 8")).to_be_visible()
    assert last_edit(page)["op"] == "fragment"
    expect(page.locator("[data-part=hint]").first).to_have_text("9 atoms picked")


def test_a_dragged_atom_stays_under_the_pointer_and_lands_there(page: Page) -> None:
    start = spot(page, METHYL)
    before = ask(page, "viewer.scene.points()")
    drag(page, start, (70, -45))
    assert spot(page, METHYL) == pytest.approx((start[0] + 70, start[1] - 45), abs=0.5)
    edits(page, 1)
    edit = last_edit(page)
    assert (edit["op"], edit["atoms"]) == ("move", [METHYL])
    after = ask(page, "viewer.scene.points()")
    assert after[METHYL] == pytest.approx(edit["positions"][0], abs=1e-5)
    others = [i for i in range(9) if i != METHYL]
    assert [after[i] for i in others] == [before[i] for i in others]
    page.wait_for_timeout(300)
    assert spot(page, METHYL) == pytest.approx((start[0] + 70, start[1] - 45), abs=0.5), "no jump when Python answers"


def test_a_dragged_selection_moves_as_one_and_a_refused_move_goes_back(page: Page) -> None:
    click(page, OXYGEN)
    page.keyboard.down("Shift")
    click(page, CARBON)
    page.keyboard.up("Shift")
    edits(page, 2)
    page.get_by_text("Refuse moves").click()
    before = ask(page, "viewer.scene.points()")
    drag(page, spot(page, CARBON), (0, 60))
    edits(page, 3)
    edit = last_edit(page)
    shifts = np.array(edit["positions"]) - np.array(before)[edit["atoms"]]
    assert edit["atoms"] == [OXYGEN, CARBON]
    assert np.linalg.norm(shifts[0]) > 0.5
    assert shifts[0] == pytest.approx(shifts[1], abs=1e-5)
    page.wait_for_function(f"(before) => ({VIEWER})().scene.points().join() === before.join()", arg=before)


def test_labels_count_atoms_from_0(page: Page) -> None:
    page.locator(".viewer").first.press("l")
    expect(page.locator(".atom-label:not(.of-shape)")).to_have_text(["O0", "C1", "C2", *(f"H{i}" for i in range(3, 9))])


def test_the_keyboard_alone_picks_moves_freezes_and_commands(page: Page) -> None:
    viewer = page.locator(".viewer").first
    viewer.focus()
    for key in ("ArrowRight", "ArrowRight", "Space"):
        viewer.press(key)
    expect(page.get_by_text("selected: 1", exact=True)).to_be_visible()
    viewer.press("f")
    expect(page.get_by_text("frozen: 1", exact=True)).to_be_visible()
    expect(page.locator(".atom-label.locked")).to_have_count(1)
    expect(page.locator("[data-part=hint]").first).to_have_text("C1 (frozen)")
    before = on_screen(page)[1]
    for _ in range(3):
        viewer.press("Shift+ArrowUp")
    edits(page, 3)
    assert on_screen(page)[1] == pytest.approx(before + np.array([0, 0.3, 0]), abs=1e-4)
    assert last_edit(page)["positions"][0] == pytest.approx(ask(page, "viewer.scene.points()")[1], abs=1e-5)
    for n, (keys, name) in enumerate(
        {"Control+z": "undo", "Control+Shift+z": "redo", "Control+y": "redo", "Delete": "delete"}.items(), start=4
    ):
        viewer.press(keys)
        edits(page, n)
        assert (last_edit(page)["op"], last_edit(page)["name"]) == ("key", name)
    # Twice before Python has answered: the second must not name the atoms that have taken the places of the first.
    page.evaluate(f"() => {{ const v = ({VIEWER})(); v.editor.command('delete'); v.editor.command('delete'); }}")
    edits(page, 9)
    assert last_edit(page)["atoms"] == []
    expect(page.get_by_text("selected: 1", exact=True)).to_be_visible()
    viewer.press("Shift+ArrowUp")
    viewer.press("Control+z")  # before the keys have rested: of the nudge, not of what was before it
    edits(page, 11)
    ops = [line for line in page.get_by_text("ops:").inner_text().split() if line in ("move", "key")]
    assert ops[-2:] == ["move", "key"]
    viewer.press("Control+i")
    expect(page.get_by_text("selected: 0 2 3 4 5 6 7 8")).to_be_visible()
    viewer.press("Control+a")
    expect(page.get_by_text("selected: 0 1 2 3 4 5 6 7 8")).to_be_visible()
    viewer.press("Escape")
    expect(page.get_by_text("selected: none")).to_be_visible()


def test_picked_atoms_say_distance_angle_and_dihedral(page: Page) -> None:
    x = structure_from_smiles("OCC")[1].astype(float)
    hydrogen = 3 + int(np.linalg.norm(x[3:] - x[OXYGEN], axis=1).argmin())
    path = [hydrogen, OXYGEN, CARBON, METHYL]
    conformer = _conformer(x)
    expected = [
        f"{np.linalg.norm(x[hydrogen] - x[OXYGEN]):.3f} Å",
        f"{rdMolTransforms.GetAngleDeg(conformer, *path[:3]):.1f}°",
        f"{rdMolTransforms.GetDihedralDeg(conformer, *path):.1f}°",
    ]
    click(page, path[0])
    page.keyboard.down("Shift")
    for atom, text in zip(path[1:], expected, strict=True):
        click(page, atom)
        expect(page.locator(".measured")).to_have_text(text)
    page.keyboard.up("Shift")


def test_a_shape_is_dragged_and_the_atoms_stay(page: Page) -> None:
    box = page.locator(".picture").first.bounding_box()
    place = ask(page, "viewer.scene.camera.project([[4, 0, 0]])[0]")
    before = ask(page, "viewer.scene.points()")
    drag(page, (box["x"] + place["left"], box["y"] + place["top"]), (30, 20))
    edits(page, 1)
    edit = last_edit(page)
    assert (edit["op"], edit["id"]) == ("move-shape", "blob")
    moved = ask(page, f"viewer.scene.camera.project([{edit['centre']}])[0]")
    assert (moved["left"] - place["left"], moved["top"] - place["top"]) == pytest.approx((30, 20), abs=0.5)
    (depth,) = (turned(page, [edit["centre"]]) - turned(page, [[4, 0, 0]]))[:, 2]
    assert depth == pytest.approx(0, abs=1e-6), "it moves in the plane of the screen"
    assert ask(page, "viewer.scene.points()") == before


def test_linked_viewers_share_camera_and_frame_and_python_hears_where_one_rests(page: Page) -> None:
    left, right = page.locator(".viewer").nth(1), page.locator(".viewer").nth(2)
    left.locator(".picture").scroll_into_view_if_needed()
    left.focus()
    left.press("Home")
    expect(right.locator("[data-part=count]")).to_have_text("step 0 / 8")
    left.press("ArrowRight")
    expect(right.locator("[data-part=count]")).to_have_text("step 1 / 8")
    expect(page.get_by_text("frame: 1", exact=True)).to_be_visible()
    opening = ask(page, "viewer.scene.camera.view.slice(4)", 1)
    box = left.locator(".picture").bounding_box()
    drag(page, (box["x"] + 40, box["y"] + 150), (50, 30))
    views = [ask(page, "viewer.scene.camera.view", which) for which in (1, 2)]
    assert views[0] == pytest.approx(views[1], abs=1e-9)
    assert views[0][4:] != pytest.approx(opening, abs=1e-3), "it has been turned"
    assert ask(page, "viewer.scene.camera.view", 0) != pytest.approx(views[0]), "the editor is not linked"


def test_colours_say_how_far_atoms_moved_and_the_legend_in_what_unit(page: Page) -> None:
    # The farthest atom of the film is twice as far from O0 at its end: the range is the next of 1, 2, 5 above.
    x = structure_from_smiles("OCC")[1]
    farthest = float(np.linalg.norm(x - x[OXYGEN], axis=1).max())
    assert 2 < farthest < 5
    legend = page.locator("[data-part=legend]").nth(1)
    expect(legend).to_contain_text("Moved (Å)")
    expect(legend).to_contain_text("5")
    tints = ask(page, "viewer.scene.tints", 1)
    assert tints[OXYGEN] == "#440154", "the atom that stays has the colour of zero"
    assert len(set(tints)) > 3
    atom = int(np.linalg.norm(x - x[OXYGEN], axis=1).argmax())
    ask(page, "viewer.player.seek(1)", 1)
    expect(legend).to_contain_text("5")
    early = ask(page, "viewer.scene.tints", 1)[atom]
    assert early == ramp(farthest / 8 / 5) != tints[atom] == ramp(farthest / 5), "one scale for the whole film"

    page.locator("[data-part=colours]").nth(1).select_option("force")
    expect(legend).to_have_text("Pseudo-force (Å)0.0110")
    strongest = ask(page, "viewer.scene.tints", 1)[atom]
    assert strongest == ramp(math.log10(2 * farthest / 8 / 0.01) / 3), "forces by their ratios, from 0.01 to 10 Å"

    page.locator("[data-part=colours]").nth(1).select_option("element")
    expect(legend).to_be_hidden()


def test_forces_that_are_not_known_colour_nothing(page: Page) -> None:
    """Also where they were asked for before: a viewer may show one thing after another."""
    offered = page.locator("[data-part=colours]").first.locator("option:not([disabled])")
    assert offered.all_text_contents() == ["Elements"]
    expect(page.locator("[data-part=forces]").first).to_be_disabled()
    ask(page, "viewer.setColours('force')")
    assert ask(page, "viewer.scene.colouring") is None
    page.get_by_text("Know forces").click()
    expect(page.locator("[data-part=forces]").first).to_be_enabled()
    assert ask(page, "viewer.scene.colouringDrawn") == "force"
    assert len(set(ask(page, "viewer.scene.tints"))) > 2
    page.get_by_text("Know forces").click()
    expect(page.locator("[data-part=forces]").first).to_be_disabled()
    assert ask(page, "viewer.scene.colouringDrawn") is None


def test_what_is_edited_cannot_be_coloured_by_how_far_it_moved(page: Page) -> None:
    page.get_by_text("Know forces").click()
    expect(page.locator("[data-part=forces]").first).to_be_enabled()
    assert page.locator("[data-part=colours]").first.locator("option:not([disabled])").all_text_contents() == [
        "Elements",
        "Pseudo-force",
    ]
    page.locator(".viewer").first.focus()
    chosen = []
    for _ in range(2):
        page.keyboard.press("c")
        chosen.append(page.locator("[data-part=colours]").first.input_value())
    assert chosen == ["force", "element"]
    # A viewer whose film was coloured so may be given a model next, as in the Real-time editor.
    ask(page, "viewer.setColours('displacement')")
    assert set(ask(page, "viewer.scene.tints")) == {"#440154"}


def ramp(share: float) -> str:
    """The viridis of the viewer: nine places, straight lines between them."""
    red, green, blue = (np.interp(share * 8, range(9), channel) for channel in zip(*VIRIDIS, strict=True))
    return "#" + "".join(f"{math.floor(value + 0.5):02x}" for value in (red, green, blue))


def _conformer(x: np.ndarray) -> Chem.Conformer:
    conformer = Chem.Conformer(len(x))
    for i, point in enumerate(x):
        conformer.SetAtomPosition(i, Point3D(*point))
    return conformer
