"""Figures of a trajectory, one a frame. Positions (T, N, 3) and lengths in Å; arithmetic in float64."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.chemistry.shape import superposed
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError

Column = NDArray[np.float64]

ATOMS_AT_ONCE: Final = 2000
"""Atoms that are judged between two turns of the job queue: about a tenth of a second."""

MAX_JUDGED_ATOMS: Final = 300
"""Finding bond orders takes 0.03 s a frame here, and grows faster than the molecule."""


def force_per_atom(trajectory: Trajectory) -> Column | None:
    """√(Σ|F|²/N) of every frame (T,), in the unit of the forces: their root mean square over the atoms."""
    if trajectory.forces is None:
        return None
    squares = np.square(trajectory.forces, dtype=np.float64).sum((1, 2))
    mean: Column = np.sqrt(squares / trajectory.n_atoms)
    return mean


def pseudo_energy_to_end(trajectory: Trajectory) -> Column:
    """E(X|X_end) = ‖X − X_end‖² in Å² of every frame (T,): summed over all atoms, of the positions as they are.

    Nothing is superposed, so that it is the pseudo-energy of the method with the last frame as equilibrium structure;
    drift and rotation count.
    """
    x = trajectory.positions.astype(np.float64)
    energy: Column = np.square(x - x[-1]).sum((1, 2))
    return energy


def rmsd_to(trajectory: Trajectory, target: ArrayLike) -> Column:
    """Root mean square distance in Å of every frame (T,) to `target` (N, 3), each after rigid superposition."""
    offset = superposed(trajectory.positions, target) - np.asarray(target, dtype=np.float64)
    distance: Column = np.sqrt(np.square(offset).sum(2).mean(1))
    return distance


class Verdicts:
    """A task for the job queue: is each frame a molecule? Other threads may read it while it grows.

    `smiles` has one item a judged frame, "" where it is no molecule, and `reasons` says why not.
    """

    def __init__(self, trajectory: Trajectory) -> None:
        if trajectory.n_atoms > MAX_JUDGED_ATOMS:
            raise GpffError(
                f"Frames of up to {MAX_JUDGED_ATOMS} atoms are judged, and these have {trajectory.n_atoms}; "
                "everything else on this page works."
            )
        self._trajectory = trajectory
        self.smiles: list[str] = []
        self.reasons: list[str] = []

    @property
    def n_frames(self) -> int:
        return self._trajectory.n_frames

    @property
    def progress(self) -> float:
        """Share of the frames that are judged, 0 to 1."""
        return len(self.reasons) / self.n_frames

    def steps(self) -> Iterator[object]:
        """Judge frame by frame, giving control back now and then."""
        stride = max(1, ATOMS_AT_ONCE // self._trajectory.n_atoms)
        for place in range(len(self.reasons), self.n_frames):
            found = verdict(self._trajectory.composition.numbers, self._trajectory.positions[place])
            self.smiles.append(found.smiles)
            self.reasons.append(found.reason)
            if place % stride == stride - 1:
                yield place

    def keep(self) -> None:
        """What was judged is kept as it is."""
