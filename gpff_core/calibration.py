"""Noise level of a structure from its pseudo-forces, corrected by a curve measured once per checkpoint.

Of 3N − 3 coordinates that noise moves, three are turns of the whole molecule. A network cannot tell a turned molecule
from one that is not, so in a little noise it sees 3N − 6, of water half of them. What is left is low between 0.3 and
2 Å, where part of the noise can be explained as a different molecule. On held-out structures noised to known σ the
network's estimates give a monotonic curve; reading it backwards gives σ̂.
"""

import math
from dataclasses import dataclass
from typing import Final, Self

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import raw_noise_level
from gpff_core.molecules import AtomBatch

HIDING: Final = (1.2, 3.0)
"""Å. Up to the first estimate turns are hidden, from the second on they are noise like all other: measured on molecules
of 3 to 27 atoms of QM9, of which the shipped network sees (3N − 6)/(3N − 3) of the square of the noise up to 2 Å."""


def visible_noise_level(force: Tensor, batch: AtomBatch) -> Tensor:
    """‖F‖ / (2√n) per molecule (M,) in Å, n being the coordinates that noise moves and a network sees moved.

    n goes from 3N − 6 in a little noise (3N − 5 for two atoms; see `AtomBatch.hidden_rotations`) to the 3N − 3 of
    `raw_noise_level` over the range `HIDING`; more force is always more noise.
    """
    raw = raw_noise_level(force, batch)
    all_moves = batch.degrees_of_freedom.to(raw)
    seen = all_moves - batch.hidden_rotations
    factor = torch.where(seen >= 1, all_moves / seen, 1).sqrt()
    low, high = map(math.log, HIDING)
    hidden = ((high - raw.clamp(min=1e-9).log()) / (high - low)).clamp(0, 1)
    return raw * factor**hidden


@dataclass(frozen=True, eq=False)
class NoiseCalibration:
    """Pairs (raw, sigma), both ascending (K,) in Å; log-linear between them, proportional beyond.

    `raw` are estimates as `visible_noise_level` makes them.
    """

    raw: Tensor
    sigma: Tensor

    def __post_init__(self) -> None:
        if (
            self.raw.dim() != 1
            or self.raw.shape != self.sigma.shape
            or not (_ascends(self.raw) and _ascends(self.sigma))
        ):
            raise GpffError(
                "A noise calibration needs two equally long, positive, ascending columns of at least two values; "
                "measure it again."
            )

    @classmethod
    def identity(cls) -> Self:
        """The raw estimate as it is, for a network that was not calibrated yet."""
        return cls(torch.tensor([1e-2, 1e2]), torch.tensor([1e-2, 1e2]))

    def tensors(self) -> dict[str, Tensor]:
        return {"raw": self.raw, "sigma": self.sigma}

    def __call__(self, raw: Tensor) -> Tensor:
        """σ̂ for raw estimates of any shape."""
        grid, values = self.raw.log().to(raw), self.sigma.log().to(raw)
        x = raw.clamp(min=1e-9).log()
        right = torch.searchsorted(grid, x).clamp(1, len(grid) - 1)
        left = right - 1
        share = ((x - grid[left]) / (grid[right] - grid[left])).clamp(0, 1)
        inside = torch.lerp(values[left], values[right], share)
        beyond = x - x.clamp(float(grid[0]), float(grid[-1]))
        return torch.exp(inside + beyond)

    def noise_level(self, force: Tensor, batch: AtomBatch) -> Tensor:
        """σ̂ (M,) in Å of every molecule, from pseudo-forces (A, 3)."""
        return self(visible_noise_level(force, batch))


def _ascends(column: Tensor) -> bool:
    return len(column) > 1 and bool((column.diff() > 0).all() and column[0] > 0 and column.isfinite().all())
