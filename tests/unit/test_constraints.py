"""Pinned atoms: superposition, springs and what they leave of noise, against their definitions in float64."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.constraints import constrained, superposed
from gpff_core.field import pseudo_energy, raw_noise_level
from gpff_core.molecules import AtomBatch, Composition, Pins
from gpff_core.noise import Noise

seeds = st.integers(0, 2**31)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def rotation(seed: int) -> Tensor:
    q = torch.linalg.qr(normal(3, 3, seed=seed)).Q
    return q * torch.sign(torch.linalg.det(q))


def pinned(stiffness: list[list[float]], seed: int = 0) -> AtomBatch:
    """One molecule of carbons per list, each atom with its spring to a random anchor."""
    free = AtomBatch.from_compositions([Composition((6,) * len(springs)) for springs in stiffness])
    springs = torch.tensor([[k] for row in stiffness for k in row], dtype=torch.float64)
    return AtomBatch(free.numbers, free.molecule, Pins(springs, normal(len(springs), 3, seed=seed)))


@given(seed=seeds)
def test_a_moved_copy_is_laid_back_exactly(seed: int) -> None:
    batch = pinned([[1.0] * 4, [1.0] * 7], seed)
    assert batch.pins is not None
    target = batch.pins.anchors
    moved = torch.cat([part @ rotation(seed + m).T + normal(3, seed=m) for m, part in enumerate(batch.split(target))])
    laid = superposed(moved, target, torch.ones(11, 1, dtype=torch.float64), batch)
    # The pull towards no turn biases a rotation by at most its ratio to the spread of the atoms.
    torch.testing.assert_close(laid, target, atol=2e-2, rtol=0)


@given(seed=seeds)
def test_no_other_rigid_motion_fits_better(seed: int) -> None:
    batch = pinned([[math.inf] * 5], seed)
    assert batch.pins is not None
    x, target = normal(5, 3, seed=seed + 1), batch.pins.anchors
    weights = torch.rand(5, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.1

    def misfit(y: Tensor) -> float:
        return float((weights * (y - target).square()).sum())

    best = misfit(superposed(x, target, weights, batch))
    for trial in range(20):
        angle = 0.1 * normal(3, seed=trial)
        generator = torch.zeros(3, 3, dtype=torch.float64)
        generator[0, 1], generator[0, 2], generator[1, 2] = angle
        turn = torch.linalg.matrix_exp(generator - generator.T)
        laid = superposed(x, target, weights, batch)
        centre = laid.mean(0)
        assert misfit((laid - centre) @ turn.T + centre + 0.05 * normal(3, seed=trial)) > best - 1e-2


def test_a_mirror_image_is_not_reflected() -> None:
    batch = pinned([[math.inf] * 4])
    assert batch.pins is not None
    mirrored = batch.pins.anchors * torch.tensor([1.0, 1.0, -1.0])
    laid = superposed(mirrored, batch.pins.anchors, torch.ones(4, 1, dtype=torch.float64), batch)

    def handedness(x: Tensor) -> float:
        return float(torch.linalg.det(x[1:] - x[0]))

    assert handedness(laid) == pytest.approx(handedness(mirrored), rel=1e-9)


@pytest.mark.parametrize("frozen", [[0], [0, 1]], ids=["a single atom", "two atoms"])
def test_what_the_frozen_atoms_leave_open_is_not_turned(frozen: list[int]) -> None:
    """A prediction that already has the frozen atoms in place stays as it is, although other turns fit as well."""
    springs = [math.inf if i in frozen else 0.0 for i in range(6)]
    batch = pinned([springs])
    assert batch.pins is not None
    x = normal(6, 3, seed=5)
    x[frozen] = batch.pins.anchors[frozen]
    torch.testing.assert_close(constrained(x, x, batch), x, atol=1e-9, rtol=0)


def test_frozen_atoms_stay_bit_for_bit_and_free_ones_take_the_prediction() -> None:
    batch = pinned([[math.inf] * 3 + [0.0] * 4, [0.0] * 5])
    assert batch.pins is not None
    x = normal(12, 3, seed=3).float()
    x[:3] = batch.pins.anchors[:3].float()
    x0_hat = x + 0.3 * normal(12, 3, seed=4).float()
    batch = AtomBatch(batch.numbers, batch.molecule, Pins(batch.pins.stiffness.float(), batch.pins.anchors.float()))
    got = constrained(x, x0_hat, batch)
    assert torch.equal(got[:3], x[:3])
    assert torch.equal(got[7:], x0_hat[7:]), "a molecule without pins takes the prediction as it is"
    inner = torch.cdist(x0_hat[3:7], x0_hat[3:7])
    torch.testing.assert_close(torch.cdist(got[3:7], got[3:7]), inner, atol=1e-5, rtol=0)


@given(seed=seeds, stiffness=st.floats(0.01, 100))
def test_a_spring_finds_the_minimum_of_both_energies(seed: int, stiffness: float) -> None:
    batch = pinned([[stiffness] * 4], seed)
    assert batch.pins is not None
    x0_hat = superposed(normal(4, 3, seed=seed + 1), batch.pins.anchors, batch.pins.hold, batch)
    held = constrained(x0_hat, x0_hat, batch).requires_grad_()
    energy = pseudo_energy(held, x0_hat) + stiffness * pseudo_energy(held, batch.pins.anchors)
    (gradient,) = torch.autograd.grad(energy, held)
    # Laying on once more turns by the small pull towards no turn; hence not exactly zero.
    assert gradient.abs().max() < 0.1 * (1 + stiffness)


def test_noise_is_exactly_zero_on_frozen_atoms_thermal_on_springs_and_centred_where_nothing_is_pinned() -> None:
    batch = pinned([[math.inf, 3.0, 0.0, 0.0], [0.0] * 3])
    draws = torch.stack([Noise(seed, [0, 1]).centred_normal(batch) for seed in range(4000)])
    assert draws[:, 0].abs().max() == 0
    assert draws[:, 1].std() == pytest.approx(0.5, rel=0.03), "a spring of 3 beside its own 1: half the amplitude"
    assert draws[:, 2:4].std() == pytest.approx(1.0, rel=0.03)
    assert draws[:, :4].mean(1).std() > 0.1, "the centre of a pinned molecule is not removed"
    assert draws[:, 4:].mean(1).abs().max() < 1e-6


def test_noise_level_counts_the_coordinates_that_can_move() -> None:
    batch = pinned([[math.inf, math.inf, 0.0, 0.0, 0.0], [0.0] * 4])
    assert batch.degrees_of_freedom.tolist() == [9, 9]
    sigma = 0.7
    levels = torch.stack(
        [raw_noise_level(-2 * sigma * Noise(seed, [0, 1]).centred_normal(batch), batch) for seed in range(2000)]
    )
    root_mean_square = levels.square().mean(0).sqrt()
    torch.testing.assert_close(root_mean_square, torch.full((2,), sigma), rtol=0.03, atol=0, check_dtype=False)


@pytest.mark.parametrize("stiffness", [0.5, 3.0, 100.0, 1e6])
def test_noise_level_beside_springs_is_that_of_the_noise(stiffness: float) -> None:
    """Whatever the springs: a structure heated to σ, and a field that knows where each atom is drawn back to."""
    batch, sigma = pinned([[stiffness] * 5 + [0.0] * 3]), 0.4
    levels = torch.stack(
        [raw_noise_level(-2 * sigma * Noise(seed, [0]).centred_normal(batch), batch) for seed in range(2000)]
    )
    assert float(levels.square().mean().sqrt()) == pytest.approx(sigma, rel=0.03)


def test_pins_travel_with_the_selected_molecules() -> None:
    batch = pinned([[0.0] * 2, [math.inf, 1.0, 0.0], [2.0] * 2])
    part = batch.select([1, 2])
    assert batch.pins is not None
    assert part.pins is not None
    assert torch.equal(part.pins.anchors, batch.pins.anchors[2:])
    assert part.pins.stiffness.flatten().tolist() == [math.inf, 1.0, 0.0, 2.0, 2.0]
    assert part.floating.flatten().tolist() == [0, 0]
