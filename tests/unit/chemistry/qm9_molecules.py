"""The shipped QM9 geometries, for chemistry on real molecules."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

PACKED = Path(__file__).parents[3] / "data" / "qm9.npz"


class Molecule(NamedTuple):
    numbers: np.ndarray
    positions: np.ndarray
    smiles: str
    gdb_index: int


class QM9:
    """Molecules of the packed file by place or by the SMILES they are filed under."""

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        with np.load(PACKED, allow_pickle=False) as stored:
            return dict(stored)

    @cached_property
    def ends(self) -> np.ndarray:
        return np.cumsum(self.arrays["n_atoms"], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, place: int) -> Molecule:
        end = self.ends[place]
        atoms = slice(end - self.arrays["n_atoms"][place], end)
        return Molecule(
            self.arrays["numbers"][atoms],
            self.arrays["positions_half_mA"][atoms] / 2000,
            self.arrays["smiles"][place].decode(),
            int(self.arrays["gdb_index"][place]),
        )

    def filed_under(self, smiles: str) -> Molecule:
        return self[int(np.flatnonzero(self.arrays["smiles"] == smiles.encode())[0])]

    def every(self, stride: int) -> Iterator[Molecule]:
        return (self[place] for place in range(0, len(self), stride))
