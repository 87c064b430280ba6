"""What the settings of several priors have in common: lengths, points in space, and a short name for many numbers."""

import hashlib
import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_core.errors import GpffError

Point = tuple[float, float, float]

LONGEST: Final = 1e4
"""Å: no length and no coordinate is larger; a file whose unit is not Å usually is."""

MOST_POINTS: Final = 100_000


def require_length(length: float, what: str, example: str) -> None:
    """Refuse what is no length in Å above 0."""
    if not 0 < length <= LONGEST:
        raise GpffError(f"{what} is {length} Å; it must be positive and at most {LONGEST:g}, for example {example}.")


def require_points(points: tuple[Point, ...], what: str, fewest: int = 1) -> None:
    """Refuse too few points, too many, and coordinates that are not finite or far away."""
    if not fewest <= len(points) <= MOST_POINTS:
        raise GpffError(f"{what} has {len(points)} points; give {fewest} to {MOST_POINTS}.")
    place = next((i for i, point in enumerate(points) if not all(abs(x) <= LONGEST for x in point)), None)
    if place is not None:
        raise GpffError(
            f"Point {place + 1} of {what[0].lower() + what[1:]} is {points[place]} Å; coordinates must be numbers from "
            f"−{LONGEST:g} to {LONGEST:g}, so check the unit and correct or remove the point."
        )


def as_points(points: ArrayLike) -> tuple[Point, ...]:
    """The rows of an array (N, 3) as settings; GpffError for any other shape."""
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise GpffError(f"The points have the shape {array.shape}; give three coordinates in Å for each point.")
    return tuple((x, y, z) for x, y, z in array.tolist())


def as_matrix(covariance: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((x, y, z) for x, y, z in covariance.tolist())


def root_mean_square(covariance: tuple[Point, ...]) -> float:
    """The root mean square coordinate (Å) of a distribution with this covariance (Å²)."""
    return math.sqrt(sum(covariance[i][i] for i in range(3)) / 3)


def fingerprint(numbers: ArrayLike) -> str:
    """Twelve letters and digits that tell one set of numbers from another."""
    return hashlib.sha256(np.asarray(numbers, dtype="<f8").tobytes()).hexdigest()[:12]
