"""The loss has known values for known errors."""

import pytest
import torch
from torch import Tensor

from gpff_core.learning.objective import (
    FROZEN_FLOOR,
    RESOLVED,
    SIGMA_FLOOR,
    denoising_loss,
    noise_weight,
    position_error,
)


def example(n_atoms: tuple[int, ...] = (3, 5), seed: int = 0) -> tuple[Tensor, Tensor]:
    """Positions and mask of molecules padded to one size; the padding is full of rubbish."""
    generator = torch.Generator().manual_seed(seed)
    x0 = torch.randn(len(n_atoms), max(n_atoms), 3, generator=generator, dtype=torch.float64)
    mask = (torch.arange(max(n_atoms)) < torch.tensor(n_atoms)[:, None])[..., None].double()
    return x0, mask


def test_a_perfect_prediction_costs_nothing_whatever_stands_in_the_padding() -> None:
    x0, mask = example()
    loss = denoising_loss(x0 + 7 * (1 - mask), x0, 0.3 * mask, mask)
    assert loss.abs().max() == 0


def test_where_the_prediction_stands_is_free() -> None:
    x0, mask = example()
    guess = x0 + torch.randn(x0.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    sigma = torch.rand(mask.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * mask
    shift = torch.tensor([5.0, -3.0, 8.0], dtype=torch.float64)
    assert torch.allclose(denoising_loss(guess + shift, x0, sigma, mask), denoising_loss(guess, x0, sigma, mask))


@pytest.mark.parametrize("sigma", [0.05, 0.5, 3.0])
def test_two_atoms_pulled_apart_cost_what_the_formula_says(sigma: float) -> None:
    """Errors +d and −d along x of two atoms: Σ d²/σ² over 6 coordinates is d²/(3σ²)."""
    x0, mask = example((2,))
    d = 0.2
    error = torch.tensor([[[d, 0, 0], [-d, 0, 0]]], dtype=torch.float64)
    loss = denoising_loss(x0 + error, x0, sigma * mask, mask)
    assert float(loss) == pytest.approx(d**2 / (3 * sigma**2), rel=1e-9)


def test_atoms_weigh_by_their_own_noise() -> None:
    """Two atoms with levels a and b, apart by 2d too much: the best shift leaves (2d)² / (a² + b²)."""
    x0, mask = example((2,))
    a, b, d = 0.2, 0.7, 0.3
    error = torch.tensor([[[d, 0, 0], [-d, 0, 0]]], dtype=torch.float64)
    sigma = torch.tensor([[[a], [b]]], dtype=torch.float64)
    loss = denoising_loss(x0 + error, x0, sigma, mask)
    assert float(loss) == pytest.approx((2 * d) ** 2 / (a**2 + b**2) / 6, rel=1e-9)


def test_unnoised_atoms_have_a_finite_weight() -> None:
    x0, mask = example((4,))
    error = 0.1 * torch.randn(x0.shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    frozen = denoising_loss(x0 + error, x0, 0 * mask, mask)
    assert torch.allclose(frozen, denoising_loss(x0 + error, x0, SIGMA_FLOOR * mask, mask))


def test_a_frozen_atom_beside_a_noise_cloud_weighs_by_a_share_of_the_clouds_noise() -> None:
    """One atom at σ = 0 and one at b: the same as if the first were at 0.15 b."""
    x0, mask = example((2,))
    b = 2.0
    error = torch.tensor([[[0.1, 0, 0], [-0.3, 0, 0]]], dtype=torch.float64)
    frozen = torch.tensor([[[0.0], [b]]], dtype=torch.float64)
    floored = torch.tensor([[[FROZEN_FLOOR * b], [b]]], dtype=torch.float64)
    loss = denoising_loss(x0 + error, x0, frozen, mask)
    assert torch.allclose(loss, denoising_loss(x0 + error, x0, floored, mask))
    assert float(loss) == pytest.approx(0.4**2 / (b**2 * (1 + FROZEN_FLOOR**2)) / 6, rel=1e-9)


def test_padding_changes_no_molecules_loss() -> None:
    x0, mask = example((3, 5))
    guess = x0 + torch.randn(x0.shape, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    together = denoising_loss(guess, x0, 0.4 * mask, mask)
    alone = denoising_loss(guess[:1, :3], x0[:1, :3], 0.4 * mask[:1, :3], mask[:1, :3])
    assert float(together[0]) == pytest.approx(float(alone[0]), rel=1e-12)


def test_position_error_is_a_root_mean_square_in_angstrom() -> None:
    x0, mask = example((3, 5))
    assert position_error(x0 + 0.25, x0, mask).tolist() == pytest.approx([0.25, 0.25])


def test_structures_near_equilibrium_count_more_by_their_largest_noise() -> None:
    """Six times as much where the noise is small, once where it is large, and in between where half is in doubt."""
    sigma = torch.tensor([0.01, RESOLVED, 30.0])[:, None, None] * torch.tensor([0.0, 1.0])[:, None]
    weight = noise_weight(sigma, 6.0)
    assert weight.tolist() == pytest.approx([6.0, 1 / (0.5 + 0.5 / 6), 1.0], rel=1e-4)
    assert (noise_weight(sigma, 1.0) == 1).all()
