"""Every kind of prior in the studio keeps one set of promises; a few have more of their own."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import trimesh

from gpff_app.prior_studio import blobs, motif, point_sets, surface
from gpff_app.prior_studio.cloud import starts
from gpff_app.prior_studio.controls import sigma_at, temperature
from gpff_app.prior_studio.drawing_board import place_on_board, toggled
from gpff_app.prior_studio.kinds import KINDS, kind_of
from gpff_app.prior_studio.pictures import MOST_POINTS_DRAWN, dots, ellipsoid
from gpff_app.prior_studio.tables import edited
from gpff_app.prior_studio.uploads import molecule_of, points_of
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors import PRIORS
from gpff_core.priors.serialisation import prior_as_json, prior_from_json

every_kind = pytest.mark.parametrize("name", list(KINDS))


def upload(name: str, data: bytes) -> SimpleNamespace:
    """What Streamlit's uploader gives."""
    return SimpleNamespace(name=name, getvalue=lambda: data)


@every_kind
def test_designs_are_json_and_come_back_from_their_prior(name: str) -> None:
    kind = KINDS[name]
    design = json.loads(json.dumps(kind.first()))
    prior = kind.build(design)
    assert type(prior) is kind.prior
    again = KINDS[kind_of(prior)]
    loaded = json.loads(json.dumps(again.design_of(prior_from_json(prior_as_json(prior)))))
    assert again.build({**again.first(), **loaded}) == prior


@every_kind
def test_first_designs_are_of_molecular_size(name: str) -> None:
    prior = KINDS[name].build(KINDS[name].first())
    spread = np.sqrt(np.trace(np.array(prior.covariance)) / 3)
    assert 0.5 < spread < 4


@every_kind
def test_pictures_show_what_the_prior_is(name: str) -> None:
    kind = KINDS[name]
    design = kind.first()
    picture = kind.picture(design, kind.build(design))
    assert picture.shapes or picture.atoms is not None
    json.dumps(list(picture.shapes), allow_nan=False)
    assert {shape["kind"] for shape in picture.shapes} <= {"ellipsoid", "points", "line", "mesh"}


def test_every_prior_of_the_library_can_be_designed() -> None:
    assert {kind.prior for kind in KINDS.values()} == set(PRIORS.values())


def test_the_cloud_is_where_a_run_starts() -> None:
    composition, prior = parse_formula("C2H6O"), KINDS["ellipsoid"].build(KINDS["ellipsoid"].first())
    third = prior.sample(AtomBatch.from_compositions([composition]), Noise(7, [2])).numpy()
    assert (starts(prior, composition, 4, seed=7)[2] == third).all()


def test_temperature_and_width_say_the_same() -> None:
    assert temperature(1.5) == 4.5
    assert sigma_at(temperature(0.37)) == pytest.approx(0.37)
    for nonsense in (-1.0, float("nan"), float("inf")):
        with pytest.raises(GpffError, match="temperature kT"):
            sigma_at(nonsense)


def test_an_ellipsoid_is_drawn_one_standard_deviation_long() -> None:
    covariance = np.array([[5.0, 2.0, 0.0], [2.0, 3.0, 0.5], [0.0, 0.5, 1.0]])
    axes = np.array(ellipsoid(covariance)["axes"])
    assert axes @ axes.T == pytest.approx(covariance)


def test_no_more_points_are_drawn_than_a_browser_can_show() -> None:
    assert len(dots(np.zeros((10 * MOST_POINTS_DRAWN, 3)))["points"]) <= MOST_POINTS_DRAWN
    assert dots(np.zeros((0, 3)))["points"] == []


# The drawing board


@pytest.mark.parametrize(("plane", "point"), [("xy", [1, 2, 3]), ("xz", [1, 3, 2]), ("yz", [3, 1, 2])])
def test_a_place_on_the_board_is_a_point_in_space(plane: str, point: list[float]) -> None:
    assert place_on_board(1, 2, plane, 3) == point


def test_a_click_adds_a_point_and_another_takes_it_away() -> None:
    two = toggled([[0.0, 0.0, 0.0]], [1.0, 0.5, 0.0])
    assert two == [[0.0, 0.0, 0.0], [1.0, 0.5, 0.0]]
    assert toggled(two, [0.0, 0.0, 0.0]) == [[1.0, 0.5, 0.0]]
    assert toggled(two, [0.0, 0.0, 0.5]) == [*two, [0.0, 0.0, 0.5]], "another height is another point"


# Tables


def test_edits_of_a_table_are_taken_in() -> None:
    edits = {
        "edited_rows": {0: {"b": 9.0}},
        "deleted_rows": [1],
        "added_rows": [{"a": 7}, {"b": 1.0}],
    }
    rows = edited([[1, 2], [3, 4], [5, 6]], edits, ["a", "b"], (None, 0.5))
    assert rows == [[1.0, 9.0], [5.0, 6.0], [7.0, 0.5]], "the last row has no a yet"


def test_an_emptied_cell_leaves_the_row_out() -> None:
    assert edited([[1, 2]], {"edited_rows": {0: {"a": None}}}, ["a", "b"], (None, None)) == []


