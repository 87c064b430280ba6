"""The forward process of training: equilibrium structures to noise clouds.

Most structures get the one-step variance-exploding kernel X = X₀ + σε with one σ for all atoms. A share is
*heteroscedastic*: one or two random connected fragments keep σ ≈ 0 (sometimes without their hydrogens, as a scaffold
would be frozen) while the rest is noised. A share is *anisotropic*: the noise has a random covariance with the same
total variance. Both put scaffold and covariance-prior states inside the training distribution.

Shapes: M molecules padded to N atoms; sigma (M, N, 1) in Å is each atom's own noise level.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.learning.dataset import PaddedBatch

_BOND_CUTOFF = {(False, False): 1.85, (True, False): 1.30, (True, True): 0.90}
"""Å below which two atoms (hydrogen or not) count as bonded when a fragment is grown; generous on purpose."""

TWO_FRAGMENTS = 0.25
"""Share of heteroscedastic structures with two frozen fragments, as when a linker is asked for."""

SMALL_FRAGMENTS = 2.0
"""Power of a uniform draw that sets a fragment's size; above 1 favours few atoms.

Beside many frozen atoms the rest is easily told; beside two, such as a carbonyl, only training can say that they are
not noise like all others, and with even sizes (1) one structure in two hundred had so few.
"""


@dataclass(frozen=True)
class CorruptionConfig:
    """How structures are noised. Lengths in Å; ln σ ~ N(mean, spread²) truncated to [smallest, largest]."""

    log_sigma_mean: float = -0.7
    log_sigma_spread: float = 1.2
    smallest_sigma: float = 0.05
    largest_sigma: float = 30.0
    heteroscedastic_share: float = 0.1
    anisotropic_share: float = 0.1

    def __post_init__(self) -> None:
        for name in ("heteroscedastic_share", "anisotropic_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise GpffError(f"{name} is {getattr(self, name)}; it is a share of the structures, from 0 to 1.")
        if not 0 < self.smallest_sigma < self.largest_sigma:
            raise GpffError(
                f"The noise range {self.smallest_sigma} to {self.largest_sigma} Å is empty; "
                "smallest_sigma must be positive and below largest_sigma."
            )


@dataclass(frozen=True, eq=False)
class Corrupted:
    """Noised positions (M, N, 3) and each atom's σ (M, N, 1), 0 where there is no atom.

    `frozen` (M, N, 1) is 1 for the atoms of fragments that keep σ ≈ 0, 0 for others.
    """

    positions: Tensor
    sigma: Tensor
    frozen: Tensor

    def to(self, device: torch.device) -> "Corrupted":
        return Corrupted(self.positions.to(device), self.sigma.to(device), self.frozen.to(device))


def draw_sigma(config: CorruptionConfig, n: int, generator: torch.Generator) -> Tensor:
    """n noise levels from the truncated log-normal, by inversion of its cumulative distribution."""
    low, high = (
        0.5 * (1 + math.erf((math.log(s) - config.log_sigma_mean) / (config.log_sigma_spread * math.sqrt(2))))
        for s in (config.smallest_sigma, config.largest_sigma)
    )
    u = low + (high - low) * torch.rand(n, generator=generator, dtype=torch.float64)
    z = math.sqrt(2) * torch.erfinv(2 * u - 1)
    return torch.exp(config.log_sigma_mean + config.log_sigma_spread * z).float()


def draw_fragments(batch: PaddedBatch, generator: torch.Generator) -> Tensor:
    """One random connected fragment, or two, of every molecule as a boolean mask (M, N).

    Atoms are ranked by their number of bonds from a random heavy atom, or for a share of molecules from the nearer of
    two, ties broken at random; the first k are kept, from one atom to all but one, small k more often. Half the
    fragments leave out their hydrogens, and then may hold every heavy atom.
    """
    heavy = batch.numbers > 1
    one, other = (_random_member(heavy, generator) for _ in range(2))
    two = torch.rand(len(heavy), 1, generator=generator) < TWO_FRAGMENTS
    hops = _hops_from(one | (other & two), _bonded(batch))
    hydrogen_too = torch.rand(len(heavy), 1, generator=generator) < 0.5
    candidates = (batch.mask[..., 0] > 0) & (heavy | hydrogen_too)
    rank = (
        (hops + torch.rand(hops.shape, generator=generator)).masked_fill(~candidates, torch.inf).argsort(1).argsort(1)
    )
    available = candidates.sum(1) - hydrogen_too[:, 0].long()
    size = 1 + torch.floor(torch.rand(len(heavy), generator=generator) ** SMALL_FRAGMENTS * available)
    return (rank < size[:, None]) & candidates


def _bonded(batch: PaddedBatch) -> Tensor:
    hydrogen = batch.numbers == 1
    n_hydrogen = hydrogen[:, :, None].long() + hydrogen[:, None]
    cutoff = torch.tensor([_BOND_CUTOFF[False, False], _BOND_CUTOFF[True, False], _BOND_CUTOFF[True, True]])[n_hydrogen]
    atoms = batch.mask @ batch.mask.transpose(1, 2) > 0
    return (torch.cdist(batch.positions, batch.positions) < cutoff) & atoms


def _random_member(mask: Tensor, generator: torch.Generator) -> Tensor:
    """One true place of every row, as a boolean mask; the first place of a row with none."""
    draw = torch.rand(mask.shape, generator=generator).masked_fill(~mask, -1)
    return torch.zeros_like(mask).scatter_(1, draw.argmax(1, keepdim=True), value=True)


def _hops_from(seed: Tensor, bonded: Tensor) -> Tensor:
    """Bonds between every atom and the nearest atom of the seed (M, N); unreached atoms get N."""
    n = seed.shape[1]
    hops = torch.where(seed, 0.0, float(n))
    reached = seed
    for hop in range(1, n):
        grown = (bonded & reached[:, None]).any(2) | reached
        if torch.equal(grown, reached):
            break
        hops[grown & ~reached] = hop
        reached = grown
    return hops


def draw_stretches(n: int, generator: torch.Generator) -> Tensor:
    """n random linear maps (n, 3, 3) that give isotropic noise a random covariance of trace 3."""
    lengths = torch.exp(0.8 * torch.randn(n, 3, generator=generator))
    lengths = lengths * torch.sqrt(3 / lengths.square().sum(1, keepdim=True))
    rotation: Tensor = torch.linalg.qr(torch.randn(n, 3, 3, generator=generator)).Q
    return rotation * lengths[:, None]


def corrupt(batch: PaddedBatch, config: CorruptionConfig, generator: torch.Generator) -> Corrupted:
    """Noise a batch of equilibrium structures."""
    m, n = batch.numbers.shape
    sigma = draw_sigma(config, m, generator)[:, None].repeat(1, n)
    kind = torch.rand(m, generator=generator)

    heteroscedastic = kind < config.heteroscedastic_share
    fragments = torch.zeros(m, n, dtype=torch.bool)
    if heteroscedastic.any():
        fragments = draw_fragments(batch, generator) & heteroscedastic[:, None]
        jitter = torch.where(torch.rand(m, generator=generator) < 0.7, 0.0, 0.1 * torch.rand(m, generator=generator))
        sigma = torch.where(fragments, jitter[:, None], sigma)

    z = torch.randn(m, n, 3, generator=generator)
    stretched = ~heteroscedastic & (kind < config.heteroscedastic_share + config.anisotropic_share)
    if stretched.any():
        z[stretched] = z[stretched] @ draw_stretches(int(stretched.sum()), generator).transpose(1, 2)

    sigma = sigma[..., None] * batch.mask
    return Corrupted(batch.positions + sigma * z, sigma, fragments[..., None].to(sigma))
