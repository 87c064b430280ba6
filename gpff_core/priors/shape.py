"""The shape prior: a cloud that is a rod, a disc or a ball, and a field that keeps molecules that way."""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, equilibrium, pseudo_force
from gpff_core.guidance import twice_read
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.free_atoms import is_free
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, require_length

SHAPES: Final[dict[str, Point]] = {
    "rod": (0.85, 0.13, 0.02),
    "disc": (0.50, 0.45, 0.05),
    "ball": (1 / 3, 1 / 3, 1 / 3),
}
"""Shares of the variance along three axes that have a name."""

FLAT: Final = 1e-6
"""Share of the variance below which a cloud does not extend along an axis, and cannot be stretched along it."""


@dataclass(frozen=True)
class Shape(Prior):
    """A normal cloud whose variance is shared out among three axes in given ratios.

    `ratios` belong to the axes x, y, z and need not add up to 1; `sigma` (Å) is the root mean square coordinate. With
    `hold` the ratios are imposed anew before every network call, on whatever principal axes a molecule then has
    (Hessmann et al. 2026, shape guidance).
    """

    ratios: Point
    sigma: float = 1.5
    hold: bool = False

    def __post_init__(self) -> None:
        if not all(1e-4 <= ratio <= 1e4 for ratio in self.ratios):
            raise GpffError(
                f"The ratios of the shape are {self.ratios}; give three positive numbers from 0.0001 to 10000, for "
                "example 0.85, 0.13, 0.02 for a rod."
            )
        require_length(self.sigma, "The shape's σ", "1.5")

    @property
    def shares(self) -> Point:
        """The ratios, adding up to 1."""
        x, y, z = (ratio / sum(self.ratios) for ratio in self.ratios)
        return x, y, z

    @property
    def scale(self) -> float:
        return self.sigma

    @property
    def covariance(self) -> tuple[Point, ...]:
        x, y, z = (3 * self.sigma**2 * share for share in self.shares)
        return ((x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        z = noise.centred_normal(batch)
        return z * (self.sigma * (3 * torch.tensor(self.shares)).sqrt()).to(z)

    def guide(self, field: PseudoForceField) -> PseudoForceField:
        return HeldShape(field, self.shares) if self.hold else field

    def __str__(self) -> str:
        ratios = ":".join(f"{ratio:g}" for ratio in self.ratios)
        return f"shape(ratios={ratios}, sigma={self.sigma:g}, hold={self.hold})"


@dataclass(frozen=True)
class HeldShape:
    """A field that sees every molecule with its free atoms in a given shape.

    Its force on X is F = 2(X̂₀ − X) with X̂₀ the equilibrium predicted from the reshaped positions.
    """

    field: PseudoForceField
    shares: Point

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        seen = reshaped(positions, self.shares, batch)
        return pseudo_force(positions, equilibrium(seen, self.field(seen, batch)))

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return self.field.noise_level(force, batch)

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """The forces of guidance, both on the shape that is held."""
        seen = reshaped(positions, self.shares, batch)
        early, final = twice_read(self.field).early_and_final(seen, batch)
        return pseudo_force(positions, equilibrium(seen, early)), pseudo_force(positions, equilibrium(seen, final))


def reshaped(x: Tensor, shares: Point, batch: AtomBatch) -> Tensor:
    """Positions (A, 3) with each molecule's free atoms stretched along their principal axes, about their own centre.

    The largest share goes to the longest axis; the total variance stays. Axes along which there is nothing to stretch,
    as in a planar cloud, are left out, and the others share the variance in the same ratios.
    """
    weight = is_free(batch)[:, None].double()
    n = batch.total(weight).clamp(min=1)
    off = weight * (x - (batch.total(weight * x) / n)[batch.molecule])
    covariance = batch.total(off[:, :, None] * off[:, None]) / n[..., None]
    variances, axes = torch.linalg.eigh(covariance)
    stretch = (axes * _factors(variances, shares)[:, None]) @ axes.transpose(1, 2)
    # Pinned atoms have no offset, so they are moved by exactly nothing.
    moved: Tensor = x + ((stretch - torch.eye(3).to(stretch))[batch.molecule] @ off[..., None]).squeeze(-1)
    return moved.to(x)


def _factors(variances: Tensor, shares: Point) -> Tensor:
    """By how much to stretch along axes with these variances (M, 3), ascending."""
    total = variances.sum(1, keepdim=True)
    extends = variances > FLAT * total
    wanted = torch.tensor(sorted(shares)).to(variances) * extends
    goal = total * wanted / wanted.sum(1, keepdim=True).clamp(min=1e-12)
    return torch.where(extends, (goal / variances.clamp(min=1e-30)).sqrt(), 1.0)
