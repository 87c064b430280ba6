"""Stability of atoms and molecules by bond lengths alone, as E(3)-equivariant diffusion models have reported it.

Every pair of atoms gets the bond order that its distance falls under in a table of standard single, double and triple
bond lengths; an atom is stable if its orders add up to its valence, a molecule if all its atoms are. Hoogeboom et al.,
Equivariant diffusion for molecule generation in 3D, ICML 2022, whose tables and margins these are.

The tables know no aromatic and no delocalised bonds, so good molecules fail too: that is why the data's own share is
always given beside a generator's, and why `verdict` does not use them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import pdist

from gpff_core.elements import SYMBOLS
from gpff_core.errors import GpffError

VALENCES: Final = {"H": 1, "C": 4, "N": 3, "O": 2, "F": 1}
"""Sum of bond orders of a stable atom."""

_SINGLE: Final = {
    "H-H": 74, "H-C": 109, "H-N": 101, "H-O": 96, "H-F": 92,
    "C-C": 154, "C-N": 147, "C-O": 143, "C-F": 135,
    "N-N": 145, "N-O": 140, "N-F": 136,
    "O-O": 148, "O-F": 142,
    "F-F": 142,
}  # fmt: skip
_DOUBLE: Final = {"C-C": 134, "C-N": 129, "C-O": 120, "N-N": 125, "N-O": 121, "O-O": 121}
_TRIPLE: Final = {"C-C": 120, "C-N": 116, "C-O": 113, "N-N": 110}

BOND_LENGTHS: Final = ((_SINGLE, 10), (_DOUBLE, 5), (_TRIPLE, 3))
"""Standard lengths in pm of bonds of order 1, 2, 3, and by how much a bond may be longer."""


@dataclass(frozen=True)
class Stability:
    """How many of a molecule's atoms have their valence."""

    n_stable: int
    n_atoms: int

    @property
    def molecule(self) -> bool:
        return self.n_stable == self.n_atoms


def stability(numbers: Sequence[int] | NDArray[np.integer], positions: ArrayLike) -> Stability:
    """Count stable atoms of atomic `numbers` (N,) at `positions` (N, 3) in Å; GpffError for other than H C N O F."""
    indices = _table_indices(numbers)
    first, second = np.triu_indices(len(indices), 1)
    distances = 100 * pdist(np.asarray(positions, dtype=np.float64))
    orders = np.sum([distances < longest[indices[first], indices[second]] for longest in _LONGEST], axis=0)
    sums = np.bincount(first, orders, len(indices)) + np.bincount(second, orders, len(indices))
    return Stability(int((sums == _VALENCE_OF[indices]).sum()), len(indices))


def _table_indices(numbers: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
    symbols = [SYMBOLS[int(number) - 1] for number in numbers]
    unknown = sorted(set(symbols) - set(VALENCES))
    if unknown:
        raise GpffError(
            f"The stability tables have no bond lengths for {', '.join(unknown)}; they cover {' '.join(VALENCES)} only."
        )
    return np.array([list(VALENCES).index(symbol) for symbol in symbols])


def _longest(lengths: dict[str, int], margin: int) -> NDArray[np.float64]:
    """Upper limits (5, 5) in pm; 0, which no distance is below, where there is no such bond."""
    places = list(VALENCES)
    table = np.zeros((len(places), len(places)))
    for pair, length in lengths.items():
        i, j = (places.index(symbol) for symbol in pair.split("-"))
        table[i, j] = table[j, i] = length + margin
    return table


_LONGEST: Final = tuple(_longest(lengths, margin) for lengths, margin in BOND_LENGTHS)
_VALENCE_OF: Final = np.array(list(VALENCES.values()))
