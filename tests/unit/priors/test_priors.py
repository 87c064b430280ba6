"""Priors: the covariance they promise is the covariance of what they draw."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors import Covariance, Isotropic, Prior
from tests.unit.analytic import centring, copies
from tests.unit.moments import assert_moments

Triple = tuple[float, float, float]

TILTED = Covariance(4.0, 1.0, 2.0, xy=0.8, xz=-1.5, yz=0.3)
PRIORS = [Isotropic(0.7), Covariance(9.0, 1.0, 0.25), TILTED, Covariance.from_axes((3.0, 1.0, 0.5), (20, 40, 60))]


def matrix(prior: Prior) -> torch.Tensor:
    return torch.tensor(prior.covariance, dtype=torch.float64)


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_draws_have_the_covariance_in_every_pair_of_coordinates(prior: Prior) -> None:
    """Of a molecule of three atoms, flattened: (1 − 1/N) C within an atom, −C/N between two, since it is centred."""
    n_molecules, n_atoms = 4000, 3
    x = prior.sample(copies(n_molecules, n_atoms), Noise(1, range(n_molecules))).double()
    expected = centring(n_atoms) @ torch.kron(torch.eye(n_atoms, dtype=torch.float64), matrix(prior))
    assert_moments(x.view(n_molecules, -1), torch.zeros(3 * n_atoms, dtype=torch.float64), expected)


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_each_molecule_is_centred_and_indifferent_to_its_batch(prior: Prior) -> None:
    molecules = [Composition((6, 1, 1, 1, 1)), Composition((2,)), Composition((8, 1, 1))]
    batch = AtomBatch.from_compositions(molecules)
    x = prior.sample(batch, Noise(5, [0, 1, 2]))
    assert batch.mean(x).abs().max() < 1e-6
    for place, (molecule, part) in enumerate(zip(molecules, batch.split(x), strict=True)):
        alone = prior.sample(AtomBatch.from_compositions([molecule]), Noise(5, [place]))
        torch.testing.assert_close(alone, part)


@pytest.mark.parametrize("prior", PRIORS, ids=str)
def test_scale_is_the_root_mean_square_coordinate(prior: Prior) -> None:
    assert prior.scale**2 == pytest.approx(matrix(prior).trace().item() / 3)


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
def test_axis_lengths_and_sigmas_that_are_no_length_are_refused(length: float) -> None:
    with pytest.raises(GpffError, match="positive"):
        Covariance.from_axes((1, length, 1), (0, 0, 0))
    with pytest.raises(GpffError, match="positive"):
        Isotropic(length)


def test_names_tell_priors_apart() -> None:
    others = [Isotropic(0.8), Covariance(4.0, 1.0, 2.0, xy=0.8, xz=-1.5, yz=0.31)]
    assert len({str(prior) for prior in [*PRIORS, *others]}) == len(PRIORS) + len(others)
