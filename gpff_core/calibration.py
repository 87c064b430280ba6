"""Noise level of a structure from its pseudo-forces, corrected by a curve measured once per checkpoint.

The raw estimate ‖F‖ / (2√(3N − 3)) is low between 0.3 and 2 Å, where part of the noise can be explained as a different
molecule. On held-out structures noised to known σ the network's raw estimates give a monotonic curve; reading it
backwards gives σ̂.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import raw_noise_level
from gpff_core.molecules import AtomBatch


@dataclass(frozen=True, eq=False)
class NoiseCalibration:
    """Pairs (raw, sigma), both ascending (K,) in Å; log-linear between them, proportional beyond."""

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
        return self(raw_noise_level(force, batch))


def _ascends(column: Tensor) -> bool:
    return len(column) > 1 and bool((column.diff() > 0).all() and column[0] > 0 and column.isfinite().all())
