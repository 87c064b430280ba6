"""What every reader gives: one molecule's atoms and where they are."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from ase import Atoms
from numpy.typing import ArrayLike, NDArray

from gpff_core.errors import GpffError
from gpff_core.molecules import Composition


class Structure(NamedTuple):
    """A molecule's atoms, in the order of the file, and their positions (N, 3) in Å."""

    composition: Composition
    positions: NDArray[np.float32]


def structure(numbers: Iterable[int], positions: ArrayLike) -> Structure:
    """Raises GpffError for unknown elements, no atoms at all, and coordinates that are not finite."""
    coordinates = np.asarray(positions, dtype=np.float32)
    if not np.isfinite(coordinates).all():
        raise GpffError("some coordinates are not finite numbers; correct or remove the structure")
    return Structure(Composition(tuple(int(number) for number in numbers)), coordinates)


def structure_of_atoms(atoms: Atoms, unit: float = 1.0) -> Structure:
    """From ASE's atoms whose lengths are in multiples of `unit` Å; crystals are refused."""
    if any(atoms.pbc):
        raise GpffError("it is periodic, and only single molecules can be learned; remove the cell or the structure")
    return structure(atoms.numbers, atoms.positions * unit)
