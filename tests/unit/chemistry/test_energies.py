"""Relaxation: what is at rest stays, what is strained falls, and what cannot be computed has a reason."""

import ase.build
import numpy as np
import pytest

from gpff_core.chemistry import energies
from gpff_core.chemistry.energies import NotRelaxed, Relaxation, atomisation_energy, relax
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError

Calculator = pytest.importorskip("tblite.interface", reason="tblite has no wheels for this platform").Calculator


def relaxed(name: str, scale: float = 1.0) -> Relaxation:
    atoms = ase.build.molecule(name)
    found = relax(atoms.numbers, scale * atoms.positions)
    assert isinstance(found, Relaxation), found
    return found


def test_a_minimum_stays_where_it_is() -> None:
    first = relaxed("CH3CH2OH")
    again = relax(ase.build.molecule("CH3CH2OH").numbers, first.positions)
    assert isinstance(again, Relaxation)
    assert 0 <= again.energy < 0.01
    assert again.rmsd < 0.01
    assert again.n_steps == 0


def test_a_strained_geometry_falls_further() -> None:
    """Benzene blown up by 5 %: ½·k·Δr² of its bonds is tens of kcal/mol."""
    gentle, strained = relaxed("C6H6"), relaxed("C6H6", 1.05)
    assert gentle.energy < 2
    assert 20 < strained.energy < 80
    assert strained.rmsd > 5 * gentle.rmsd
    assert gentle.same_molecule
    assert strained.same_molecule
    assert strained.positions == pytest.approx(gentle.positions, abs=0.01)


def test_energies_are_in_kcal_per_mol() -> None:
    """Ethane turned by 45° from staggered: ½·V₃(1 − cos 3φ) with the barrier V₃ = 2.9 kcal/mol is 2.5 kcal/mol."""
    atoms = ase.build.molecule("C2H6")
    second = np.argsort(np.linalg.norm(atoms.positions - atoms.positions[1], axis=1))[:4]
    group = atoms[second]
    group.rotate(45, atoms.positions[1] - atoms.positions[0], center=atoms.positions[1])
    turned = atoms.positions.copy()
    turned[second] = group.positions
    found = relax(atoms.numbers, turned)
    assert isinstance(found, Relaxation)
    assert found.energy - relaxed("C2H6").energy == pytest.approx(2.5, abs=0.5)
    assert found.same_molecule


def test_the_energy_is_the_difference_of_two_single_points() -> None:
    """By tblite's own interface, in Bohr and Hartree."""
    atoms = ase.build.molecule("bicyclobutane")
    found = relaxed("bicyclobutane", 1.02)
    first, last = (
        Calculator("GFN2-xTB", atoms.numbers, x / 0.529177210903).singlepoint().get("energy")
        for x in (1.02 * atoms.positions, found.positions)
    )
    assert found.energy == pytest.approx(627.5095 * (first - last), rel=1e-4)


def test_atomisation_energy_is_what_the_bonds_are_worth() -> None:
    """By tblite's own interface; and, overbound as GFN2-xTB is, within a third of methane's 392 kcal/mol (CCCBDB)."""
    methane = ase.build.molecule("CH4")
    molecule, carbon, hydrogen = (
        Calculator("GFN2-xTB", numbers, x / 0.529177210903, uhf=unpaired).singlepoint().get("energy")
        for numbers, x, unpaired in (
            (methane.numbers, methane.positions, 0),
            (np.array([6]), np.zeros((1, 3)), 2),
            (np.array([1]), np.zeros((1, 3)), 1),
        )
    )
    found = atomisation_energy(methane.numbers, methane.positions)
    assert found == pytest.approx(627.5095 * (carbon + 4 * hydrogen - molecule), rel=1e-6)
    assert 392 < found < 392 * 4 / 3


