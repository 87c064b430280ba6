"""What GFN2-xTB says of a geometry: how far it falls when it is relaxed, and what its bonds are worth.

GFN2-xTB (Bannwarth, Ehlert and Grimme, J. Chem. Theory Comput. 15, 1652 (2019)) is computed by tblite, an optional
library, on one thread, so that the same geometry gives the same numbers; the geometry follows ASE's BFGS. Energies are
in kcal/mol, lengths in Å.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import ase
import numpy as np
from ase.calculators.calculator import CalculationFailed, InputError
from ase.optimize import BFGS
from ase.units import kcal, mol
from numpy.typing import ArrayLike, NDArray

from gpff_core.chemistry.formulas import HYDROGEN
from gpff_core.chemistry.optional import require_installed
from gpff_core.chemistry.shape import Numbers, rmsd
from gpff_core.chemistry.verdicts import verdict

FORCE_TOLERANCE: Final = 0.02
"""eV/Å. A geometry is relaxed once no atom feels a larger force."""

MAX_STEPS: Final = 500
"""Steps of the optimiser; QM9's geometries take about twenty."""

_MULTIPLICITY: Final = {1: 2, 6: 3, 7: 4, 8: 3, 9: 2}
"""Of the free atoms of QM9's elements in their ground states."""


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A geometry and the minimum it fell into.

    `energy` (kcal/mol) is what was released, `rmsd` and `heavy_rmsd` (Å) how far all atoms and those that are not
    hydrogen moved after rigid superposition (0 where there are no heavy atoms), `positions` (N, 3) where they are now.
    `same_molecule` says whether the verdict's SMILES is the same before and after; it is False for a geometry that was
    no valid molecule to begin with.
    """

    energy: float
    rmsd: float
    heavy_rmsd: float
    same_molecule: bool
    n_steps: int
    positions: NDArray[np.float64]


@dataclass(frozen=True)
class NotRelaxed:
    """Why there is no minimum to report, as one plain clause."""

    reason: str


def require_tblite() -> None:
    """Refuse early where the optional libraries are missing (tblite has no wheels for Windows); raises GpffError."""
    require_installed("GFN2-xTB energies", "tblite", "threadpoolctl")


def relax(numbers: Numbers, positions: ArrayLike, max_steps: int = MAX_STEPS) -> Relaxation | NotRelaxed:
    """Follow GFN2-xTB's forces on neutral, closed-shell atoms at `positions` (N, 3) in Å down to a minimum.

    Some tenths of a second for a molecule of QM9's size; Ctrl-C stops it between two steps.
    """
    require_tblite()
    given = np.asarray(positions, dtype=np.float64)
    if not np.isfinite(given).all():
        return NotRelaxed("some coordinates are not finite numbers")
    if sum(int(number) for number in numbers) % 2:
        return NotRelaxed("has an odd number of electrons")
    atoms = ase.Atoms(numbers, given)
    try:
        with _one_thread():
            energy, n_steps = _descend(atoms, max_steps)
    except (CalculationFailed, InputError) as error:
        return NotRelaxed(f"GFN2-xTB failed: {_first_line(error)}")
    if n_steps is None:
        return NotRelaxed(f"was still moving after {max_steps} steps")
    return _compared(numbers, given, atoms.positions, energy, n_steps)


def atomisation_energy(numbers: Numbers, positions: ArrayLike) -> float | None:
    """Energy (kcal/mol) of the free atoms over that of neutral, closed-shell atoms at `positions` (N, 3) in Å.

    None for elements without a known ground state here, and where the self-consistent field does not converge.
    """
    require_tblite()
    if any(number not in _MULTIPLICITY for number in numbers):
        return None
    try:
        with _one_thread():
            return sum(_free_atom(number) for number in numbers) - _energy(ase.Atoms(numbers, positions))
    except CalculationFailed:
        return None


@cache
def _free_atom(number: int) -> float:
    return _energy(ase.Atoms([number]), _MULTIPLICITY[number])


def _energy(atoms: ase.Atoms, multiplicity: int = 1) -> float:
    """In kcal/mol; leaves the calculator with the atoms."""
    from tblite.ase import TBLite

    atoms.calc = TBLite(method="GFN2-xTB", charge=0, multiplicity=multiplicity, verbosity=0)
    return float(atoms.get_potential_energy() / (kcal / mol))


def _descend(atoms: ase.Atoms, max_steps: int) -> tuple[float, int | None]:
    """Energy released (kcal/mol), and the steps it took, None where the limit came first."""
    before = _energy(atoms)
    optimiser = BFGS(atoms, logfile=None)
    converged = optimiser.run(fmax=FORCE_TOLERANCE, steps=max_steps)
    released = before - atoms.get_potential_energy() / (kcal / mol)
    return float(released), optimiser.nsteps if converged else None


@contextmanager
def _one_thread() -> Iterator[None]:
    """So that the same geometry gives the same numbers."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def _compared(
    numbers: Numbers, before: NDArray[np.float64], after: NDArray[np.float64], energy: float, n_steps: int
) -> Relaxation:
    heavy = np.asarray(numbers) != HYDROGEN
    first, last = verdict(numbers, before), verdict(numbers, after)
    return Relaxation(
        energy=energy,
        rmsd=rmsd(after, before),
        heavy_rmsd=rmsd(after[heavy], before[heavy]) if heavy.any() else 0.0,
        same_molecule=first.valid and first.smiles == last.smiles,
        n_steps=n_steps,
        positions=after,
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
