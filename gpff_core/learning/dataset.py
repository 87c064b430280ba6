"""Equilibrium structures in memory, and batches of similar size drawn from them in a reproducible order."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.learning.split import Split, split_of
from gpff_core.molecules import Composition


@dataclass(frozen=True, eq=False)
class PaddedBatch:
    """M structures padded to N atoms: numbers (M, N), centred positions (M, N, 3) in Å, mask (M, N, 1)."""

    numbers: Tensor
    positions: Tensor
    mask: Tensor

    def to(self, device: torch.device) -> "PaddedBatch":
        return PaddedBatch(*(t.to(device, non_blocking=True) for t in (self.numbers, self.positions, self.mask)))


@dataclass(frozen=True, eq=False)
class MoleculeDataset:
    """Structures one after another: numbers (A,), positions (A, 3) in Å, counts (M,) and a fixed identifier each."""

    numbers: Tensor
    positions: Tensor
    counts: Tensor
    identifiers: NDArray[np.int32]

    @classmethod
    def from_npz(cls, path: Path) -> "MoleculeDataset":
        """Read the packed format of `data/qm9.npz` (int16 positions in units of 0.5 mÅ)."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
                return cls(
                    numbers=torch.from_numpy(data["numbers"].astype(np.int64)),
                    positions=torch.from_numpy(data["positions_half_mA"].astype(np.float32) / 2000),
                    counts=torch.from_numpy(data["n_atoms"].astype(np.int64)),
                    identifiers=data["gdb_index"].astype(np.int32),
                )
        except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
            raise GpffError(
                f"{path.name} could not be read as a packed data set ({error}); it needs the arrays numbers, "
                "positions_half_mA, n_atoms and gdb_index, as data/qm9.npz has."
            ) from error

    @classmethod
    def from_structures(cls, structures: Iterable[tuple[Composition, NDArray[np.floating]]]) -> "MoleculeDataset":
        """Structures from any reader of `gpff_core.formats`; their identifiers are their places in the file."""
        pairs = list(structures)
        if not pairs:
            raise GpffError("The data set holds no structures; give a file with at least one molecule.")
        return cls(
            numbers=torch.tensor([z for composition, _ in pairs for z in composition.numbers]),
            positions=torch.from_numpy(np.concatenate([x for _, x in pairs]).astype(np.float32)),
            counts=torch.tensor([len(composition) for composition, _ in pairs]),
            identifiers=np.arange(len(pairs), dtype=np.int32),
        )

    def __len__(self) -> int:
        return len(self.counts)

    @cached_property
    def starts(self) -> Tensor:
        return torch.cumsum(self.counts, 0) - self.counts

    @cached_property
    def elements(self) -> tuple[int, ...]:
        return tuple(int(z) for z in torch.unique(self.numbers))

    def indices_of(self, split: Split) -> Tensor:
        """Places of the structures of one split, ascending."""
        return torch.from_numpy(np.flatnonzero(split_of(self.identifiers) == split))

    def spread_over(self, split: Split, n: int) -> Tensor:
        """Places of up to `n` structures of a split, evenly over the set: its first ones are often its smallest."""
        places = self.indices_of(split)
        return places[torch.linspace(0, len(places) - 1, min(n, len(places))).round().long()]

    def composition(self, index: int) -> Composition:
        start, count = int(self.starts[index]), int(self.counts[index])
        return Composition(tuple(self.numbers[start : start + count].tolist()))

    def padded(self, indices: Tensor, n_atoms: int | None = None) -> PaddedBatch:
        """The structures at `indices` (M,), centred and padded to `n_atoms` (default: the largest of them)."""
        counts = self.counts[indices]
        width = int(counts.max()) if n_atoms is None else n_atoms
        place = torch.arange(width)
        mask = place < counts[:, None]
        atoms = torch.where(mask, self.starts[indices][:, None] + place, 0)
        weight = mask[..., None].to(torch.float32)
        x = self.positions[atoms] * weight
        x = (x - x.sum(1, keepdim=True) / counts[:, None, None]) * weight
        return PaddedBatch(torch.where(mask, self.numbers[atoms], 0), x, weight)


class BatchOrder:
    """Which structures make up training batch number k, as a pure function of the seed and k.

    Structures are grouped by size so that little of a batch is padding, every batch is full, and each epoch visits
    every structure once (the last batches of a size are filled up from its beginning). Nothing is remembered between
    batches, so a run that was killed continues exactly where it stopped. Of every `n_together` batches, which as many
    devices work on at the same time, all have one size, or the others would wait for whoever has the largest.
    """

    SIZE_QUANTILES = (0.35, 0.7, 0.98, 1.0)
    """Padded sizes: few, because each is compiled once; closer at the top, where one big molecule pads all others."""

    def __init__(
        self, dataset: MoleculeDataset, indices: Tensor, batch_size: int, seed: int, n_together: int = 1
    ) -> None:
        self._batch_size, self._seed, self._n_together = batch_size, seed, n_together
        counts = dataset.counts[indices]
        levels = torch.tensor(self.SIZE_QUANTILES, dtype=torch.float64)
        self._widths = torch.unique(torch.quantile(counts.double(), levels, interpolation="higher").long())
        bucket = torch.searchsorted(self._widths, counts)
        self._members = [indices[bucket == b] for b in range(len(self._widths))]
        self._groups_of = [-(-len(members) // (batch_size * n_together)) for members in self._members]
        self._epoch, self._plan = -1, torch.empty(0)

    @property
    def batches_per_epoch(self) -> int:
        return self._n_together * sum(self._groups_of)

    def __getitem__(self, k: int) -> tuple[Tensor, int]:
        """Indices (batch_size,) of batch k and the number of atoms to pad to."""
        epoch, place = divmod(k, self.batches_per_epoch)
        if epoch != self._epoch:
            self._shuffle(epoch)
        group, within = divmod(place, self._n_together)
        bucket, offset = self._plan[group].tolist()
        offset = offset * self._n_together + within
        members = self._shuffled[bucket]
        chosen = torch.arange(offset * self._batch_size, (offset + 1) * self._batch_size) % len(members)
        return members[chosen], int(self._widths[bucket])

    def _shuffle(self, epoch: int) -> None:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + epoch)
        self._shuffled = [members[torch.randperm(len(members), generator=generator)] for members in self._members]
        plan = torch.tensor([(b, offset) for b, n in enumerate(self._groups_of) for offset in range(n)])
        self._plan = plan[torch.randperm(len(plan), generator=generator)]
        self._epoch = epoch
