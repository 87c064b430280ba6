"""Films of runs: what of a recording is shown of one molecule."""

import numpy as np

from gpff_app.recording import Frame, Recording
from gpff_app.trajectories.sources import of_recording
from gpff_core.composition import Composition

HYDROGEN = Composition((1, 1))


def recorded(pulls: list[tuple[float, float]]) -> Recording:
    """Two hydrogen molecules side by side; in each frame the first atom of each is pulled at so hard."""
    recording = Recording("run", [("H", "H"), ("H", "H")], len(pulls))
    for step, pair in enumerate(pulls):
        forces = np.zeros((4, 3), np.float32)
        forces[[0, 2], 0] = pair
        x = np.full((4, 3), step, np.float32)
        recording.add((0, 1), Frame(x, forces, np.array(pair, np.float32)))
    return recording


def test_frames_in_which_a_molecule_rested_beside_others_are_left_out() -> None:
    recording = recorded([(3, 3), (1, 2), (0, 1), (0, 0.5), (0.1, 0.1)])
    first, second = (of_recording(recording, place, HYDROGEN, "film", {}) for place in (0, 1))
    assert first.positions[:, 0, 0].tolist() == [0, 1, 4], "and the result is the last one"
    assert first.forces is not None
    assert first.forces[:, 0, 0].tolist() == first.sigma.tolist() == [3, 1, np.float32(0.1)]
    assert len(second.positions) == 5


def test_a_molecule_that_never_moved_keeps_its_frames_and_has_no_forces() -> None:
    film = of_recording(recorded([(0, 3), (0, 1)]), 0, HYDROGEN, "film", {})
    assert len(film.positions) == 2
    assert film.forces is None
