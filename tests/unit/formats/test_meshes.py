"""Points inside meshes: against volumes known in closed form, and one sentence for every mesh that has no inside."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gpff_core.errors import GpffError
from gpff_core.formats.meshes import points_inside, winding_numbers
from gpff_core.priors import PointCloud
from tests.unit.moments import N_ERRORS

N = 4000


def saved(mesh: trimesh.Trimesh, folder: Path, suffix: str = ".stl") -> Path:
    path = folder / f"mesh{suffix}"
    mesh.export(path)
    return path


@pytest.fixture
def text_stl(tmp_path: Path) -> Path:
    path = tmp_path / "mesh.stl"
    path.write_text(trimesh.creation.box((2, 4, 6)).export(file_type="stl_ascii"))
    return path


def assert_mean(values: NDArray[np.float64], mean: float) -> None:
    assert abs(values.mean() - mean) < N_ERRORS * values.std() / len(values) ** 0.5


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        (".stl", {"file_type": "stl"}),
        (".stl", {"file_type": "stl_ascii"}),
        (".ply", {"encoding": "binary"}),
        (".ply", {"encoding": "ascii"}),
        (".obj", {}),
        (".OBJ", {}),
    ],
)
def test_points_fill_a_box_uniformly_from_every_format(suffix: str, options: dict[str, str], tmp_path: Path) -> None:
    mesh = trimesh.creation.box((2, 4, 6))
    mesh.apply_translation((10, 0, 0))
    path = tmp_path / f"mesh{suffix}"
    mesh.export(path, **{"file_type": suffix[1:].lower(), **options})
    x = points_inside(path, N, 0) - [10, 0, 0]
    assert x.shape == (N, 3)
    assert (np.abs(x) <= [1, 2, 3]).all()
    for axis, length in enumerate((2, 4, 6)):
        assert_mean(x[:, axis], 0)
        assert_mean(np.square(x[:, axis]), length**2 / 12)


def test_points_fill_a_ball_uniformly(tmp_path: Path) -> None:
    """The volume inside a radius grows as its cube; 20,480 triangles are as good as round."""
    x = points_inside(saved(trimesh.creation.icosphere(5, 3.0), tmp_path), N, 1)
    radii = np.linalg.norm(x, axis=1)
    assert radii.max() < 3
    assert_mean((radii / 3) ** 3, 0.499)
    assert_mean(x[:, 2] / radii, 0)


def test_points_fill_a_ring_and_not_its_hole(tmp_path: Path) -> None:
    x = points_inside(saved(trimesh.creation.torus(4.0, 1.0, major_sections=128), tmp_path), N, 0)
    assert (np.hypot(np.hypot(x[:, 0], x[:, 1]) - 4, x[:, 2]) < 1.001).all()
    assert_mean(x[:, 0], 0)


def test_a_cavity_is_outside_and_an_overlap_is_inside(tmp_path: Path) -> None:
    hollow = trimesh.creation.icosphere(3, 3.0)
    cavity = trimesh.creation.icosphere(3, 2.0)
    cavity.invert()
    radii = np.linalg.norm(points_inside(saved(hollow + cavity, tmp_path), N, 0), axis=1)
    assert radii.min() > 1.9
    one, other = trimesh.creation.box((2, 2, 2)), trimesh.creation.box((2, 2, 2))
    other.apply_translation((1, 0, 0))
    x = points_inside(saved(one + other, tmp_path), N, 0)[:, 0]
    assert_mean(((x > 0) & (x < 1)).astype(float), 1 / 3)


def test_a_surface_that_is_inside_out_has_the_same_inside(tmp_path: Path) -> None:
    mesh = trimesh.creation.box((2, 4, 6))
    mesh.invert()
    assert (np.abs(points_inside(saved(mesh, tmp_path), N, 0)) <= [1, 2, 3]).all()


@given(seed=st.integers(0, 2**31))
@settings(max_examples=20)
def test_winding_numbers_are_those_of_the_solid_angle(seed: int) -> None:
    """The generalised winding number of van Oosterom and Strackee, IEEE Trans. Biomed. Eng. 30, 125 (1983)."""
    random = np.random.default_rng(seed)
    mesh = trimesh.creation.capsule(2.0, 0.7, count=(8, 8)) + trimesh.creation.icosphere(1)
    mesh.apply_transform(trimesh.transformations.random_rotation_matrix(random.random(3)))
    triangles, points = np.asarray(mesh.triangles), random.uniform(-2, 2, (50, 3))
    off = triangles[None] - points[:, None, None]
    norms = np.linalg.norm(off, axis=-1)
    a, b, c = off.transpose(2, 0, 1, 3)
    across = (a * b).sum(-1) * norms[..., 2] + (b * c).sum(-1) * norms[..., 0] + (c * a).sum(-1) * norms[..., 1]
    angles = 2 * np.arctan2(np.linalg.det(off), norms.prod(-1) + across)
    expected = np.rint(angles.sum(1) / (4 * np.pi))
    assert set(expected) >= {0}
    np.testing.assert_array_equal(winding_numbers(points, triangles), expected)


def test_the_seed_decides_and_the_points_make_a_prior(text_stl: Path) -> None:
    first, again, other = (points_inside(text_stl, 50, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.isclose(first, other).any(1).any()
    assert len(PointCloud.of(first).points) == 50


def faulty(name: str) -> trimesh.Trimesh:
    box = trimesh.creation.box((2, 2, 2))
    corners, faces = np.array(box.vertices), np.array(box.faces)
    if name == "open":
        faces = faces[1:]
    elif name == "three at an edge":
        corners = np.vstack([corners, [[5, 5, 5]]])
        faces = np.vstack([faces, [[faces[0, 0], faces[0, 1], 8]], [[faces[0, 0], 8, faces[0, 1]]]])
    elif name == "one turned":
        faces[0] = faces[0, ::-1]
    elif name == "nan":
        corners[0, 0] = np.nan
    elif name == "far":
        corners *= 1e7
    elif name == "flat":
        corners[:, 2] = 0
    elif name == "empty":
        faces = faces[:0]
    elif name == "thin":
        corners = corners * [1, 1, 1e-4] @ trimesh.transformations.euler_matrix(0.7, 0.7, 0)[:3, :3]
    return trimesh.Trimesh(corners, faces, process=False)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("open", "is open: 3 edges"),
        ("three at an edge", "1 edges belong to more than two"),
        ("one turned", "face opposite ways"),
        ("nan", "corners that are not numbers"),
        ("far", "corners that are not numbers up to"),
        ("flat", "less than a thousandth"),
        ("thin", "less than a thousandth"),
        ("empty", "has 0 triangles"),
    ],
)
@pytest.mark.parametrize("suffix", [".ply", ".obj"])
def test_meshes_without_an_inside_are_refused_in_one_sentence(
    name: str, reason: str, suffix: str, tmp_path: Path
) -> None:
    if (name, suffix) == ("empty", ".obj"):
        (tmp_path / "mesh.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\n")
        path = tmp_path / "mesh.obj"
    else:
        path = saved(faulty(name), tmp_path, suffix)
    with pytest.raises(GpffError, match=reason) as refusal:
        points_inside(path, 10, 0)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_too_many_triangles_and_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(trimesh.creation.icosphere(2), tmp_path)
    monkeypatch.setattr("gpff_core.formats.meshes.MOST_TRIANGLES", 319)
    with pytest.raises(GpffError, match="has 320 triangles"):
        points_inside(path, 10, 0)
    monkeypatch.setattr("gpff_core.formats.meshes.MOST_BYTES", 1000)
    with pytest.raises(GpffError, match="is larger than"):
        points_inside(path, 10, 0)


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj"])
@pytest.mark.parametrize("damage", ["half", "empty", "zeros", "noise", "letters"])
def test_damaged_files_are_refused_in_one_sentence(
    suffix: str, damage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = saved(trimesh.creation.icosphere(2), tmp_path, suffix)
    data = path.read_bytes()
    path.write_bytes(
        {
            "half": data[: len(data) // 2],
            "empty": b"",
            "zeros": bytes(500),
            "noise": np.random.default_rng(0).bytes(5000),
            "letters": b"solid nothing\nfacet normal a b c\nvertex x y z\nendfacet\nendsolid\n",
        }[damage]
    )
    with pytest.raises(GpffError) as refusal:
        points_inside(path, 10, 0)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not caplog.records, "of tracebacks"


def test_damaged_text_is_refused(text_stl: Path) -> None:
    text_stl.write_text(text_stl.read_text().replace("vertex", "vertex oops", 1))
    with pytest.raises(GpffError):
        points_inside(text_stl, 10, 0)


@pytest.mark.parametrize(
    ("name", "n", "seed", "reason"),
    [
        ("mesh.step", 10, 0, "choose one of .stl"),
        ("none.stl", 10, 0, "is not a file"),
        ("mesh.stl", 0, 0, "0 points"),
        ("mesh.stl", 100_001, 0, "100001 points"),
        ("mesh.stl", 10, -1, "seed is -1"),
    ],
)
def test_requests_that_make_no_sense_are_refused(name: str, n: int, seed: int, reason: str, text_stl: Path) -> None:
    with pytest.raises(GpffError, match=reason):
        points_inside(text_stl.parent / name, n, seed)
