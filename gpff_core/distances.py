"""Two atoms in one place: how near is too near, and which they are."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

CLOSEST_APPROACH: Final = 0.5
"""Å. Two nuclei nearer than this are in one place; the shortest bond there is, H-H, measures 0.74 Å."""

CLOSEST_HEAVY: Final = 0.9
"""Å. No two atoms beyond hydrogen are nearer in a molecule; the shortest bond of theirs, N≡N, measures 1.10 Å."""


def colliding_pair(
    positions: NDArray[np.floating], numbers: Sequence[int] | None = None
) -> tuple[int, int, float] | None:
    """Places and distance (Å) of the two of N points (N, 3) that are most too near each other; None if none are.

    Where the atomic numbers (N,) are given, two atoms beyond hydrogen have to be farther apart than two nuclei.
    """
    distances = pdist(positions)
    if not len(distances):
        return None
    least: float | NDArray[np.floating] = CLOSEST_APPROACH
    if numbers is not None:
        heavy = np.asarray(numbers) > 1
        both = (heavy[:, None] & heavy)[np.triu_indices(len(heavy), 1)]
        least = np.where(both, CLOSEST_HEAVY, CLOSEST_APPROACH)
    nearness = distances / least
    worst = nearness.argmin()
    if nearness[worst] >= 1:
        return None
    first, second = (int(axis[worst]) for axis in np.triu_indices(len(positions), 1))
    return first, second, float(distances[worst])
