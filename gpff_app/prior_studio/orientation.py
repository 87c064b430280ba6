"""A covariance as axis lengths and turns, and back: what the ellipsoid's controls say to each other."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Matrix = NDArray[np.float64]


def axes_of(matrix: Matrix, near: Sequence[float]) -> tuple[list[float], list[float]]:
    """Standard deviations (Å) along three axes, and turns about x, y, z (degrees, fixed axes) that bring them there.

    Of the many ways to name the same axes, the one nearest to the turns `near` is given, so that an ellipsoid does not
    swap its axes while one changes it. `Covariance.from_axes` is the way back.
    """
    variances, directions = np.linalg.eigh(matrix)
    wanted = Rotation.from_euler("xyz", near, degrees=True).as_matrix()
    order = max(permutations(range(3)), key=lambda p: float(np.abs((wanted * directions[:, p]).sum(0)).sum()))
    turned = _facing(directions[:, order], wanted)
    if _is_round(variances):
        turned = wanted  # every direction is an axis
    angles = Rotation.from_matrix(turned).as_euler("xyz", degrees=True, suppress_warnings=True)
    lengths = np.sqrt(variances[list(order)])
    return [round(float(length), 6) for length in lengths], [round(float(angle), 4) + 0.0 for angle in angles]


def _facing(directions: Matrix, wanted: Matrix) -> Matrix:
    """The same axes, each pointing the way `wanted` does as far as a proper rotation allows."""
    along = (wanted * directions).sum(0)
    turned = directions * np.where(along < 0, -1.0, 1.0)
    if np.linalg.det(turned) < 0:
        turned[:, int(np.abs(along).argmin())] *= -1
    return turned


def _is_round(variances: Matrix) -> bool:
    return bool(np.ptp(variances) <= 1e-9 * variances.max())
