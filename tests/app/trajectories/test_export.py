"""Files of a trajectory, read again by others."""

import io
import json
import re

import ase.io
import numpy as np
import pytest

from gpff_app.trajectories.charts import Curves
from gpff_app.trajectories.export import as_extended_xyz, as_xyz, frames_from_text
from gpff_app.trajectories.figures import Verdicts, force_per_atom, pseudo_energy_to_end, rmsd_to
from gpff_app.trajectories.html import as_html
from gpff_app.trajectories.sources import of_recording, of_upload
from gpff_app.trajectories.trajectory import FORCES_OF_A_FILE, PSEUDO_FORCES
from gpff_core.errors import GpffError
from tests.app.trajectories.examples import COMPOSITION, extended_xyz, shrinking

HOSTILE = "</script><script>alert(1)</script>"


def read_again(text: str) -> list[ase.Atoms]:
    return ase.io.read(io.StringIO(text), index=":", format="extxyz")


def test_extended_xyz_gives_positions_forces_and_provenance_back_exactly() -> None:
    trajectory = shrinking()
    verdicts = Verdicts(trajectory)
    for _ in verdicts.steps():
        pass
    frames = read_again(as_extended_xyz(trajectory, range(5), verdicts))
    # To the eight decimals of the format.
    assert np.array([atoms.positions for atoms in frames]) == pytest.approx(trajectory.positions, abs=5.1e-9, rel=0)
    assert np.array([atoms.get_forces() for atoms in frames]) == pytest.approx(trajectory.forces, abs=5.1e-9, rel=0)
    last = frames[-1].info
    assert (last["frame"], last["valid"], last["smiles"], last["pseudo_energy_to_end"]) == (4, True, "CCO", 0)
    assert last["forces_are"] == PSEUDO_FORCES
    assert frames[0].info["valid"] is np.False_ or frames[0].info["valid"] is False
    assert frames[0].info["sigma"] == pytest.approx(1)
    assert frames[0].info["made_by"] == 'a "test" \\ of 5'


def test_what_was_exported_comes_back_as_the_same_trajectory() -> None:
    trajectory = shrinking()
    again = of_upload("mine.extxyz", as_extended_xyz(trajectory, range(5)).encode())
    for name in ("positions", "forces", "sigma"):
        assert getattr(again, name) == pytest.approx(getattr(trajectory, name), abs=1e-7)
    assert again.forces_are == PSEUDO_FORCES


def test_forces_of_another_program_are_not_taken_for_pseudo_forces() -> None:
    trajectory = of_upload("theirs.xyz", extended_xyz())
    assert trajectory.n_frames == 4
    assert trajectory.forces_are == FORCES_OF_A_FILE
    assert not trajectory.by_network
    assert trajectory.sigma is None
    assert trajectory.forces == pytest.approx(np.full((4, 9, 3), 0.5))


@pytest.mark.parametrize(("written", "read"), [("0.25", True), ("1e99", False), ("nan", False), ("1-2", False)])
def test_what_another_program_calls_sigma_is_no_noise_level(written: str, read: bool) -> None:
    frames = read_again(extended_xyz().decode())
    text = io.StringIO()
    ase.io.write(text, frames, format="extxyz")
    theirs = text.getvalue().replace("Properties=", f"sigma={written} Properties=")
    trajectory = of_upload("theirs.xyz", theirs.encode())
    assert not trajectory.by_network
    assert (trajectory.sigma is not None) is read
    if read:  # and it stays theirs through our own export
        assert trajectory.sigma == pytest.approx(0.25)
        again = of_upload("again.extxyz", as_extended_xyz(trajectory, range(4)).encode())
        assert not again.by_network
        assert again.sigma == pytest.approx(0.25)


def test_ases_trajectories_are_read(tmp_path) -> None:
    path = tmp_path / "film.traj"
    frames = ase.io.read(io.StringIO(extended_xyz().decode()), index=":", format="extxyz")
    ase.io.write(path, frames)
    trajectory = of_upload("film.traj", path.read_bytes())
    assert trajectory.positions == pytest.approx(np.array([atoms.positions for atoms in frames]), abs=1e-5)


def test_plain_xyz_holds_the_chosen_frames_and_says_where_they_are_from() -> None:
    trajectory = shrinking()
    lines = as_xyz(trajectory, [3, 1]).splitlines()
    assert len(lines) == 2 * (9 + 2)
    assert json.loads(lines[1])["frame"] == 3
    assert json.loads(lines[12]) == {
        "frame": 1,
        "formula": "C2H6O",
        "sigma": pytest.approx(0.7525),
        "forces_are": PSEUDO_FORCES,
        "made_by": 'a "test" \\ of 5',
    }
    assert [float(word) for word in lines[13].split()[1:]] == pytest.approx(trajectory.positions[1, 0].tolist())


def test_the_viewer_gets_every_frame_and_a_recording_gives_them_back() -> None:
    trajectory = shrinking()
    again = of_recording(trajectory.recording(), 0, COMPOSITION, "again", {})
    assert again.identity == trajectory.identity


@pytest.mark.parametrize(
    ("text", "frames"),
    [("3", [3]), ("0, 4-6", [0, 4, 5, 6]), ("0-9:4", [0, 4, 8]), (" 2 - 3 , 3,2 ", [2, 3]), ("9-9", [9])],
)
def test_frames_are_chosen_by_words(text: str, frames: list[int]) -> None:
    assert frames_from_text(text, 10) == frames


@pytest.mark.parametrize("text", ["10", "3-2", "0-10", "1-5:0", "-1", "a", "", "1;2", "٣", "99999999999"])
def test_frames_that_are_not_there_are_refused(text: str) -> None:
    with pytest.raises(GpffError):
        frames_from_text(text, 10)


def test_the_page_carries_all_frames_and_nothing_closes_its_scripts_early() -> None:
    trajectory = shrinking()
    figures = (trajectory.sigma, force_per_atom(trajectory), True, pseudo_energy_to_end(trajectory))
    curves = Curves("x", *figures, rmsd_to(trajectory, trajectory.positions[-1]))
    page = as_html(trajectory, curves, [(0, 1, 1)], [HOSTILE] * 5)
    assert HOSTILE not in page
    assert page.count("</script>") == 3  # 3Dmol, the trajectory, the program
    assert "default-src 'none'" in page
    film = json.loads(re.search(r'id="trajectory">(.*?)</script>', page, re.DOTALL)[1])
    assert film["nFrames"] == 5
    assert film["said"][0] == HOSTILE
    assert [len(plot["values"]) for plot in film["plots"]] == [5] * 4
    assert film["plots"][2]["values"][-1] == 0
