"""Stability by the distance tables: molecules that must pass, must fail, and the data's published shares."""

import ase.build
import numpy as np
import pytest

from gpff_core.errors import GpffError
from gpff_core.evaluation.stability import Stability, stability
from tests.unit.chemistry.qm9_molecules import QM9


def of(name: str) -> Stability:
    atoms = ase.build.molecule(name)
    return stability(atoms.numbers, atoms.positions)


@pytest.mark.parametrize("name", ["CH4", "H2O", "NH3", "CH3CH2OH", "C2H4", "C2H2", "HCN", "H2CO", "CO2", "N2", "CF4"])
def test_molecules_with_plain_bonds_are_stable(name: str) -> None:
    """Single, double and triple bonds of every element in the table."""
    found = of(name)
    assert found.molecule, found


def test_broken_methane_is_unstable() -> None:
    """One C-H pulled to 1.25 Å, beyond 109 + 10 pm: carbon has three bonds and the hydrogen none."""
    atoms = ase.build.molecule("CH4")
    atoms.positions[1] *= 1.25 / np.linalg.norm(atoms.positions[1])
    assert stability(atoms.numbers, atoms.positions) == Stability(n_stable=3, n_atoms=5)


@pytest.mark.parametrize(
    ("numbers", "on_a_line", "n_stable"),
    [
        ([1, 1], [0, 0.83], 2),  # single bonds: 74 + 10 pm
        ([1, 1], [0, 0.85], 0),
        ([9, 9], [0, 1.51], 2),  # 142 + 10
        ([9, 9], [0, 1.53], 0),
        ([1, 9], [0, 1.01], 2),  # 92 + 10
        ([1, 9], [0, 1.03], 0),
        ([8, 8], [0, 1.25], 2),  # double: 121 + 5
        ([8, 8], [0, 1.27], 0),
        ([8, 8], [0, 1.00], 2),  # and no triple however short
        ([8, 6, 8], [-1.24, 0, 1.24], 3),  # 120 + 5
        ([8, 6, 8], [-1.26, 0, 1.26], 0),
        ([7, 7], [0, 1.12], 2),  # triple: 110 + 3
        ([7, 7], [0, 1.14], 0),
        ([1, 6, 7], [-1.07, 0, 1.18], 3),  # 116 + 3
        ([1, 6, 7], [-1.07, 0, 1.20], 1),
        ([1, 6, 6, 1], [-1.06, 0, 1.22, 2.28], 4),  # 120 + 3
        ([1, 6, 6, 1], [-1.06, 0, 1.24, 2.30], 2),
        ([6, 8], [0, 1.15], 0),  # carbon monoxide: carbon wants a fourth bond, oxygen one less
    ],
)
def test_each_bond_order_ends_where_the_table_says(numbers: list[int], on_a_line: list[float], n_stable: int) -> None:
    assert stability(numbers, np.outer(on_a_line, [1, 0, 0])).n_stable == n_stable


def test_ethane_squeezed_to_ethylene_has_too_many_bonds() -> None:
    atoms = ase.build.molecule("C2H6")
    axis = atoms.positions[1] - atoms.positions[0]
    near_second = np.argsort(np.linalg.norm(atoms.positions - atoms.positions[1], axis=1))[:4]
    atoms.positions[near_second] -= axis * (1 - 1.35 / np.linalg.norm(axis))
    assert stability(atoms.numbers, atoms.positions) == Stability(n_stable=6, n_atoms=8)


def test_elements_outside_the_tables_are_refused() -> None:
    with pytest.raises(GpffError, match="no bond lengths for Cl; they cover H C N O F only"):
        stability([6, 17, 1, 1, 1], np.eye(5, 3))


def test_qm9_has_its_published_shares() -> None:
    """Hoogeboom et al. give 99.0 % of atoms and 95.2 % of molecules for QM9."""
    data = QM9()
    found = [stability(m.numbers, m.positions) for m in (data[i] for i in range(0, len(data), len(data) // 1000))]
    assert sum(s.n_stable for s in found) / sum(s.n_atoms for s in found) == pytest.approx(0.990, abs=0.006)
    assert sum(s.molecule for s in found) / len(found) == pytest.approx(0.952, abs=0.02)
