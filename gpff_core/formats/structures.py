"""What every reader gives: one molecule's atoms and where they are."""

import enum
from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_core.composition import Composition
from gpff_core.errors import GpffError

FARTHEST: Final = 1e5
"""Å from the origin; float32 keeps 0.01 Å there, and no program puts a molecule farther."""


class Structure(NamedTuple):
    """A molecule's atoms, in the order of the file, and their positions (N, 3) in Å."""

    composition: Composition
    positions: NDArray[np.float32]


class Hydrogens(enum.StrEnum):
    """What to do with a molecule whose file leaves out hydrogens that its bonds ask for."""

    REQUIRED = "required"
    """Refuse it: `MissingHydrogensError`."""
    ADDED = "added"
    """Put them where the heavy atoms leave room; they come last, the order of the others stays."""
    AS_GIVEN = "as given"
    """Take the atoms there are."""


class MissingHydrogensError(GpffError):
    """A molecule without its hydrogens was read; reading it again with `Hydrogens.ADDED` or `AS_GIVEN` may do."""


def structure(numbers: Iterable[int], positions: ArrayLike) -> Structure:
    """Raises GpffError for unknown elements, no atoms at all, and coordinates that are not finite or far too large."""
    coordinates = np.asarray(positions, dtype=np.float64)
    if not np.isfinite(coordinates).all():
        raise GpffError("some coordinates are not finite numbers; correct or remove the structure")
    if coordinates.size and (farthest := float(np.abs(coordinates).max())) > FARTHEST:
        raise GpffError(
            f"a coordinate is {farthest:.3g} Å, and at most {FARTHEST:g} can be used; check the unit of length"
        )
    return Structure(Composition(tuple(int(number) for number in numbers)), coordinates.astype(np.float32))


def molecular(numbers: Iterable[int], positions: ArrayLike, periodic: Iterable[bool]) -> Structure:
    """The same for atoms of a format that also holds crystals, which are refused."""
    if any(periodic):
        raise GpffError(
            "it is periodic, and only single molecules can be used; remove the cell, or give the crystal as a .cif"
        )
    return structure(numbers, positions)
