"""Closed surfaces from 3D programs, filled with points: drawings that become point-cloud priors.

Shapes: F triangles (F, 3, 3), three corners each; points (N, 3); all in the unit of the file.
"""

import logging
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import trimesh
from numpy.typing import NDArray

from gpff_core.errors import GpffError
from gpff_core.formats.points import Points, bounded_bytes, cause_of, suffix_among
from gpff_core.priors.settings import MOST_POINTS

MOST_BYTES: Final = 50_000_000
SUFFIXES: Final = (".stl", ".ply", ".obj")
MOST_TRIANGLES: Final = 200_000
FARTHEST: Final = 1e6
THINNEST: Final = 1e-3
"""Least share of its box that a body must fill, since points are drawn from the box until enough are inside."""

PAIRS: Final = 1_000_000
"""Of a point and a triangle, looked at together."""

# Of a damaged file it logs tracebacks; the reader of ours gets a sentence.
logging.getLogger("trimesh").setLevel(logging.CRITICAL)


def points_inside(path: Path | str, n_points: int, seed: int) -> Points:
    """Points (n_points, 3) uniformly distributed inside the closed surface of an STL, PLY or OBJ file.

    Where closed surfaces overlap, inside is what any of them encloses; a surface turned inside out within another cuts
    a hole. Raises GpffError for a damaged file and for a surface that does not enclose a volume.
    """
    if not 1 <= n_points <= MOST_POINTS:
        raise GpffError(f"{n_points} points were asked for; give 1 to {MOST_POINTS}.")
    if seed < 0:
        raise GpffError(f"The seed is {seed}; it must be 0 or a positive whole number.")
    triangles = read_surface(Path(path))
    low, high = triangles.min((0, 1)), triangles.max((0, 1))
    unit = (triangles - low) / np.maximum(high - low, 1e-12)
    filled = abs(np.linalg.det(unit).sum()) / 6
    if not filled >= THINNEST:
        raise GpffError(
            f"The mesh {path} fills less than a thousandth of the box around it; thicken it or turn it along an axis."
        )
    random = np.random.default_rng(seed)
    found = np.empty((0, 3))
    while len(found) < n_points:
        candidates = random.random((min(int((n_points - len(found)) / filled) + 100, PAIRS), 3))
        found = np.concatenate([found, candidates[winding_numbers(candidates, unit) != 0]])
    inside: Points = low + found[:n_points] * (high - low)
    return inside


def read_surface(path: Path) -> Points:
    """The triangles of a file whose surface is closed, in one piece or several."""
    suffix = suffix_among(path, SUFFIXES)
    data = bounded_bytes(path, MOST_BYTES)
    try:
        mesh = trimesh.load_mesh(BytesIO(data), file_type=suffix[1:], process=False, skip_materials=True)
        triangles: Points = np.asarray(mesh.vertices, dtype=np.float64)[np.asarray(mesh.faces)]
        if triangles.shape[1:] != (3, 3):
            raise ValueError("its faces are not triangles of points in space")
    except Exception as error:  # every parser fails in its own way
        raise GpffError(f"{path} could not be read as a mesh ({cause_of(error)}); is it complete?") from error
    if fault := _fault(triangles):
        raise GpffError(f"The mesh {path} {fault}.")
    return triangles


def _fault(triangles: Points) -> str | None:
    """Why these triangles do not enclose a volume, or None."""
    if not 4 <= len(triangles) <= MOST_TRIANGLES:
        return (
            f"has {len(triangles)} triangles, and 4 to {MOST_TRIANGLES} can be used; check that it is complete and the "
            "right file, or simplify it"
        )
    if not (np.abs(triangles) <= FARTHEST).all():
        return f"has corners that are not numbers up to {FARTHEST:g}; repair it in the program it comes from"
    corners = _merged(triangles)
    proper = corners[(corners != np.roll(corners, 1, axis=1)).all(1)]
    start, end = proper.ravel(), np.roll(proper, -1, axis=1).ravel()
    sides = np.minimum(start, end) * 3 * len(triangles) + np.maximum(start, end)
    _, n_triangles = np.unique(sides, return_counts=True)
    if (n_triangles == 1).any():
        return f"is open: {(n_triangles == 1).sum()} edges belong to one triangle only; fill its holes"
    if (n_triangles > 2).any():
        return f"is not a surface: {(n_triangles > 2).sum()} edges belong to more than two triangles; separate them"
    if len(np.unique(start * 3 * len(triangles) + end)) < len(start):
        return "has neighbouring triangles that face opposite ways; recalculate its normals"
    return None


def _merged(triangles: Points) -> NDArray[np.int64]:
    """Which corner each one is, (F, 3): the same number for corners at the same place, to a millionth of the size."""
    low = triangles.min((0, 1))
    size = max(float((triangles.max((0, 1)) - low).max()), 1e-12)
    x, y, z = np.rint((triangles - low) / size * 1e6).astype(np.int64).transpose(2, 0, 1)
    _, number = np.unique((x << 42) | (y << 21) | z, return_inverse=True)
    return number.reshape(-1, 3)


def winding_numbers(points: Points, triangles: Points) -> NDArray[np.int64]:
    """How many times the closed surface is wrapped around each point (N,), 0 outside.

    Counts the triangles that a ray upwards pierces, with the sign of their orientation. Points are taken in order of x,
    so that each few of them meet only the triangles of a narrow slab.
    """
    winding = np.zeros(len(points), dtype=np.int64)
    left, right = triangles[..., 0].min(1), triangles[..., 0].max(1)
    n_chunks = max(1, len(points) * len(triangles) // PAIRS)
    for chunk in np.array_split(points[:, 0].argsort(), n_chunks):
        if len(chunk):
            x = points[chunk, 0]
            slab = triangles[(left <= x[-1]) & (right >= x[0])]
            winding[chunk] = _pierced_above(points[chunk], slab)
    return winding


def _pierced_above(points: Points, triangles: Points) -> NDArray[np.int64]:
    """Signed count of the triangles straight above each point (N,)."""
    x, y, z = points.T[:, :, None]
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = triangles.transpose(1, 2, 0)
    # Twice the signed areas, seen from above, of the triangles that the point makes with each side.
    a = (bx - x) * (cy - y) - (by - y) * (cx - x)
    b = (cx - x) * (ay - y) - (cy - y) * (ax - x)
    c = (ax - x) * (by - y) - (ay - y) * (bx - x)
    upwards = (a > 0) & (b > 0) & (c > 0)
    downwards = (a < 0) & (b < 0) & (c < 0)
    height = a * (az - z) + b * (bz - z) + c * (cz - z)
    signed: NDArray[np.int64] = (upwards & (height > 0)).sum(1) - (downwards & (height < 0)).sum(1)
    return signed
