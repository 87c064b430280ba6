"""A recorded run of one molecule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.samplers.step import Step


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Positions (T, N, 3) shown to the field, pseudo-forces (T, N, 3) on them, σ̂ (T,), and the result (N, 3); all in Å.

    The result is the equilibrium predicted in the last frame; no force was computed on it.
    """

    place: int
    composition: Composition
    positions: NDArray[np.float32]
    forces: NDArray[np.float32]
    sigma: NDArray[np.float32]
    result: NDArray[np.float32]


class TrajectoryRecorder:
    """Collects the steps of one batch."""

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def append(self, step: Step) -> None:
        self._steps.append(step)

    def trajectories(
        self, places: tuple[int, ...], compositions: tuple[Composition, ...], batch: AtomBatch
    ) -> list[Trajectory]:
        """One trajectory per molecule; a molecule that stopped by itself ends where it stopped."""
        if not self._steps:
            return []
        frames = [
            (batch.split(step.x.cpu()), batch.split(step.force.cpu()), step.sigma.tolist(), step.n_evaluations.tolist())
            for step in self._steps
        ]
        results = batch.split(self._steps[-1].x0_hat.cpu())
        trajectories = []
        for m, (place, composition) in enumerate(zip(places, compositions, strict=True)):
            moving = [k for k in range(len(frames)) if k == 0 or frames[k][3][m] > frames[k - 1][3][m]]
            trajectories.append(
                Trajectory(
                    place,
                    composition,
                    positions=np.stack([frames[k][0][m].numpy() for k in moving]),
                    forces=np.stack([frames[k][1][m].numpy() for k in moving]),
                    sigma=np.array([frames[k][2][m] for k in moving], dtype=np.float32),
                    result=results[m].numpy(),
                )
            )
        return trajectories
