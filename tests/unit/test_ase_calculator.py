"""ASE's optimisers and dynamics on the pseudo-force field."""

from pathlib import Path

import ase.build
import numpy as np
import pytest
import torch
from ase import Atoms
from ase.md.langevin import Langevin
from ase.optimize import FIRE
from torch import Tensor

from gpff_core.ase_calculator import PseudoForceCalculator, langevin_temperature
from gpff_core.chemistry.verdicts import verdict
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


def test_fire_relaxes_a_shaken_molecule_to_the_one_it_was() -> None:
    ethanol = ase.build.molecule("CH3CH2OH")
    ethanol.positions += 0.15 * np.random.default_rng(0).normal(size=ethanol.positions.shape)
    ethanol.calc = PseudoForceCalculator(load_checkpoint(CHECKPOINT))
    before = ethanol.get_potential_energy()
    FIRE(ethanol, logfile=None).run(fmax=0.02, steps=200)
    assert ethanol.get_potential_energy() < 0.05 * before
    assert verdict(ethanol.numbers, ethanol.positions).smiles == "CCO"


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
    dynamics = Langevin(
        atoms, timestep=0.1, temperature_K=langevin_temperature(sigma), friction=1.0, fixcm=False,
        rng=np.random.default_rng(1), logfile=None,
    )  # fmt: skip
    spreads: list[float] = []
    dynamics.run(200)
    dynamics.attach(lambda: spreads.append(float(atoms.positions.var())), interval=20)
    dynamics.run(2000)
    assert np.sqrt(np.mean(spreads)) == pytest.approx(sigma, rel=0.05)
