"""Figures against formulas, and against motions that must not change them."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from torch import from_numpy

from gpff_app.trajectories.figures import MAX_JUDGED_ATOMS, Verdicts, force_per_atom, pseudo_energy_to_end, rmsd_to
from gpff_app.trajectories.network import Forces
from gpff_app.trajectories.trajectory import MAX_ATOM_FRAMES, PSEUDO_FORCES, Trajectory
from gpff_core.calibration import visible_noise_level
from gpff_core.chemistry.shape import rmsd
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_energy
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import Checkpoint
from tests.app.trajectories.examples import COMPOSITION, ETHANOL, shrinking, tumbling


def finished(task: Verdicts | Forces) -> None:
    for _ in task.steps():
        pass


def test_a_turned_and_shifted_copy_is_at_rmsd_zero_though_its_pseudo_energy_is_not() -> None:
    trajectory = tumbling()
    assert rmsd_to(trajectory, ETHANOL.positions) == pytest.approx(np.zeros(6), abs=1e-5)
    assert pseudo_energy_to_end(trajectory)[0] > 100


def test_a_mirror_image_is_another_molecule() -> None:
    chiral = np.array([[0, 0, 0], [1.1, 0, 0], [0, 1.3, 0], [0, 0, 1.7]], dtype=np.float32)
    four = Trajectory("four", Composition((6, 1, 9, 17)), chiral[None])
    assert rmsd_to(four, chiral * [1, 1, -1])[0] > 0.1


def test_rmsd_of_every_frame_is_that_of_the_library() -> None:
    trajectory = shrinking()
    turned = trajectory.positions[-1] @ Rotation.from_euler("xyz", [10, 40, 80], degrees=True).as_matrix().T
    assert rmsd_to(trajectory, turned) == pytest.approx([rmsd(x, turned) for x in trajectory.positions])
    # A blown-up copy needs no turning: RMSD² = (s − 1)² Σ r² / N.
    radius = np.sqrt(np.square(ETHANOL.positions - ETHANOL.positions.mean(0)).sum(1).mean())
    assert rmsd_to(trajectory, ETHANOL.positions) == pytest.approx(np.linspace(1, 0, 5) * radius, abs=1e-5)


def test_pseudo_energy_is_the_methods_and_its_pull_the_pseudo_force() -> None:
    trajectory = shrinking()
    x = from_numpy(trajectory.positions)
    expected = [float(pseudo_energy(frame, x[-1])) for frame in x]
    energy = pseudo_energy_to_end(trajectory)
    assert energy == pytest.approx(expected, rel=1e-5)
    # F = 2 (X_end − X), so Σ|F|² = 4 E.
    assert force_per_atom(trajectory) == pytest.approx(np.sqrt(4 * energy / trajectory.n_atoms), rel=1e-5)
    assert force_per_atom(tumbling()) is None


def test_superposed_frames_lie_on_the_target_and_their_forces_turn_along() -> None:
    rigid = tumbling()
    turns = Rotation.random(6, rng=0).as_matrix()
    pulled = Trajectory(
        "pulled", COMPOSITION, rigid.positions, np.array([ETHANOL.positions @ t.T for t in turns], "f4")
    )
    laid = pulled.superposed_on(ETHANOL.positions)
    assert laid.positions == pytest.approx(np.broadcast_to(ETHANOL.positions, rigid.positions.shape), abs=1e-5)
    assert laid.forces == pytest.approx(np.broadcast_to(ETHANOL.positions, rigid.positions.shape), abs=1e-5)


def test_verdicts_say_where_a_molecule_begins() -> None:
    verdicts = Verdicts(shrinking())
    assert verdicts.progress == 0
    finished(verdicts)
    assert verdicts.progress == 1
    assert verdicts.smiles[-1] == "CCO"
    assert verdicts.reasons[-1] == ""
    assert verdicts.smiles[0] == ""
    assert "pieces" in verdicts.reasons[0]


def test_verdicts_that_were_stopped_go_on_where_they_were() -> None:
    verdicts = Verdicts(shrinking(500))
    steps = verdicts.steps()
    next(steps)
    judged = len(verdicts.reasons)
    assert 0 < judged < 500
    finished(verdicts)
    assert len(verdicts.reasons) == len(verdicts.smiles) == 500


def test_forces_of_the_network_are_those_of_a_call_for_each_frame(field: Checkpoint) -> None:
    trajectory = shrinking(90, forces=False)  # two calls
    task = Forces(trajectory, field)
    finished(task)
    found = task.result
    assert found is not None
    batch = AtomBatch.from_compositions([COMPOSITION])
    for place in (0, 70, 89):
        force = field(from_numpy(trajectory.positions[place]), batch).detach()
        assert found.forces[place] == pytest.approx(force.numpy(), abs=1e-4)
        assert found.sigma[place] == pytest.approx(float(visible_noise_level(force, batch)), rel=1e-3)
    assert found.forces_are == PSEUDO_FORCES
    assert found.origin["forces_from"] == "network tiny"
    assert found.fingerprint == trajectory.fingerprint
    assert found.identity != trajectory.identity


def test_unknown_elements_are_refused_before_the_network_is_asked(field: Checkpoint) -> None:
    gold = Trajectory("gold", Composition((79,)), np.zeros((2, 1, 3), np.float32))
    with pytest.raises(GpffError, match="Au cannot be generated"):
        Forces(gold, field)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((0, 9, 3), "at least one frame"),
        ((4, 8, 3), r"needs \(frames, 9, 3\)"),
        ((MAX_ATOM_FRAMES // 9 + 1, 9, 3), "keep one frame in 2 "),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(shape: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence):
        Trajectory("x", COMPOSITION, np.zeros(shape, np.float32))


def test_infinite_coordinates_and_huge_molecules_are_refused() -> None:
    with pytest.raises(GpffError, match="not finite"):
        Trajectory("x", COMPOSITION, np.full((1, 9, 3), np.inf, np.float32))
    n = MAX_JUDGED_ATOMS + 1
    with pytest.raises(GpffError, match="are judged"):
        Verdicts(Trajectory("x", Composition((6,) * n), np.zeros((1, n, 3), np.float32)))
