"""The atoms a prior has to place: those without a pin.

Shapes: A atoms, M molecules.
"""

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise


def is_free(batch: AtomBatch) -> Tensor:
    """(A,), true for an atom without a pin."""
    if batch.pins is None:
        return torch.ones_like(batch.numbers, dtype=torch.bool)
    return ~batch.pins.pinned.squeeze(-1)


def n_free(batch: AtomBatch) -> Tensor:
    """Free atoms of each molecule, (M,)."""
    return batch.total(is_free(batch).long())


def shuffled(batch: AtomBatch, noise: Noise) -> Tensor:
    """The place of each free atom in a random order of its molecule's, from 0 (A,); pinned atoms come last."""
    keys = torch.where(is_free(batch), 2 - noise.uniform(batch), 1.0)
    order = batch.pad(keys).argsort(stable=True, dim=1, descending=True)
    return batch.unpad(order.argsort(1))


def one_each(batch: AtomBatch, noise: Noise) -> Tensor:
    """One number between 0 and 1 for each molecule, (M,)."""
    return noise.uniform(batch)[torch.cumsum(batch.counts, 0) - batch.counts]
