"""The full-covariance Gaussian prior: a cloud with a shape and an orientation."""

import math
from dataclasses import dataclass
from typing import Final, Self

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors.protocol import Prior
from gpff_core.priors.settings import Point, as_points, require_points

THINNEST: Final = 0.3
"""Å: least standard deviation along any axis of a covariance taken from a molecule, which may be planar or linear."""


@dataclass(frozen=True)
class Covariance(Prior):
    """Every atom's position normal with the same symmetric positive-definite covariance (Å²).

    The entries are those of the matrix [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]].
    """

    xx: float
    yy: float
    zz: float
    xy: float = 0.0
    xz: float = 0.0
    yz: float = 0.0

    def __post_init__(self) -> None:
        entries = (self.xx, self.yy, self.zz, self.xy, self.xz, self.yz)
        given = ",".join(f"{entry:g}" for entry in entries)
        if not all(math.isfinite(entry) for entry in entries):
            raise GpffError(f"The covariance {given} has an entry that is not a number; give six finite values in Å².")
        eigenvalues = torch.linalg.eigvalsh(self._matrix())
        if float(eigenvalues[0]) <= 1e-9 * max(float(eigenvalues[-1]), 0.0):
            raise GpffError(
                f"The covariance {given} (xx,yy,zz,xy,xz,yz) is not positive-definite (smallest eigenvalue "
                f"{float(eigenvalues[0]):g} Å²); make the variances positive and the off-diagonal entries smaller."
            )

    @classmethod
    def from_axes(cls, lengths: tuple[float, float, float], rotation_degrees: tuple[float, float, float]) -> Self:
        """From standard deviations (Å) along three axes, turned about x, then y, then z (degrees, fixed axes)."""
        if not all(0 < length < math.inf for length in lengths):
            raise GpffError(f"The axis lengths are {lengths} Å; all three must be positive, for example 3, 1, 1.")
        rotation = _rotation(*(math.radians(angle) for angle in rotation_degrees))
        return cls._of_matrix(rotation @ torch.diag(torch.tensor(lengths, dtype=torch.float64).square()) @ rotation.T)

    @classmethod
    def of_positions(cls, positions: ArrayLike, scale: float = 1.0) -> Self:
        """The size, shape and orientation of a molecule at `positions` (N, 3) in Å, enlarged by `scale`.

        A molecule of as many atoms drawn from it has, on average, that molecule's covariance. No axis is thinner than
        0.3 Å.
        """
        points = as_points(positions)
        require_points(points, "The molecule")
        if not 1e-3 <= scale <= 1e3:
            raise GpffError(f"The molecule's size is multiplied by {scale}; give 0.001 to 1000, for example 1.")
        x = torch.tensor(points, dtype=torch.float64)
        off = scale * (x - x.mean(0))
        variances, axes = torch.linalg.eigh(off.T @ off / max(len(x) - 1, 1))
        return cls._of_matrix((axes * variances.clamp(min=THINNEST**2)) @ axes.T)

    @classmethod
    def _of_matrix(cls, matrix: Tensor) -> Self:
        return cls(*(float(matrix[i, j]) for i, j in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))))

    @property
    def scale(self) -> float:
        return math.sqrt((self.xx + self.yy + self.zz) / 3)

    @property
    def covariance(self) -> tuple[Point, ...]:
        return ((self.xx, self.xy, self.xz), (self.xy, self.yy, self.yz), (self.xz, self.yz, self.zz))

    def sample(self, batch: AtomBatch, noise: Noise) -> Tensor:
        z = noise.centred_normal(batch)
        factor: Tensor = torch.linalg.cholesky(self._matrix())
        return z @ factor.T.to(z)

    def _matrix(self) -> Tensor:
        return torch.tensor(self.covariance, dtype=torch.float64)

    def __str__(self) -> str:
        entries = ", ".join(f"{name}={getattr(self, name):g}" for name in ("xx", "yy", "zz", "xy", "xz", "yz"))
        return f"covariance({entries})"


def _rotation(x: float, y: float, z: float) -> Tensor:
    """R_z R_y R_x (radians)."""
    (cx, sx), (cy, sy), (cz, sz) = ((math.cos(angle), math.sin(angle)) for angle in (x, y, z))
    about_x = torch.tensor([[1, 0, 0], [0, cx, -sx], [0, sx, cx]], dtype=torch.float64)
    about_y = torch.tensor([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]], dtype=torch.float64)
    about_z = torch.tensor([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]], dtype=torch.float64)
    return about_z @ about_y @ about_x