def test_atomisation_energy_of_two_molecules_apart_is_their_sum() -> None:
    water, far = ase.build.molecule("H2O"), ase.build.molecule("H2O")
    far.translate([300, 0, 0])
    both = water + far
    once, twice = (atomisation_energy(atoms.numbers, atoms.positions) for atoms in (water, both))
    assert twice == pytest.approx(2 * once, rel=1e-5)


def test_an_atomisation_energy_that_cannot_be_computed_is_none() -> None:
    ethene = ase.build.molecule("C2H4")
    assert atomisation_energy(ethene.numbers, 3 * ethene.positions) is None
    silane = ase.build.molecule("SiH4")
    assert atomisation_energy(silane.numbers, silane.positions) is None


def test_bonds_that_do_not_survive_are_noticed() -> None:
    """Aminooxy fluoride is a valid molecule, but GFN2-xTB lets go of its fluorine."""
    positions = [[0, 0, 0], [1.40, 0, 0], [1.80, 1.35, 0], [-0.35, -0.5, 0.81], [-0.35, -0.5, -0.81]]
    found = relax([7, 8, 9, 1, 1], positions)
    assert verdict([7, 8, 9, 1, 1], positions).smiles == "NOF"
    assert isinstance(found, Relaxation)
    assert not found.same_molecule


def test_what_was_no_molecule_is_not_the_same_molecule() -> None:
    """Two waters apart stay two waters, and are no valid molecule before or after."""
    water = ase.build.molecule("H2O").positions
    found = relax([8, 1, 1] * 2, np.concatenate([water, water + np.array([3.0, 0, 0])]))
    assert isinstance(found, Relaxation)
    assert not found.same_molecule


def test_hydrogens_move_apart_from_heavy_atoms() -> None:
    atoms = ase.build.molecule("CH4")
    atoms.positions[1] *= 1.1
    found = relax(atoms.numbers, atoms.positions)
    assert isinstance(found, Relaxation)
    assert found.heavy_rmsd == pytest.approx(0, abs=1e-12)
    assert found.rmsd > 0.03
    assert relaxed("H2").heavy_rmsd == 0


@pytest.mark.parametrize(
    ("numbers", "positions", "reason"),
    [
        ([6, 6], [[0, 0, 0], [0, 0, np.nan]], "not finite"),
        ([6, 1], [[0, 0, 0], [0, 0, 1.1]], "odd number of electrons"),
        ([6, 6], [[0, 0, 0], [0, 0, 0]], "GFN2-xTB failed: Too close"),
        ([92, 8], [[0, 0, 0], [0, 0, 1.8]], "GFN2-xTB failed: No support"),
    ],
)
def test_what_cannot_be_computed_has_a_reason(numbers: list[int], positions: list, reason: str) -> None:
    found = relax(numbers, positions)
    assert isinstance(found, NotRelaxed)
    assert reason in found.reason


def test_an_scf_that_does_not_converge_is_a_reason() -> None:
    """Ethylene pulled apart to three times its size is an open-shell mess for a closed-shell method."""
    atoms = ase.build.molecule("C2H4")
    found = relax(atoms.numbers, 3 * atoms.positions)
    assert isinstance(found, NotRelaxed)
    assert found.reason == "GFN2-xTB failed: SCF not converged in 250 cycles"


def test_the_step_limit_is_a_reason() -> None:
    atoms = ase.build.molecule("C6H6")
    assert relax(atoms.numbers, 1.05 * atoms.positions, max_steps=2) == NotRelaxed("was still moving after 2 steps")


def test_the_same_geometry_gives_the_same_numbers() -> None:
    first, second = relaxed("bicyclobutane"), relaxed("bicyclobutane")
    assert first.energy == second.energy
    assert np.array_equal(first.positions, second.positions)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpff_core.chemistry.optional.find_spec", lambda name: None if name == "tblite" else object())
    with pytest.raises(GpffError, match=r"lacks tblite; run pip install -r requirements-dev\.txt"):
        energies.require_tblite()
