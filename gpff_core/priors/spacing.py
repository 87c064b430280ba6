"""Moving the atoms of a cloud apart.

Of 18 atoms drawn from a normal cloud as wide as their molecule, some four pairs are nearer than any two atoms ever are,
and a sampler of a few calls spends them on pulling those apart (docs/adr/0022).
"""

from typing import Final

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch
from gpff_core.priors.free_atoms import is_free

ROUNDS: Final = 20
"""Each moves every pair that is too near apart by what it lacks; crowds need several."""


def spaced(x: Tensor, batch: AtomBatch, distance: float) -> Tensor:
    """Positions (A, 3) with the free atoms of each molecule moved apart to about `distance` (Å) at least.

    The two of a pair move by the same way, so the cloud's centre stays where it is. Where there is no room, as in a
    cloud far smaller than its atoms, it grows as far as the rounds lead.
    """
    p, free = batch.pad(x), batch.pad(is_free(batch))
    pairs = free[:, :, None] & free[:, None] & ~torch.eye(batch.longest, dtype=torch.bool, device=x.device)
    for _ in range(ROUNDS):
        between = p[:, :, None] - p[:, None]
        length = between.norm(dim=-1).clamp(min=1e-6)
        lacking = ((distance - length).clamp(min=0) / length).masked_fill(~pairs, 0)
        p = p + 0.5 * (lacking[..., None] * between).sum(2)
    return batch.unpad(p)
