"""Shapes with known answers, RDKit's own numbers, and what no motion may change."""

import ase.build
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors
from scipy.spatial.transform import Rotation

from gpff_core.chemistry.shape import (
    moment_ratios,
    principal_moments,
    radius_of_gyration,
    rmsd,
    superposed,
    variance_ratios,
)
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError

MIRROR = np.diag([1.0, 1.0, -1.0])


@pytest.mark.parametrize(
    ("name", "moments", "variances"),
    [
        ("CO2", (0, 1), (1, 0, 0)),  # on a line
        ("C2H2", (0, 1), (1, 0, 0)),
        ("C6H6", (0.5, 0.5), (0.5, 0.5, 0)),  # flat, sixfold axis
        ("BF3", (0.5, 0.5), (0.5, 0.5, 0)),
        ("CH4", (1, 1), (1 / 3, 1 / 3, 1 / 3)),  # spherical tops
        ("SiH4", (1, 1), (1 / 3, 1 / 3, 1 / 3)),
    ],
)
def test_rods_discs_and_balls(name: str, moments: tuple[float, float], variances: tuple[float, float, float]) -> None:
    atoms = ase.build.molecule(name)
    assert moment_ratios(atoms.numbers, atoms.positions) == pytest.approx(moments, abs=2e-4)
    assert variance_ratios(atoms.positions) == pytest.approx(variances, abs=2e-4)


def test_flat_molecules_obey_the_perpendicular_axis_theorem() -> None:
    """I₁ + I₂ = I₃, whatever the outline."""
    atoms = ase.build.molecule("C5H5N")
    first, second, third = principal_moments(atoms.numbers, atoms.positions)
    assert first + second == pytest.approx(third, rel=1e-6)
    assert second - first > 0.01 * third


def test_the_moment_of_water_by_hand() -> None:
    """About the axis of symmetry there are only the two hydrogens, each at half their distance."""
    atoms = ase.build.molecule("H2O")
    half = np.linalg.norm(np.subtract(*atoms.positions[atoms.numbers == 1])) / 2
    assert principal_moments(atoms.numbers, atoms.positions)[1] == pytest.approx(2 * 1.008 * half**2, rel=1e-4)


@pytest.mark.parametrize("name", ["CH3CH2OH", "bicyclobutane", "C4H4O", "CH3COOH", "H2CO"])
def test_rdkit_agrees(name: str) -> None:
    atoms = ase.build.molecule(name)
    molecule = verdict(atoms.numbers, atoms.positions).molecule
    assert isinstance(molecule, Chem.Mol)
    first, second = moment_ratios(atoms.numbers, atoms.positions)
    assert first == pytest.approx(rdMolDescriptors.CalcNPR1(molecule), rel=1e-6)
    assert second == pytest.approx(rdMolDescriptors.CalcNPR2(molecule), rel=1e-6)
    assert principal_moments(atoms.numbers, atoms.positions)[2] == pytest.approx(
        rdMolDescriptors.CalcPMI3(molecule), rel=1e-6
    )
    assert radius_of_gyration(atoms.numbers, atoms.positions) == pytest.approx(
        rdMolDescriptors.CalcRadiusOfGyration(molecule), rel=1e-6
    )


@given(seed=st.integers(0, 10_000))
def test_no_motion_and_no_mirror_changes_a_shape(seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers, x = rng.choice([1, 6, 8], 7), rng.normal(size=(7, 3))
    for matrix in (Rotation.random(rng=rng).as_matrix(), MIRROR):
        moved = x @ matrix.T + rng.normal(size=3)
        assert moment_ratios(numbers, moved) == pytest.approx(moment_ratios(numbers, x), rel=1e-9)
        assert variance_ratios(moved) == pytest.approx(variance_ratios(x), rel=1e-9)
        assert radius_of_gyration(numbers, moved) == pytest.approx(radius_of_gyration(numbers, x), rel=1e-9)


@given(seed=st.integers(0, 10_000))
def test_superposition_undoes_a_motion_and_finds_the_best_rotation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 8, 3))
    turned = x @ Rotation.random(rng=rng).as_matrix().T + 5
    assert superposed(turned, x) == pytest.approx(x, abs=1e-9)
    _, residual = Rotation.align_vectors(y - y.mean(0), x - x.mean(0))
    assert rmsd(x, y) == pytest.approx(residual / np.sqrt(8), rel=1e-6)
    assert rmsd(x, y) == pytest.approx(rmsd(y, x), rel=1e-9)


def test_mirror_images_do_not_superpose() -> None:
    """CHFClBr: the nearest rotation leaves the substituents ångströms apart."""
    atoms = np.array([[0, 0, 0], [1.1, 0, 0], [-0.4, 1.3, 0], [-0.6, -0.9, 1.4], [-0.7, -0.9, -1.6]])
    assert rmsd(atoms @ MIRROR, atoms) > 0.5
    assert rmsd(atoms[:4] @ MIRROR, atoms[:4]) > 0.3
    flat = atoms * [1, 1, 0]
    assert rmsd(flat @ np.diag([-1, 1, 1]), flat) == pytest.approx(0, abs=1e-7)  # a turn in space does it


@pytest.mark.parametrize("positions", [[[1.0, 2, 3]], [[1.0, 2, 3], [1, 2, 3]]])
def test_a_point_has_no_shape(positions: list[list[float]]) -> None:
    with pytest.raises(GpffError, match="have no shape"):
        moment_ratios([6] * len(positions), positions)
    with pytest.raises(GpffError, match="have no shape"):
        variance_ratios(positions)
    assert radius_of_gyration([6] * len(positions), positions) == pytest.approx(0, abs=1e-12)
    assert rmsd(positions, positions) == 0
