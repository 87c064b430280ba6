"""Verdicts on real geometries: the G2 set (MP2, shipped with ASE) by hand, QM9 (B3LYP) in numbers."""

import ase.build
import numpy as np
import pytest
from ase import Atoms
from rdkit import Chem
from scipy.spatial.distance import pdist

from gpff_core.chemistry.verdicts import Verdict, verdict
from tests.unit.chemistry.qm9_molecules import QM9


def judged(atoms: Atoms) -> Verdict:
    return verdict(atoms.numbers, atoms.positions)


@pytest.mark.parametrize(
    ("name", "smiles", "what_is_hard_about_it"),
    [
        ("CH4", "C", "one heavy atom"),
        ("H2", "[H][H]", "no heavy atom, and the shortest bond"),
        ("N2", "N#N", "a triple bond"),
        ("HCN", "C#N", "a triple bond beside a hydrogen"),
        ("CO2", "O=C=O", "two double bonds at one atom"),
        ("H2O2", "OO", "the weakest single bond"),
        ("C6H6", "c1ccccc1", "bonds of order one and a half"),
        ("C5H5N", "c1ccncc1", "an aromatic nitrogen without hydrogen"),
        ("C4H4NH", "c1cc[nH]c1", "an aromatic nitrogen with hydrogen"),
        ("CH3CONH2", "CC(N)=O", "an amide's shortened single bond"),
        ("butadiene", "C=CC=C", "a single bond between double bonds"),
        ("C3H4_D2d", "C=C=C", "cumulated double bonds"),
        ("CH2OCH2", "C1CO1", "a three-membered ring"),
        ("bicyclobutane", "C1C2CC12", "two rings that share a bond"),
        ("C5H8", "C1CC12CC2", "two rings that share an atom"),
        ("CH3ONO", "CON=O", "the neutral isomer of nitromethane"),
    ],
)
def test_molecules_are_valid_whatever_is_hard_about_them(name: str, smiles: str, what_is_hard_about_it: str) -> None:
    result = judged(ase.build.molecule(name))
    assert (result.valid, result.smiles, result.reason) == (True, smiles, ""), what_is_hard_about_it


def test_bridgeheads_are_not_bonded_across_a_small_bicycle(qm9: QM9) -> None:
    """Their distance lies between 1.15 and 1.3 covalent radii: RDKit's own tolerance would bond them."""
    cage = qm9.filed_under("CC12CC(C1)O2")
    carbons = cage.positions[cage.numbers == 6]
    assert ((pdist(carbons) > 1.15 * 2 * 0.76) & (pdist(carbons) < 1.3 * 2 * 0.76)).any()
    assert verdict(cage.numbers, cage.positions).smiles == "CC12CC(C1)O2"


def stretched(name: str, atom: int, by: float) -> Atoms:
    """A molecule with one atom moved away from the centre of mass by a factor."""
    atoms = ase.build.molecule(name)
    centre = atoms.get_center_of_mass()
    atoms.positions[atom] = centre + by * (atoms.positions[atom] - centre)
    return atoms


@pytest.mark.parametrize(
    ("atoms", "reason"),
    [
        (ase.build.molecule("CH3"), "has an odd number of electrons"),
        (ase.build.molecule("NO2"), "has an odd number of electrons"),
        (ase.build.molecule("CH2_s1A1d"), "carbon 0 is left with an unpaired electron"),
        (
            ase.build.molecule("CH3NO2"),
            "no pattern of single, double and triple bonds without charges fits nitrogen 1",
        ),
        (ase.build.molecule("CO"), "no pattern of single, double and triple bonds without charges fits oxygen 0"),
        (ase.build.molecule("C6H6") + Atoms("H2", [[5, 0, 0], [5, 0, 0.74]]), "falls into 2 pieces"),
        (stretched("CH4", 1, 3.0), "falls into 2 pieces"),
        (Atoms("CH6", np.vstack([np.zeros(3), 1.1 * np.eye(3), -1.1 * np.eye(3)])), "carbon 0 has 6 bonds, and 4 at"),
        (Atoms("OH2", [[0, 0, 0], [0, 0, 0.3], [0, 0.96, 0]]), "oxygen 0 and hydrogen 1 are only 0.30 Å apart"),
        (Atoms("C2", [[1, 2, 3], [1, 2, 3]]), "carbon 0 and carbon 1 are only 0.00 Å apart"),
        (Atoms("OH2", [[0, 0, 0], [0, 0, np.nan], [0, 0.96, 0]]), "some coordinates are not finite numbers"),
        (Atoms("OH2", [[0, 0, 0], [0, 0, np.inf], [0, 0.96, 0]]), "some coordinates are not finite numbers"),
    ],
)
def test_what_is_no_molecule_is_refused_with_the_reason(atoms: Atoms, reason: str) -> None:
    result = judged(atoms)
    assert result.reason.startswith(reason)
    assert (result.valid, result.smiles, result.molecule) == (False, "", None)


