"""The triangle of principal-moment ratios, between rod, disc and ball, and the variances a cloud has at each place.

For a cloud whose points weigh alike, with variances s₁ ≥ s₂ ≥ s₃ along its axes, the moments of inertia are
I₁ = s₂ + s₃, I₂ = s₁ + s₃, I₃ = s₁ + s₂; NPR1 = I₁/I₃ and NPR2 = I₂/I₃ (Sauer and Schwarz 2003). Both ways are exact.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float]
"""(NPR1, NPR2)."""

CORNERS: Final[dict[str, Place]] = {"rod": (0.0, 1.0), "disc": (0.5, 0.5), "ball": (1.0, 1.0)}

THINNEST_SHARE: Final = 0.005
"""Least share of the variance along an axis that is made of a place in the triangle: its rim has no thickness."""

CLEAR: Final = 0.55
"""The weight of a corner from which on a place is called by its name."""

SPACING: Final = 0.0125
"""Between the places that can be clicked."""


def place_of_variances(variances: Sequence[float]) -> Place:
    """Where a cloud with these variances along its axes (any order) lies in the triangle."""
    third, second, first = sorted(variances)
    return (second + third) / (first + second), (first + third) / (first + second)


def place_of_covariance(covariance: Sequence[Sequence[float]]) -> Place:
    """Where a cloud with this covariance (3, 3) lies in the triangle."""
    return place_of_variances(np.linalg.eigvalsh(np.asarray(covariance, dtype=float)).clip(min=0).tolist())


def shares_at(place: Place) -> tuple[float, float, float]:
    """The shares of the variance, largest first, of a cloud at a place; the nearest of the triangle if it is outside.

    No share is below `THINNEST_SHARE`.
    """
    first, second = inside(place)
    largest = 2 / (1 + first + second)  # I₃ in units of the whole variance, since I₁ + I₂ + I₃ is twice that
    shares = np.array([1 - first * largest, 1 - second * largest, 1 - largest])
    s1, s2, s3 = (shares.clip(min=THINNEST_SHARE) / shares.clip(min=THINNEST_SHARE).sum()).tolist()
    return s1, s2, s3


def inside(place: Place) -> Place:
    """The place itself, or the nearest one in the triangle."""
    x, y = place
    if 1 - x <= y <= 1 and x <= y:
        return x, y
    corners = np.array([CORNERS[name] for name in ("rod", "disc", "ball")])
    edges = [(corners[i], corners[(i + 1) % 3]) for i in range(3)]
    nearest = min((_on_edge(np.array(place), *edge) for edge in edges), key=lambda point: np.hypot(*(point - place)))
    return float(nearest[0]), float(nearest[1])


def grid() -> NDArray[np.float64]:
    """The places that can be clicked (G, 2), evenly over the triangle and its rim."""
    n = round(0.5 / SPACING)
    rod, disc, ball = (np.array(CORNERS[name]) for name in ("rod", "disc", "ball"))
    return np.array(
        [(i * disc + j * ball + (n - i - j) * rod) / n for i in range(n + 1) for j in range(n + 1 - i)], dtype=float
    )


def in_words(place: Place) -> str:
    """The corner a place belongs to, or the corners it lies between, by its barycentric coordinates."""
    x, y = inside(place)
    weights = {"rod": y - x, "disc": 2 * (1 - y), "ball": x + y - 1}
    (most, nearest), (_, other), (least, _) = sorted(((w, name) for name, w in weights.items()), reverse=True)
    if most >= CLEAR:
        return nearest
    return "between all three" if least >= 0.2 else f"between {nearest} and {other}"


def _on_edge(point: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    along = end - start
    nearest: NDArray[np.float64] = start + along * float(np.clip((point - start) @ along / (along @ along), 0, 1))
    return nearest
