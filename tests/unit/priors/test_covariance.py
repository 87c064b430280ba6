"""The full-covariance prior: axes, turns, and the covariance of a molecule."""

import math

import ase.build
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors import Covariance
from tests.unit.moments import N_ERRORS

Triple = tuple[float, float, float]


def matrix(prior: Covariance) -> torch.Tensor:
    return torch.tensor(prior.covariance, dtype=torch.float64)


@given(
    lengths=st.tuples(*[st.floats(0.1, 10)] * 3),
    degrees=st.tuples(*[st.floats(-360, 360)] * 3),
)
def test_axes_are_turned_about_the_fixed_axes_x_then_y_then_z(lengths: Triple, degrees: Triple) -> None:
    rotation = torch.tensor(Rotation.from_euler("xyz", degrees, degrees=True).as_matrix())
    expected = rotation @ torch.diag(torch.tensor(lengths, dtype=torch.float64) ** 2) @ rotation.T
    torch.testing.assert_close(matrix(Covariance.from_axes(lengths, degrees)), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("lengths", "degrees", "long_axis"),
    [
        ((3, 1, 1), (0, 0, 30), (math.sqrt(0.75), 0.5, 0)),
        ((1, 3, 1), (30, 0, 0), (0, math.sqrt(0.75), 0.5)),
        ((1, 1, 3), (0, 30, 0), (0.5, 0, math.sqrt(0.75))),
        ((1, 3, 1), (90, 90, 0), (1, 0, 0)),
    ],
    ids=["x towards y about z", "y towards z about x", "z towards x about y", "about x before y"],
)
def test_turns_are_right_handed(lengths: Triple, degrees: Triple, long_axis: Triple) -> None:
    axis = torch.tensor(long_axis, dtype=torch.float64)
    covariance = matrix(Covariance.from_axes(lengths, degrees))
    torch.testing.assert_close(covariance @ axis, 9 * axis)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ((1, -1, 1), "not positive-definite"),
        ((0, 1, 1), "not positive-definite"),
        ((1, 1, 1, 1), "not positive-definite"),
        ((1, 1, 1, 0.9, -0.9, 0.9), "not positive-definite"),
        ((-1, -1, -1), "not positive-definite"),
        ((1, math.nan, 1), "not a number"),
        ((1, 1, math.inf), "not a number"),
    ],
)
def test_matrices_that_are_no_covariance_are_refused_in_one_sentence(entries: tuple[float, ...], reason: str) -> None:
    with pytest.raises(GpffError, match=reason) as refusal:
        Covariance(*entries)
    message = str(refusal.value)
    assert ",".join(f"{entry:g}" for entry in entries) in message
    assert "\n" not in message
    assert message.endswith(".")


@pytest.mark.parametrize("length", [0, -1, math.nan, math.inf])
def test_axis_lengths_that_are_no_length_are_refused(length: float) -> None:
    with pytest.raises(GpffError, match="positive"):
        Covariance.from_axes((1, length, 1), (0, 0, 0))


@pytest.mark.parametrize("scale", [1.0, 1.7])
def test_clouds_drawn_from_a_molecules_covariance_are_as_large_and_as_oriented_as_it_on_average(scale: float) -> None:
    molecule = ase.build.molecule("CH3CH2NH2")
    molecule.rotate(70, (1, 2, 3))
    prior = Covariance.of_positions(molecule.positions + 9.0, scale)
    batch = AtomBatch.from_compositions([Composition(tuple(molecule.numbers))] * 4000)
    x = prior.sample(batch, Noise(0, range(4000))).double()
    covariances = torch.stack([part.T @ part / len(part) for part in batch.split(x)])
    error = covariances.std(0) / len(covariances) ** 0.5
    expected = torch.tensor(scale**2 * np.cov(molecule.positions.T, bias=True))
    assert ((covariances.mean(0) - expected).abs() < N_ERRORS * error).all()


@pytest.mark.parametrize(("name", "thin"), [("C6H6", 1), ("C2H2", 2), ("H", 3)], ids=["planar", "linear", "an atom"])
def test_flat_molecules_give_a_cloud_of_a_least_thickness(name: str, thin: int) -> None:
    molecule = ase.build.molecule(name)
    molecule.rotate(50, (1, 2, 3))
    variances = torch.linalg.eigvalsh(matrix(Covariance.of_positions(molecule.positions)))
    torch.testing.assert_close(variances[:thin], torch.full((thin,), 0.09, dtype=torch.float64))
    assert (variances[thin:] > 0.1).all()


@pytest.mark.parametrize(
    ("positions", "scale", "reason"),
    [
        ([[0, 0, math.nan]], 1, "Point 1 of the molecule"),
        ([[0, 0, 0]], 0, "multiplied by 0"),
        ([[0, 0, 0]], math.nan, "multiplied by nan"),
        (np.zeros((0, 3)), 1, "has 0 points"),
        ([0, 0, 0], 1, "three coordinates"),
    ],
)
def test_positions_that_are_no_molecule_are_refused(positions: list[list[float]], scale: float, reason: str) -> None:
    with pytest.raises(GpffError, match=reason):
        Covariance.of_positions(positions, scale)
