"""Blind preconditioning: what the skip connection says at molecular size and far out, in numbers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.molecules import AtomBatch
from gpff_core.networks.preconditioning import ScaleFeatures, gyration_variance, skip_factor
from tests.unit.networks.random_transformer import ALL, FORMAMIDE, random_transformer

S = 1.5
variances = st.floats(1e-3, 1e5)


def factor(g2: float) -> float:
    return skip_factor(torch.tensor(g2, dtype=torch.float64), S).item()


def test_gyration_variance_is_the_mean_square_coordinate_of_the_atoms_there_are() -> None:
    x = torch.tensor([[[1.0, 0, 0], [-1, 0, 0], [0, 0, 0]], [[1, 2, 3], [-1, -2, -3], [0, 0, 0]]], dtype=torch.float64)
    mask = torch.tensor([[1.0, 1, 1], [1, 1, 0]], dtype=torch.float64)[..., None]
    assert gyration_variance(x, mask).flatten().tolist() == pytest.approx([2 / 9, 28 / 6])
    assert gyration_variance(x + 7 * (1 - mask), mask).flatten().tolist() == pytest.approx([2 / 9, 28 / 6])


@given(g2=st.floats(0, 2 * S**2))
def test_a_cloud_of_molecular_size_is_left_as_it_is(g2: float) -> None:
    assert factor(g2) == 1


@pytest.mark.parametrize("g", [30, 100, 1000])
def test_a_noise_cloud_shrinks_by_the_posterior_mean_of_a_gaussian(g: float) -> None:
    """γ → s²/g², to the order s²/g² it is meant to: X̂₀ of Gaussian data of variance s² in noise of variance g² − s²."""
    assert factor(g**2) * g**2 / S**2 == pytest.approx(1, rel=1.1 * S**2 / g**2)


@given(pair=st.tuples(variances, variances).map(sorted))
def test_a_larger_cloud_is_never_shrunk_less(pair: list[float]) -> None:
    assert 0 < factor(pair[1]) <= factor(pair[0]) <= 1


def test_the_factor_has_no_jump_where_it_sets_in() -> None:
    assert factor(2 * S**2 * (1 + 1e-9)) == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize(("sigma", "share"), [(0.5, None), (40.0, 1.0)], ids=["molecular size", "far out"])
def test_the_network_adds_to_the_skip_connection_in_the_molecules_own_centre(sigma: float, share: float | None) -> None:
    """With the network's own output switched off only X̂₀ = c + γ(X − c) is left."""
    network = random_transformer().double()
    network.vector_out.weight.zero_()
    network.pair_out[1].weight.zero_()
    batch = AtomBatch.from_compositions([FORMAMIDE] * 3)
    generator = torch.Generator().manual_seed(1)
    x = sigma * torch.randn(batch.n_atoms, 3, generator=generator, dtype=torch.float64) + 11
    x0_hat = x + network(x, batch) / 2
    centred = batch.centred(x)
    if share is None:
        torch.testing.assert_close(x0_hat, x)
    else:
        g2 = (batch.mean(centred.square().sum(-1)) / 3)[batch.molecule, None]
        torch.testing.assert_close(x0_hat - (x - centred), S**2 / g2 * centred, rtol=5e-3, atol=0)


@pytest.mark.parametrize("sigma", [0.3, 3.0, 30.0, 300.0])
def test_predictions_are_of_molecular_size_whatever_the_noise_and_keep_the_centre(sigma: float) -> None:
    network = random_transformer().double()
    x = sigma * torch.randn(ALL.n_atoms, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64) + 5
    x0_hat = x + network(x, ALL) / 2
    torch.testing.assert_close(ALL.mean(x0_hat), ALL.mean(x))
    size = ALL.mean(ALL.centred(x0_hat).square().sum(-1)).sqrt()
    assert size.max() < 10
    assert size[ALL.counts > 1].min() > 0.1


def test_scale_features_tell_sizes_and_numbers_of_atoms_apart_at_every_noise_level() -> None:
    """Neighbouring clouds, 10 % apart in radius from 0.3 to 60 Å, or one atom apart."""
    features = ScaleFeatures().double()
    radii = 0.3 * 1.1 ** torch.arange(56, dtype=torch.float64)
    by_size = features(radii.square().view(-1, 1, 1), torch.full((56, 1, 1), 18.0, dtype=torch.float64)).squeeze()
    counts = torch.arange(1, 30, dtype=torch.float64).view(-1, 1, 1)
    by_count = features(torch.ones_like(counts), counts).squeeze()
    for values in (by_size, by_count):
        assert values.shape[1] == ScaleFeatures.n_features
        assert values.diff(dim=0).norm(dim=1).min() > 0.01