# Points, curves and surfaces


@pytest.mark.parametrize(
    "make", [point_sets.ring, point_sets.sphere, point_sets.sheet, point_sets.tube, point_sets.helix]
)
def test_resized_points_have_that_size_about_the_origin(make: object) -> None:
    points = point_sets.resized(make(), 1.7)
    assert point_sets.size_of(points) == pytest.approx(1.7, abs=2e-3)
    assert np.mean(points, axis=0) == pytest.approx([0, 0, 0], abs=2e-3)


def test_size_zero_is_refused() -> None:
    with pytest.raises(GpffError, match="The size is 0 Å"):
        point_sets.resized(point_sets.ring(), 0)


def test_an_uploaded_surface_is_filled_and_brought_to_molecular_size() -> None:
    ball = trimesh.creation.icosphere(subdivisions=2, radius=30)  # in mm, from a 3D program
    design = surface.of_upload(upload("ball.stl", ball.export(file_type="stl")))
    points, vertices = np.array(design["points"]), np.array(design["vertices"])
    assert point_sets.size_of(points) == pytest.approx(surface.DEFAULT_SIZE, abs=0.01)
    radius = np.linalg.norm(vertices - vertices.mean(0), axis=1)
    assert np.ptp(radius) < 0.02
    # A ball filled evenly has the root mean square coordinate R/√5.
    assert radius.mean() / point_sets.size_of(points) == pytest.approx(5**0.5, rel=0.05)
    assert len(design["faces"]) == 320


def test_a_surface_of_molecular_size_stays_as_it_is() -> None:
    box = trimesh.creation.box(extents=(6, 4, 3))
    design = surface.of_upload(upload("box.PLY", box.export(file_type="ply")))
    assert np.ptp(design["vertices"], axis=0) == pytest.approx([6, 4, 3])


def test_resizing_moves_points_and_surface_together() -> None:
    brick = dict(surface.box(6.0, 3.5, 2.5))
    larger = surface.resized(brick, 2 * point_sets.size_of(brick["points"]))
    assert np.ptp(larger["vertices"], axis=0) == pytest.approx([12, 7, 5], abs=0.01)
    assert (np.abs(larger["points"]).max(0) <= np.array([6, 3.5, 2.5]) + 0.3).all()


def test_files_are_named_by_their_owners_name_in_errors() -> None:
    with pytest.raises(GpffError, match=r"^The mesh <b>x\.stl .*") as refused:
        surface.of_upload(
            upload("<b>x.stl", trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]]).export(file_type="stl"))
        )
    assert "tmp" not in str(refused.value)
    with pytest.raises(GpffError, match=r"points\.csv could not be read as points"):
        points_of(upload("points.csv", b"1,2\n3,4\n"))


def test_points_and_molecules_are_read_from_uploads() -> None:
    assert points_of(upload("drawn.CSV", b"x,y,z\n1,2,3\n4,5,6\n")).tolist() == [[1, 2, 3], [4, 5, 6]]
    name, molecule = molecule_of(upload("../water.xyz", b"3\n\nO 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n"))
    assert (name, molecule.composition.numbers) == ("water", (8, 1, 1))


# Blobs


def test_a_dragged_blob_is_where_it_was_dropped() -> None:
    design = blobs.KIND.first()
    changed = {**design, **blobs.moved(design, "blob 1", [1.0, 2.0, 3.00049])}
    assert changed["blobs"][1] == [1.0, 2.0, 3.0, 0.9, 1]
    assert changed["blobs"][0] == design["blobs"][0]
    with pytest.raises(GpffError, match="no longer there"):
        blobs.moved(design, "blob 2", [0, 0, 0])


def test_blobs_are_the_librarys_with_weights_first() -> None:
    prior = blobs.KIND.build({"blobs": [[1, 2, 3, 0.5, 2], [0, 0, 0, 1, 1]]})
    assert prior.blobs == ((2, 1, 2, 3, 0.5), (1, 0, 0, 0, 1))


def test_heating_blobs_leaves_their_centres() -> None:
    assert blobs.heated([[1, 2, 3, 0.5, 2]], 2)["blobs"] == [[1, 2, 3, 1.0, 2]]
    with pytest.raises(GpffError, match="positive"):
        blobs.heated([[1, 2, 3, 0.5, 2]], 0)


# Motifs


def test_atoms_find_places_of_their_own_element() -> None:
    assert motif.places_taken([6] * 6, parse_formula("C7H10O2")) == 6
    assert motif.places_taken([6] * 6 + [7], parse_formula("C4H10")) == 4


def test_a_motif_without_noise_starts_at_the_molecule() -> None:
    toluene = Structure(*structure_from_smiles("Cc1ccccc1"))
    design = {**motif.KIND.first(), **motif.of_molecule(toluene, "toluene"), "sigma": 0.0}
    start = starts(motif.KIND.build(design), toluene.composition, 1, seed=0)[0]
    assert start == pytest.approx(toluene.positions - toluene.positions.mean(0), abs=1e-3)
