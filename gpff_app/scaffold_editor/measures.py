"""Distance, angle and dihedral of the chosen atoms: reading them, and setting them by moving one side."""

from typing import NamedTuple

import numpy as np

from gpff_app.scaffold_editor.choosing import fragments
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.edits import move
from gpff_app.scaffold_editor.placing import Floats, rotation, unit
from gpff_core.errors import GpffError

KINDS = {2: ("Distance", "Å"), 3: ("Angle", "°"), 4: ("Dihedral", "°")}
"""Name and unit of what so many chosen atoms measure."""


class Measure(NamedTuple):
    """What the chosen atoms measure, in `unit`."""

    name: str
    value: float
    unit: str


def measure(document: Document) -> Measure | None:
    """The measure of two, three or four chosen atoms in the order of picking; None for any other number."""
    atoms = document.selected
    if len(atoms) not in KINDS:
        return None
    name, unit_ = KINDS[len(atoms)]
    return Measure(name, _VALUES[len(atoms)](document.positions[list(atoms)].astype(np.float64)), unit_)


def set_measure(document: Document, value: float) -> Document:
    """Make the chosen atoms measure `value` (Å or °); the atom picked last moves, with all that hangs on it."""
    now = measure(document)
    if now is None:
        raise GpffError("Choose two, three or four atoms to set their distance, angle or dihedral.")
    if now.unit == "Å" and not 0.5 <= value <= 100:
        raise GpffError(f"A distance of {value:g} Å cannot be set; give 0.5 to 100 Å.")
    if now.unit == "°" and not -180 <= value <= 180:
        raise GpffError(f"An angle of {value:g}° cannot be set; give -180° to 180°.")
    moving = _moving_side(document)
    here = document.positions[moving].astype(np.float64)
    picked = document.positions[list(document.selected)].astype(np.float64)
    if now.unit == "Å":
        return move(document, moving, here + (value - now.value) * unit(picked[1] - picked[0]))
    pivot = picked[-2]
    turned = rotation(_axis(picked), np.radians(value - now.value))
    return move(document, moving, pivot + (here - pivot) @ turned.T)


def _distance(x: Floats) -> float:
    return float(np.linalg.norm(x[1] - x[0]))


def _angle(x: Floats) -> float:
    return float(np.degrees(np.arccos(np.clip(unit(x[0] - x[1]) @ unit(x[2] - x[1]), -1, 1))))


def _dihedral(x: Floats) -> float:
    """IUPAC's sign: positive where the far bond is turned clockwise."""
    first, middle, last = np.diff(x, axis=0)
    across, along = np.cross(first, middle), np.cross(middle, last)
    return float(np.degrees(np.arctan2(unit(middle) @ np.cross(across, along), across @ along)))


_VALUES = {2: _distance, 3: _angle, 4: _dihedral}


def _axis(picked: Floats) -> Floats:
    """What the last atom turns about when the angle or dihedral of the picked ones (3 or 4, 3) grows."""
    if len(picked) == 4:
        along: Floats = picked[2] - picked[1]
        return along
    normal = np.cross(picked[0] - picked[1], picked[2] - picked[1])
    return normal if np.linalg.norm(normal) > 1e-6 else np.cross(picked[2] - picked[1], [0.3, 0.5, 0.8])


def _moving_side(document: Document) -> list[int]:
    """The atom picked last and what hangs on it, on the far side of the bond that is stretched, bent or turned."""
    *others, last = document.selected
    piece = next(set(piece) for piece in fragments(document) if last in piece)
    if not piece & set(others):
        return sorted(piece)
    near, far = (others[1], others[2]) if len(others) == 3 else (others[-1], last)
    if far not in document.neighbours(near):
        raise GpffError(
            f"{document.label(near)} and {document.label(far)} are not bonded, so it is not clear what should move; "
            "pick atoms along bonds, or atoms of two fragments."
        )
    side = _side(document, near, far)
    if side & set(others) - {far} or last not in side:
        raise GpffError("The bond is part of a ring, so one side cannot move alone; choose a bond outside of rings.")
    return sorted(side)


def _side(document: Document, near: int, far: int) -> set[int]:
    """What is connected to `far` without the bond from it to `near`."""
    side, front = set(), {far}
    while front:
        side |= front
        front = {n for a in front for n in document.neighbours(a) if {a, n} != {near, far}} - side
    return side
