"""Pseudo-forces and noise levels of a trajectory, by the network, on request."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import torch

from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.composition import check_elements
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import Checkpoint

ATOMS_AT_ONCE: Final = 600
"""Atoms in one network call: about a tenth of a second, so that the queue stays fair."""


class Forces:
    """A task for the job queue: one network call a frame; `result` is there once every frame has been seen.

    GpffError for elements the network does not know.
    """

    def __init__(self, trajectory: Trajectory, field: Checkpoint) -> None:
        check_elements([trajectory.composition], field.elements, field.name)
        self.trajectory = trajectory
        self.result: Trajectory | None = None
        self._field = field
        self._n_done = 0

    @property
    def progress(self) -> float:
        """Share of the frames that are done, 0 to 1."""
        return self._n_done / self.trajectory.n_frames

    def steps(self) -> Iterator[object]:
        """Some frames a step."""
        shown = self.trajectory
        forces = np.empty_like(shown.positions)
        sigma = np.empty(shown.n_frames, np.float32)
        at_once = max(1, ATOMS_AT_ONCE // shown.n_atoms)
        for first in range(0, shown.n_frames, at_once):
            some = slice(first, min(first + at_once, shown.n_frames))
            forces[some], sigma[some] = self._pull(shown.positions[some])
            self._n_done = some.stop
            yield some.stop
        self.result = shown.with_forces(forces, sigma, self._field.name)

    def keep(self) -> None:
        """Forces of some of the frames are of no use, so nothing is kept."""

    @torch.inference_mode()
    def _pull(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        batch = AtomBatch.from_compositions([self.trajectory.composition] * len(positions), self._field.device)
        force = self._field(torch.from_numpy(positions.reshape(-1, 3)).to(self._field.device), batch)
        return force.cpu().numpy().reshape(positions.shape), self._field.noise_level(force, batch).cpu().numpy()
