"""The translucent shapes that stand for a prior in the 3D view; the words are the viewer's (`gpff_app.viewer`)."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from gpff_app.prior_studio.kind import Design, Picture
from gpff_app.watching import half_axes
from gpff_core.priors import Prior

Shape = dict[str, Any]

POINT_RADIUS: Final = 0.1  # Å
MOST_POINTS_DRAWN: Final = 3000


def ellipsoid(
    covariance: ArrayLike, centre: Sequence[float] = (0.0, 0.0, 0.0), *, name: str = "prior", movable: bool = False
) -> Shape:
    """One standard deviation of a normal cloud with this covariance (3, 3) in Å²."""
    return {
        "kind": "ellipsoid",
        "id": name,
        "centre": [float(x) for x in centre],
        "axes": half_axes(covariance).tolist(),
        "tint": "prior",
        "movable": movable,
    }


def as_ellipsoid(design: Design, prior: Prior) -> Picture:
    """The picture of a prior that is one normal cloud."""
    return Picture([ellipsoid(prior.covariance)])


def dots(points: ArrayLike, *, tint: str = "mark", radius: float = POINT_RADIUS) -> Shape:
    """Points (P, 3) in Å; of very many, evenly chosen ones."""
    x = np.asarray(points, dtype=float)
    chosen = x[:: -(-len(x) // MOST_POINTS_DRAWN)] if len(x) else x
    return {"kind": "points", "points": chosen.round(4).tolist(), "radius": radius, "tint": tint}


def line(points: ArrayLike, *, closed: bool = False) -> Shape:
    """Straight from corner to corner (P, 3) in Å."""
    x = np.asarray(points, dtype=float).tolist()
    return {"kind": "line", "points": [*x, *x[:1]] if closed else x, "tint": "prior"}


def mesh(vertices: ArrayLike, faces: ArrayLike) -> Shape:
    """Triangles (F, 3) between vertices (V, 3) in Å."""
    return {
        "kind": "mesh",
        "vertices": np.asarray(vertices, dtype=float).tolist(),
        "faces": np.asarray(faces, dtype=int).tolist(),
        "tint": "prior",
    }
