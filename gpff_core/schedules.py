"""Noise schedules: decreasing noise levels σ in Å, ending in 0."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from gpff_core.errors import GpffError


class NoiseSchedule(Protocol):
    """`sigmas(n)` gives the n levels a sampler visits, strictly decreasing, and a final 0: (n + 1,), float64, in Å."""

    @property
    def sigma_max(self) -> float: ...

    def sigmas(self, n: int) -> Tensor: ...


@dataclass(frozen=True)
class Geometric:
    """A constant ratio between neighbouring levels (Song et al. 2021)."""

    sigma_max: float = 10.0
    sigma_min: float = 0.02

    def __post_init__(self) -> None:
        _check_range(self.sigma_min, self.sigma_max)

    def sigmas(self, n: int) -> Tensor:
        return _ending_in_zero(self.sigma_max * (self.sigma_min / self.sigma_max) ** _progress(n))


@dataclass(frozen=True)
class Karras:
    """σ_i = (σ_max^{1/ρ} + i/(n−1) (σ_min^{1/ρ} − σ_max^{1/ρ}))^ρ (Karras et al. 2022, eq. 5)."""

    sigma_max: float = 10.0
    sigma_min: float = 0.02
    rho: float = 7.0

    def __post_init__(self) -> None:
        _check_range(self.sigma_min, self.sigma_max)
        if not 0 < self.rho < float("inf"):
            raise GpffError(f"ρ is {self.rho}; it must be positive and finite, and 7 is the usual choice.")

    def sigmas(self, n: int) -> Tensor:
        high, low = self.sigma_max ** (1 / self.rho), self.sigma_min ** (1 / self.rho)
        return _ending_in_zero((high + _progress(n) * (low - high)) ** self.rho)


def _check_range(sigma_min: float, sigma_max: float) -> None:
    if not 0 < sigma_min < sigma_max < float("inf"):
        raise GpffError(
            f"The noise levels {sigma_max} to {sigma_min} Å do not decrease to a positive end; "
            "give 0 < sigma_min < sigma_max, for example 0.02 and 10."
        )


def _progress(n: int) -> Tensor:
    """0 … 1 in n places."""
    if n < 1:
        raise GpffError(f"A schedule of {n} steps does nothing; give at least 1 step.")
    return torch.linspace(0, 1, n, dtype=torch.float64)


def _ending_in_zero(levels: Tensor) -> Tensor:
    return torch.cat([levels, levels.new_zeros(1)])
