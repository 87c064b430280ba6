"""ASE's optimisers and dynamics on the pseudo-force field."""

from pathlib import Path

import ase.build
import numpy as np
import pytest
import torch
from ase import Atoms
from ase.constraints import FixAtoms
from ase.md.langevin import Langevin
from ase.optimize import FIRE
from torch import Tensor

from gpff_core.ase_calculator import PseudoForceCalculator, langevin_temperature
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import load_checkpoint

CHECKPOINT = Path(__file__).parents[2] / "checkpoints" / "qm9.safetensors"


class Well:
    """One equilibrium structure, wherever the atoms are: the pseudo-energy itself."""

    def __init__(self, x0: Tensor) -> None:
        self.x0 = x0

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return pseudo_force(positions, self.x0.to(positions))

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        raise NotImplementedError


def langevin(atoms: Atoms, sigma: float, timestep: float, seed: int) -> Langevin:
    """Dynamics at kT = 2σ²."""
    return Langevin(
        atoms, timestep=timestep, temperature_K=langevin_temperature(sigma), friction=1.0, fixcm=False,
        rng=np.random.default_rng(seed), logfile=None,
    )  # fmt: skip


def test_fire_relaxes_a_shaken_molecule_to_the_one_it_was() -> None:
    ethanol = ase.build.molecule("CH3CH2OH")
    ethanol.positions += 0.15 * np.random.default_rng(0).normal(size=ethanol.positions.shape)
    ethanol.calc = PseudoForceCalculator(load_checkpoint(CHECKPOINT))
    before = ethanol.get_potential_energy()
    FIRE(ethanol, logfile=None).run(fmax=0.02, steps=200)
    assert ethanol.get_potential_energy() < 0.05 * before
    assert verdict(ethanol.numbers, ethanol.positions).smiles == "CCO"


def test_atoms_that_ase_fixes_are_frozen() -> None:
    """A methyl group finds its place on a ring that stays where it is, in whatever frame that is."""
    numbers, positions = structure_from_smiles("Cc1ccccc1")
    toluene = Atoms(numbers.numbers, positions)
    toluene.rotate(40, "x")
    toluene.positions += 3
    ring = [1, 2, 3, 4, 5, 6]
    before = toluene.positions[ring].copy()
    free = [atom for atom in range(len(toluene)) if atom not in ring]
    toluene.positions[free] += 0.3 * np.random.default_rng(2).normal(size=(len(free), 3))
    toluene.calc = PseudoForceCalculator(load_checkpoint(CHECKPOINT))
    assert np.abs(toluene.get_forces()[ring]).max() > 0
    toluene.set_constraint(FixAtoms(ring))
    assert np.abs(toluene.get_forces(apply_constraint=False)[ring]).max() == 0
    FIRE(toluene, logfile=None).run(fmax=0.02, steps=300)
    assert np.array_equal(toluene.positions[ring], before)
    assert verdict(toluene.numbers, toluene.positions).smiles == "Cc1ccccc1"


def test_forces_are_the_gradient_of_the_energy_in_a_well() -> None:
    water = ase.build.molecule("H2O")
    x0 = np.array(water.positions)
    water.calc = PseudoForceCalculator(Well(torch.from_numpy(x0)))
    water.positions += 0.3
    force = water.get_forces()
    assert water.get_potential_energy() == pytest.approx(((water.positions - x0) ** 2).sum(), rel=1e-5)
    assert force == pytest.approx(-2 * (water.positions - x0), rel=1e-4)


def test_langevin_at_2_sigma_squared_has_the_spread_of_the_noise() -> None:
    """kT = 2σ² in E = ‖X − X₀‖² makes every coordinate normal with standard deviation σ."""
    sigma = 0.4
    atoms = Atoms("Ar64", positions=np.zeros((64, 3)), masses=np.ones(64))
    atoms.calc = PseudoForceCalculator(Well(torch.zeros(64, 3)))
    dynamics = langevin(atoms, sigma, timestep=0.1, seed=1)
    spreads: list[float] = []
    dynamics.run(200)
    dynamics.attach(lambda: spreads.append(float(atoms.positions.var())), interval=20)
    dynamics.run(2000)
    assert np.sqrt(np.mean(spreads)) == pytest.approx(sigma, rel=0.05)


def test_langevin_on_the_network_stays_a_molecule_and_has_the_energy_of_its_temperature() -> None:
    """⟨‖X − X̂₀‖²⟩ is σ² for every direction the field resists: all 3N but the moves and turns of the whole molecule."""
    sigma = 0.06
    ethanol = ase.build.molecule("CH3CH2OH")
    ethanol.set_masses(np.ones(len(ethanol)))
    ethanol.calc = PseudoForceCalculator(load_checkpoint(CHECKPOINT))
    dynamics = langevin(ethanol, sigma, timestep=0.2, seed=2)
    energies: list[float] = []
    dynamics.run(50)
    dynamics.attach(lambda: energies.append(ethanol.get_potential_energy()), interval=5)
    dynamics.run(500)
    assert np.mean(energies) == pytest.approx((3 * len(ethanol) - 6) * sigma**2, rel=0.25)
    assert verdict(ethanol.numbers, ethanol.positions).smiles == "CCO"


def test_what_the_network_cannot_know_is_refused() -> None:
    field = load_checkpoint(CHECKPOINT)
    crystal = ase.build.molecule("CH4", vacuum=3, pbc=True)
    lost = ase.build.molecule("CH4")
    lost.positions[0, 0] = np.nan
    for atoms, sentence in (
        (ase.build.molecule("CH3Cl"), "Cl cannot be generated: the checkpoint qm9 knows only H C N O"),
        (crystal, "The atoms are in a periodic cell"),
        (lost, "Some positions are infinite or not a number"),
    ):
        atoms.calc = PseudoForceCalculator(field)
        with pytest.raises(GpffError, match=sentence):
            atoms.get_forces()