def test_a_missing_hydrogen_pair_is_not_filled_in() -> None:
    """Two hydrogens taken from carbons that are not neighbours leave a diradical, not the molecule with them back."""
    propane = ase.build.molecule("C3H8")
    first_of = {
        carbon: next(h for h in range(3, 11) if propane.get_distance(carbon, h) < 1.2)
        for carbon in range(3)
        if sum(propane.get_distance(carbon, h) < 1.2 for h in range(3, 11)) == 3
    }
    assert len(first_of) == 2
    del propane[sorted(first_of.values())]
    assert judged(propane).reason.endswith("is left with an unpaired electron")


def test_the_molecule_keeps_order_hydrogens_and_coordinates() -> None:
    atoms = ase.build.molecule("CH3CONH2")
    molecule = judged(atoms).molecule
    assert molecule is not None
    assert [atom.GetAtomicNum() for atom in molecule.GetAtoms()] == atoms.numbers.tolist()
    np.testing.assert_array_equal(molecule.GetConformer().GetPositions(), atoms.positions)
    bonds = {
        frozenset((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())): bond.GetBondType() for bond in molecule.GetBonds()
    }
    carbonyl = [pair for pair, order in bonds.items() if order == Chem.BondType.DOUBLE]
    assert [sorted(atoms.symbols[i] for i in pair) for pair in carbonyl] == [["C", "O"]]


def test_order_place_and_orientation_of_the_atoms_do_not_matter(qm9: QM9) -> None:
    rng = np.random.default_rng(0)
    for numbers, positions, *_ in qm9.every(2_000):
        rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
        order = rng.permutation(len(numbers))
        moved = (positions @ rotation + rng.normal(size=3))[order]
        assert verdict(numbers[order], moved).smiles == verdict(numbers, positions).smiles


def test_any_cloud_gets_a_verdict_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(1)
    for size in (0.1, 1.0, 2.0, 4.0):
        for n_atoms in (1, 2, 5, 20, 100):
            for elements in ([1], [6], [1, 6, 7, 8], [15, 16], [3, 11, 26, 92]):
                result = verdict(rng.choice(elements, n_atoms), size * rng.normal(size=(n_atoms, 3)))
                assert result.valid == (result.reason == "") == (result.smiles != "")
    assert capfd.readouterr() == ("", "")


def test_a_big_system_without_any_bond_pattern_is_given_up() -> None:
    """A sheet of 96 bare carbons has more assignments of bonds than could ever be tried."""
    sheet = ase.build.graphene(size=(6, 8, 1))
    assert "fits" in judged(sheet).reason or "unpaired" in judged(sheet).reason


def test_qm9_geometries_are_the_molecules_they_are_filed_under(qm9: QM9) -> None:
    """Of all 125,744, 99.6 % are valid (the rest: 463 with charges in their SMILES, 32 cages and nitrogen chains)."""
    neutral = [molecule for molecule in qm9.every(120) if "+" not in molecule.smiles]
    results = [verdict(molecule.numbers, molecule.positions) for molecule in neutral]
    valid = [(result, molecule) for result, molecule in zip(results, neutral, strict=True) if result.valid]
    assert len(neutral) > 1_000
    assert len(valid) >= 0.995 * len(neutral)
    assert all(result.smiles == molecule.smiles for result, molecule in valid)


def test_molecules_written_with_charges_are_not_valid(qm9: QM9) -> None:
    charged = [qm9[int(place)] for place in np.flatnonzero(np.char.count(qm9.arrays["smiles"], b"+"))[::20]]
    assert len(charged) > 20
    assert not any(verdict(molecule.numbers, molecule.positions).valid for molecule in charged)
