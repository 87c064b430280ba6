"""A structure as the 3D viewer shows it while somebody edits it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_core.errors import GpffError


@dataclass(frozen=True, eq=False)
class Model3D:
    """Atoms in 3D: `symbols`, and `positions` (N, 3) in Å; N may be 0.

    `name` says what it is: the camera stays while the name does. `bonds` are (atom, atom, order); without them bonds
    are drawn by distance. `frozen` atoms wear a lock, `selected` ones a ring; atoms are counted from 0. `forces` (N, 3)
    in Å are pseudo-forces, for arrows and colours.
    """

    name: str
    symbols: Sequence[str]
    positions: ArrayLike
    bonds: Sequence[tuple[int, int, int]] = ()
    frozen: frozenset[int] = frozenset()
    selected: frozenset[int] = frozenset()
    forces: ArrayLike | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "positions", _triples(self.positions, len(self.symbols), "positions"))
        if self.forces is not None:
            object.__setattr__(self, "forces", _triples(self.forces, len(self.symbols), "forces"))
        named = self.frozen | self.selected | {atom for bond in self.bonds for atom in bond[:2]}
        if unknown := sorted(atom for atom in named if not 0 <= atom < len(self.symbols)):
            raise GpffError(f"Atom {unknown[0]} is named, but the model has only {len(self.symbols)} atoms.")


def _triples(values: ArrayLike, n_atoms: int, what: str) -> NDArray[np.float64]:
    triples = np.asarray(values, dtype=float).reshape(-1, 3) if n_atoms == 0 else np.asarray(values, dtype=float)
    if triples.shape != (n_atoms, 3) or not np.isfinite(triples).all():
        raise GpffError(f"The {what} of the model have shape {triples.shape}; {n_atoms} finite triples are needed.")
    return triples
