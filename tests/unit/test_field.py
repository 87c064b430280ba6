"""The identities between pseudo-force, denoiser, score and temperature, against autograd of log p in float64."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.distributions import Normal

from gpff_core.field import (
    equilibrium,
    noise,
    pseudo_energy,
    pseudo_force,
    raw_noise_level,
    score,
    sigma_at,
    temperature,
)
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from tests.unit.analytic import Mixture, copies, gaussian, two_gaussians
from tests.unit.moments import N_ERRORS

seeds = st.integers(0, 2**31)
sigmas = st.floats(0.05, 30)


def positions(seed: int, n: int = 5) -> Tensor:
    return torch.randn(n, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def log_kernel(x: Tensor, x0: Tensor, sigma: float) -> Tensor:
    """log p(X|X₀) of the forward kernel."""
    return Normal(x0, sigma).log_prob(x).sum()


def gradient(value: Tensor, x: Tensor) -> Tensor:
    (result,) = torch.autograd.grad(value, x)
    return result


@given(seed=seeds)
def test_force_is_minus_the_gradient_of_the_energy(seed: int) -> None:
    x, x0 = positions(seed).requires_grad_(), positions(seed + 1)
    torch.testing.assert_close(pseudo_force(x, x0), -gradient(pseudo_energy(x, x0), x))


@given(seed=seeds, sigma=sigmas)
def test_score_is_the_gradient_of_the_forward_kernel(seed: int, sigma: float) -> None:
    x, x0 = positions(seed).requires_grad_(), positions(seed + 1)
    torch.testing.assert_close(score(pseudo_force(x, x0), sigma), gradient(log_kernel(x, x0, sigma), x))


@given(seed=seeds, sigma=sigmas)
def test_noising_is_heating(seed: int, sigma: float) -> None:
    """p(X|X₀) ∝ exp(−E/kT): the energy difference of two structures is their difference in log p, times −kT."""
    one, other, x0 = positions(seed), positions(seed + 1), positions(seed + 2)
    difference = log_kernel(one, x0, sigma) - log_kernel(other, x0, sigma)
    energies = pseudo_energy(one, x0) - pseudo_energy(other, x0)
    torch.testing.assert_close(-energies / temperature(sigma), difference)
    assert sigma_at(temperature(sigma)) == pytest.approx(sigma)


@given(seed=seeds, sigma=sigmas)
def test_a_force_gives_back_the_equilibrium_and_the_noise_it_was_made_from(seed: int, sigma: float) -> None:
    x0, epsilon = positions(seed), positions(seed + 1)
    x = x0 + sigma * epsilon
    force = pseudo_force(x, x0)
    torch.testing.assert_close(equilibrium(x, force), x0)
    torch.testing.assert_close(noise(force, sigma), epsilon)


@pytest.mark.parametrize("distribution", [gaussian(), two_gaussians()], ids=["gaussian", "two gaussians"])
@pytest.mark.parametrize("sigma", [0.1, 0.7, 5.0])
def test_force_towards_the_posterior_mean_is_the_score_of_the_noised_distribution(
    distribution: Mixture, sigma: float
) -> None:
    """Tweedie: X̂₀ by Bayes' rule on one side, autograd of log p_σ on the other."""
    x = distribution.draw(20, sigma, seed=0).requires_grad_()
    force = pseudo_force(x, distribution.equilibrium(x, sigma))
    torch.testing.assert_close(
        score(force, sigma), gradient(distribution.log_density(x, sigma).sum(), x), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("n_atoms", [2, 3, 18])
def test_noise_level_of_pure_centred_noise_is_unbiased_with_3n_minus_3_degrees_of_freedom(n_atoms: int) -> None:
    """(3N − 3) σ̂²/σ² is χ² with 3N − 3 degrees of freedom: its mean is 3N − 3 and its variance twice that."""
    sigma, n_molecules, degrees = 0.8, 2000, 3 * n_atoms - 3
    batch = copies(n_molecules, n_atoms)
    x = sigma * Noise(0, range(n_molecules)).centred_normal(batch).double()
    chi2 = degrees * raw_noise_level(pseudo_force(x, torch.zeros_like(x)), batch).square() / sigma**2
    assert abs(chi2.mean() - degrees) < N_ERRORS * math.sqrt(2 * degrees / n_molecules)
    error_of_variance = 2 * degrees * math.sqrt((2 + 12 / degrees) / n_molecules)
    assert abs(chi2.var() - 2 * degrees) < N_ERRORS * error_of_variance


def test_noise_level_is_per_molecule_and_zero_for_a_lone_atom() -> None:
    batch = AtomBatch.from_compositions([Composition((1, 1)), Composition((2,)), Composition((8, 1, 1))])
    force = torch.zeros(6, 3, dtype=torch.float64)
    force[0, 0], force[1, 0] = 6.0, -6.0
    force[5, 1] = 12.0
    expected = torch.tensor([math.sqrt(72) / (2 * math.sqrt(3)), 0, 12 / (2 * math.sqrt(6))], dtype=torch.float64)
    torch.testing.assert_close(raw_noise_level(force, batch), expected)
