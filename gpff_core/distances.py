"""Two atoms in one place: how near is too near, and which they are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

CLOSEST_APPROACH: Final = 0.5
"""Å. Two nuclei nearer than this are in one place; the shortest bond there is, H-H, measures 0.74 Å."""


def colliding_pair(positions: NDArray[np.floating]) -> tuple[int, int, float] | None:
    """Places and distance (Å) of the two nearest of N points (N, 3), if they are nearer than the closest approach."""
    distances = pdist(positions)
    if not len(distances) or distances.min() >= CLOSEST_APPROACH:
        return None
    first, second = (int(axis[distances.argmin()]) for axis in np.triu_indices(len(positions), 1))
    return first, second, float(distances.min())
