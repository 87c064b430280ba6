"""Points and curves to begin with, and what one does to any of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from gpff_core.errors import GpffError
from gpff_core.formats.points import fitted
from gpff_core.priors.settings import as_points

Rows = list[list[float]]

GOLDEN_ANGLE: Final = np.pi * (3 - 5**0.5)


def rows(points: ArrayLike) -> Rows:
    """Points as plain numbers, to a thousandth of an Å."""
    return [[round(x, 3) + 0.0 for x in point] for point in as_points(points)]


def size_of(points: Sequence[Sequence[float]]) -> float:
    """Root mean square coordinate in Å about the centre."""
    x = np.asarray(points, dtype=float)
    return float(np.sqrt(np.square(x - x.mean(0)).mean()))


def resized(points: Sequence[Sequence[float]], size: float) -> Rows:
    """The points about the origin, with a root mean square coordinate of `size` Å."""
    if not 0 < size <= 1000:
        raise GpffError(f"The size is {size:g} Å; give a positive number up to 1000, for example 1.8.")
    return rows(fitted(np.asarray(points, dtype=float), size))


def ring(n: int = 24, radius: float = 2.2) -> Rows:
    angle = 2 * np.pi * np.arange(n) / n
    return rows(np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * angle], axis=1))


def sphere(n: int = 80, radius: float = 2.5) -> Rows:
    """Points spread over a sphere (Fibonacci lattice)."""
    z = 1 - 2 * (np.arange(n) + 0.5) / n
    angle = GOLDEN_ANGLE * np.arange(n)
    across = np.sqrt(1 - z**2)
    return rows(radius * np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1))


def sheet(n: int = 7, side: float = 6.0) -> Rows:
    steps = np.linspace(-side / 2, side / 2, n)
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    return rows(np.stack([x, y, 0 * x], axis=1))


def tube(n: int = 8, radius: float = 1.3, length: float = 6.0) -> Rows:
    angle, z = (grid.ravel() for grid in np.meshgrid(2 * np.pi * np.arange(n) / n, np.linspace(-0.5, 0.5, n) * length))
    return rows(np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1))


def straight(length: float = 8.0) -> Rows:
    return rows([[-length / 2, 0, 0], [length / 2, 0, 0]])


def arc(n: int = 9, radius: float = 3.0) -> Rows:
    angle = np.linspace(0, np.pi, n)
    return rows(np.stack([radius * np.cos(angle), radius * (np.sin(angle) - 0.5), 0 * angle], axis=1))


def wave(n: int = 21, length: float = 8.0, height: float = 1.2) -> Rows:
    x = np.linspace(-0.5, 0.5, n)
    return rows(np.stack([length * x, height * np.sin(4 * np.pi * x), 0 * x], axis=1))


def helix(n: int = 25, radius: float = 1.6, length: float = 5.0, turns: float = 2.0) -> Rows:
    angle = 2 * np.pi * turns * np.linspace(0, 1, n)
    return rows(np.stack([radius * np.cos(angle), radius * np.sin(angle), length * np.linspace(-0.5, 0.5, n)], axis=1))
