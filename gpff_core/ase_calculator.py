"""The pseudo-force field as an ASE calculator, so that ASE's optimisers and dynamics run on it."""

from typing import Any, ClassVar, Final

import numpy as np
import torch
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.constraints import FixAtoms

from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, pseudo_force
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.samplers.step import predict


class PseudoForceCalculator(Calculator):  # type: ignore[misc]
    """Pseudo-forces F = 2(X̂₀ − X) in Å and the pseudo-energy ‖X − X̂₀‖² in Å²: neither is in eV.

    ASE takes them for eV/Å and eV, so a step length or a convergence limit `fmax` means Å here, and a temperature is
    kT = 2σ² in Å². The energy is that of the harmonic well around the equilibrium predicted from here, and it is only
    there that the forces are its gradient: X̂₀ moves with X, so energies of distant structures must not be compared.
    Atoms held by ASE's `FixAtoms` are frozen: the equilibrium is laid on them, and they feel no force.

    Raises GpffError for elements that a checkpoint does not know, periodic cells, and positions that are not finite.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def __init__(self, field: PseudoForceField) -> None:
        super().__init__()
        self._field = field

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: tuple[str, ...] = ("energy", "forces"),
        system_changes: list[str] = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        composition = Composition(tuple(self.atoms.numbers.tolist()))
        self._check(composition)
        device = self._field.device if isinstance(self._field, Checkpoint) else "cpu"
        x = torch.from_numpy(np.asarray(self.atoms.positions, dtype=np.float32)).to(device)
        batch = AtomBatch.from_compositions([composition], device).freezing(_fixed(self.atoms), x)
        with torch.inference_mode():
            force = pseudo_force(x, predict(self._field, x, batch)).double().cpu().numpy()
        self.results: dict[str, Any] = {"energy": float((force**2).sum() / 4), "forces": force}

    def check_state(self, atoms: Atoms, tol: float = 1e-15) -> list[str]:
        """What has changed since the last call; fixing other atoms counts as moving them, which ASE does not know."""
        changes: list[str] = super().check_state(atoms, tol)
        same = self.atoms is None or _fixed(atoms) == _fixed(self.atoms)
        return changes if same else [*changes, "positions"]

    def _check(self, composition: Composition) -> None:
        if isinstance(self._field, Checkpoint):
            check_elements([composition], self._field.elements, self._field.name)
        if self.atoms.pbc.any():
            raise GpffError("The atoms are in a periodic cell, and the field knows molecules alone; set pbc=False.")
        if not np.isfinite(self.atoms.positions).all():
            raise GpffError("Some positions are infinite or not a number; take a smaller step, or correct them.")


def _fixed(atoms: Atoms) -> list[int]:
    held = [constraint.index for constraint in atoms.constraints if isinstance(constraint, FixAtoms)]
    return sorted({int(atom) for index in held for atom in index})


UNIT_TEMPERATURE_IN_KELVIN: Final = 1 / 8.617333262e-5
"""ASE's `Langevin` turns kelvin into eV by Boltzmann's constant: σ is the temperature 2σ² times this."""


def langevin_temperature(sigma: float) -> float:
    """The `temperature_K` at which ASE's dynamics have kT = 2σ² in this calculator's units."""
    return 2 * sigma**2 * UNIT_TEMPERATURE_IN_KELVIN
