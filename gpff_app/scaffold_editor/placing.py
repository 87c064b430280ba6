"""Where new atoms go: beside an atom at a bond length and a sensible angle, or beside the whole molecule."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from gpff_app.scaffold_editor.document import Document

Floats = NDArray[np.float64]

N_DIRECTIONS: Final = 4_000
"""Points of the sphere that are tried: about 3° from each other."""

N_TURNS: Final = 72
"""Turns about its new bond that are tried for a fragment, 5° apart."""

GAP: Final = 3.5
"""Å between a molecule and a fragment put beside it: no bond is seen there, and a linker of two atoms fits in."""

ANGLE_WEIGHT: Final = 20.0
"""How much a right angle counts against a distant neighbour; angles come first."""

_IDEAL_COSINE: Final = {Chem.HybridizationType.SP: -1.0, Chem.HybridizationType.SP2: -0.5}
_TETRAHEDRAL: Final = -1 / 3


def bond_length(first: int, second: int) -> float:
    """The sum of the covalent radii (Å) of two atomic numbers: a single bond."""
    table = Chem.GetPeriodicTable()
    return float(table.GetRcovalent(first) + table.GetRcovalent(second))


def open_direction(document: Document, atom: int) -> Floats:
    """The unit vector (3,) from an atom to where its next neighbour would be.

    The angles to the neighbours it has come close to those of its hybridisation, and other atoms are kept away from.
    """
    here = document.positions[atom].astype(np.float64)
    others = np.delete(document.positions.astype(np.float64), atom, axis=0)
    directions = sphere(N_DIRECTIONS)
    bonded = [document.positions[n] - here for n in document.neighbours(atom)]
    cosine = _IDEAL_COSINE.get(document.source.molecule.GetAtomWithIdx(atom).GetHybridization(), _TETRAHEDRAL)
    cost = sum((ANGLE_WEIGHT * (directions @ unit(arm) - cosine) ** 2 for arm in bonded), np.zeros(len(directions)))
    if len(others):
        gaps = np.linalg.norm((here + 1.2 * directions)[:, None] - others, axis=2)
        cost = cost + 1 / gaps.min(axis=1).clip(min=1e-3) ** 2
    free: Floats = directions[cost.argmin()]
    return free


def beside(document: Document, positions: Floats) -> Floats:
    """Positions (K, 3) shifted along x until they are `GAP` away from the document's atoms."""
    here = document.positions.astype(np.float64)
    shift = here.mean(0) - positions.mean(0)
    shift[0] = here[:, 0].max() + GAP - positions[:, 0].min()
    moved: Floats = positions + shift
    return moved


def docked(document: Document, fragment: Floats, leaving: Floats, place: Floats, direction: Floats) -> Floats:
    """A fragment's positions (K, 3) with its first atom at `place`, bonded against `direction` (3,).

    `leaving` (3,) is where the fragment's own neighbour was that the new bond replaces. Of the turns about the bond,
    the one that keeps the fragment farthest from the document's atoms is taken.
    """
    turned = (fragment - fragment[0]) @ rotation_between(unit(leaving - fragment[0]), -direction).T
    others = document.positions.astype(np.float64)
    turns = [
        place + turned @ rotation(direction, angle).T for angle in np.linspace(0, 2 * np.pi, N_TURNS, endpoint=False)
    ]
    nearest = [np.linalg.norm(turn[:, None] - others, axis=2)[1:].min(initial=np.inf) for turn in turns]
    best: Floats = turns[int(np.argmax(np.round(nearest, 3)))]
    return best


def sphere(n: int) -> Floats:
    """`n` unit vectors (n, 3), evenly spread: Fibonacci's spiral."""
    place = np.arange(n) + 0.5
    z = 1 - 2 * place / n
    angle = np.pi * (1 + 5**0.5) * place
    return np.stack([np.cos(angle) * np.sqrt(1 - z**2), np.sin(angle) * np.sqrt(1 - z**2), z], axis=1)


def unit(vector: NDArray[np.floating]) -> Floats:
    """A vector (3,) of length 1; x̂ where there is no direction."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector, dtype=np.float64) / length if length > 1e-6 else np.array([1.0, 0.0, 0.0])


def rotation(axis: Floats, angle: float) -> Floats:
    """The matrix (3, 3) that turns column vectors by `angle` (rad) about an axis (3,); Rodrigues' formula."""
    x, y, z = unit(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: Floats = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turn


def rotation_between(start: Floats, end: Floats) -> Floats:
    """The smallest turn (3, 3) that takes one unit vector to another."""
    axis = np.cross(start, end)
    if np.linalg.norm(axis) < 1e-6:  # along the same line: a half turn about any axis across it, or none
        axis = np.cross(start, np.eye(3)[np.abs(start).argmin()])
    return rotation(axis, float(np.arccos(np.clip(start @ end, -1, 1))))
