"""The shape of a cloud of atoms, in numbers that no rotation, translation or reflection changes.

Moments of inertia I₁ ≤ I₂ ≤ I₃ (u Å²) and radius of gyration (Å) weigh atoms by their masses, as RDKit does;
variances are those of the bare coordinates, because priors know no masses. Positions (N, 3) are in Å; all arithmetic
is in float64.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rdkit import Chem

from gpff_core.errors import GpffError

SMALLEST_EXTENT: Final = 1e-9
"""Å² (or u Å²). Below it, positions differ by rounding alone."""

Numbers = Sequence[int] | NDArray[np.integer]


def principal_moments(numbers: Numbers, positions: ArrayLike) -> NDArray[np.float64]:
    """I₁ ≤ I₂ ≤ I₃ about the centre of mass (u Å²); never negative."""
    masses, x = _about_centre_of_mass(numbers, positions)
    second = np.einsum("n,ni,nj->ij", masses, x, x)
    return np.maximum(np.linalg.eigvalsh(np.trace(second) * np.eye(3) - second), 0.0)


def moment_ratios(numbers: Numbers, positions: ArrayLike) -> tuple[float, float]:
    """NPR1 = I₁/I₃ and NPR2 = I₂/I₃: (0, 1) for a rod, (½, ½) for a disc, (1, 1) for a ball.

    Sauer and Schwarz, J. Chem. Inf. Comput. Sci. 43, 987 (2003). Raises GpffError for atoms that are all in one place.
    """
    smallest, middle, largest = principal_moments(numbers, positions)
    _require_extent(largest, len(numbers))
    return float(smallest / largest), float(middle / largest)


def variance_ratios(positions: ArrayLike) -> tuple[float, float, float]:
    """Shares of the coordinates' variance along the principal axes, largest first; they add up to 1.

    (1, 0, 0) for a rod, (½, ½, 0) for a disc, (⅓, ⅓, ⅓) for a ball. Raises GpffError for atoms that are all in one
    place.
    """
    x = _centred(positions)
    variances = np.maximum(np.linalg.eigvalsh(x.T @ x)[::-1], 0.0)
    total = variances.sum()
    _require_extent(total, len(x))
    first, second, third = (float(share) for share in variances / total)
    return first, second, third


def radius_of_gyration(numbers: Numbers, positions: ArrayLike) -> float:
    """√(Σ m r² / Σ m) about the centre of mass, in Å."""
    masses, x = _about_centre_of_mass(numbers, positions)
    return float(np.sqrt(masses @ np.square(x).sum(1) / masses.sum()))


def rotation_onto(positions: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """The rotation R (…, 3, 3) that, after centring, brings `positions` (…, N, 3) nearest to `target` (N, 3): x → x R.

    Only proper rotations are used: a mirror image would be another molecule. Kabsch, Acta Cryst. A 32, 922 (1976).
    """
    u, _, vt = np.linalg.svd(np.swapaxes(_centred(positions), -1, -2) @ _centred(target))
    u[..., 2] *= np.sign(np.linalg.det(u @ vt))[..., None]
    rotation: NDArray[np.float64] = u @ vt
    return rotation


def superposed(positions: ArrayLike, target: ArrayLike) -> NDArray[np.float64]:
    """`positions` (N, 3) turned and shifted onto `target` (N, 3) to the least square distance, atom i on atom i.

    Several structures at once, (…, N, 3), are each turned and shifted by themselves.
    """
    turned: NDArray[np.float64] = _centred(positions) @ rotation_onto(positions, target)
    turned += np.asarray(target, dtype=np.float64).mean(-2)
    return turned


def rmsd(positions: ArrayLike, target: ArrayLike) -> float:
    """Root mean square distance in Å between atoms of the same place in both, after rigid superposition."""
    offset = superposed(positions, target) - np.asarray(target, dtype=np.float64)
    return float(np.sqrt(np.square(offset).sum(1).mean()))


def _about_centre_of_mass(numbers: Numbers, positions: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    table = Chem.GetPeriodicTable()
    masses = np.array([table.GetAtomicWeight(int(number)) for number in numbers])
    x = np.asarray(positions, dtype=np.float64)
    return masses, x - masses @ x / masses.sum()


def _centred(positions: ArrayLike) -> NDArray[np.float64]:
    x = np.asarray(positions, dtype=np.float64)
    centred: NDArray[np.float64] = x - x.mean(-2, keepdims=True)
    return centred


def _require_extent(size: float, n_atoms: int) -> None:
    if not size > SMALLEST_EXTENT:
        raise GpffError(
            f"{n_atoms} atom{'s' * (n_atoms != 1)} in one place or at places that are no numbers have no shape; "
            "give at least two atoms that are apart."
        )
