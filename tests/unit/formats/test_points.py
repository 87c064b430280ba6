"""Points from files of every kind people have them in."""

import contextlib
import os
from pathlib import Path

import ase.build
import ase.io
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.errors import GpffError
from gpff_core.formats.points import fitted, read_points
from gpff_core.priors import Curve

POINTS = np.array([[0.0, 1.5, -2.0], [3.25, 0.0, 1e-3], [-1.0, 7.0, 2.5]])

TEXTS = {
    "header.csv": "x,y,z\n0,1.5,-2\n3.25,0,1e-3\n-1,7,2.5\n",
    "bare.csv": "0,1.5,-2\n3.25,0,1e-3\n-1,7,2.5",
    "semicolons.csv": "0;1.5;-2\n3.25;0;1e-3\n-1;7;2.5\n",
    "blanks.txt": "# points\n  0 1.5   -2\n\n3.25\t0\t1e-3\n-1 7 2.5  \n",
    "windows.txt": "﻿x y z\r\n0 1.5 -2\r\n3.25 0 1e-3\r\n-1 7 2.5\r\n",
    "scan.xyz": "0 1.5 -2\n3.25 0 1e-3\n-1 7 2.5\n",
    "molecule.xyz": "3\nwater? no\nO 0 1.5 -2\nC 3.25 0 1e-3 0.5 0.5\nH -1 7 2.5\n",
    "trajectory.xyz": "3\n\nO 0 1.5 -2\nC 3.25 0 1e-3\nH -1 7 2.5\n3\n\nO 9 9 9\nC 9 9 9\nH 9 9 9\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_points_in_text_are_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TEXTS[name], encoding="utf-8")
    np.testing.assert_array_equal(read_points(tmp_path / name), POINTS)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32])
def test_numpys_arrays_are_read(dtype: type, tmp_path: Path) -> None:
    np.save(tmp_path / "points.npy", (4 * POINTS).astype(dtype))
    np.testing.assert_array_equal(read_points(tmp_path / "points.npy"), (4 * POINTS).astype(dtype))


def test_the_atoms_of_ases_files_are_points(tmp_path: Path) -> None:
    molecule = ase.build.molecule("C6H6")
    ase.io.write(tmp_path / "benzene.xyz", molecule, format="extxyz")
    points = read_points(tmp_path / "benzene.xyz")
    np.testing.assert_allclose(points, molecule.positions, atol=1e-7)
    assert len(Curve.of(points).points) == 12


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.csv", "", "holds 0 points"),
        ("a.csv", "x,y,z\n", "holds 0 points"),
        ("a.csv", "1,2\n", "a line with 2 coordinates"),
        ("a.csv", "1,2,3\n1,2,3,4\n", "a line with 4 coordinates"),
        ("a.csv", "1,2,3\na,b,c\n", "could not be read as points"),
        ("a.txt", "1 2 nan\n", "not finite"),
        ("a.txt", "1 2 1e999\n", "not finite"),
        ("a.txt", "1 2 3\n" * 100_001, "holds 100001 points"),
        ("a.xyz", "5\n\nC 0 0 0\n", "announces 5 atoms and has lines for 1"),
        ("a.xyz", "2\n\nC 0 0 0\nC 0 0\n", "a line with 2 coordinates"),
        ("a.npy", "not an array", "could not be read as points"),
        ("a.pdf", "1 2 3", "choose one of .npy, .csv, .txt, .xyz"),
    ],
)
def test_files_that_are_no_points_are_refused_in_one_sentence(
    name: str, text: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(GpffError, match=reason) as refusal:
        read_points(tmp_path / name)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 2)), np.zeros(3), np.array([["a", "b", "c"]]), np.array([[None] * 3]), np.zeros((2, 3), bool)],
)
def test_arrays_that_are_no_points_are_refused(array: np.ndarray, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(GpffError, match="could not be read as points"):
        read_points(tmp_path / "a.npy")


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_no_code_in_a_file_is_run(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([[Malicious(tmp_path / "made")] * 3]), allow_pickle=True)
    with pytest.raises(GpffError, match="could not be read as points"):
        read_points(tmp_path / "a.npy")
    assert not (tmp_path / "made").exists()


@given(data=st.binary(max_size=200), header=st.booleans(), suffix=st.sampled_from([".npy", ".csv", ".txt", ".xyz"]))
def test_any_bytes_are_points_or_are_refused_politely(
    data: bytes, header: bool, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes((b"\x93NUMPY\x01\x00" if header else b"") + data)
    with contextlib.suppress(GpffError):
        assert read_points(path).shape[1] == 3


def test_large_and_missing_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GpffError, match="is not a file"):
        read_points(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_text("1,2,3\n" * 10)
    monkeypatch.setattr("gpff_core.formats.points.MOST_BYTES", 50)
    with pytest.raises(GpffError, match="is larger than"):
        read_points(tmp_path / "a.csv")


def test_fitted_points_are_at_the_origin_and_of_the_size_asked_for() -> None:
    points = fitted(1e-3 * POINTS + 50, 2.5)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-9)
    assert np.sqrt(np.square(points).mean()) == pytest.approx(2.5)
    np.testing.assert_allclose(points, fitted(POINTS, 2.5), atol=1e-8)
    np.testing.assert_array_equal(fitted(POINTS[:1], 2.5), [[0, 0, 0]])
