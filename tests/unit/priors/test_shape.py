"""Shapes: the ratios are exact once imposed, follow the molecule's own axes, and leave pinned atoms alone."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.field import equilibrium
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path
from gpff_core.noise import Noise
from gpff_core.priors import SHAPES, Shape
from gpff_core.priors.shape import HeldShape, reshaped
from gpff_core.samplers import DirectDenoising
from tests.unit.analytic import Dirac, copies
from tests.unit.priors.examples import MOLECULES, pinned

seeds = st.integers(0, 2**31)
ratios = st.tuples(*[st.floats(0.01, 1)] * 3)
Ratios = tuple[float, float, float]


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def covariance(x: Tensor) -> Tensor:
    off = x - x.mean(0)
    return off.T @ off / len(x)


def shares_of(x: Tensor) -> Tensor:
    """Shares of the variance along the principal axes, ascending."""
    variances = torch.linalg.eigvalsh(covariance(x))
    return variances / variances.sum()


def ascending(ratios: Ratios) -> Tensor:
    return torch.tensor(sorted(Shape(ratios).shares), dtype=torch.float64)


@given(seed=seeds, ratios=ratios)
def test_the_ratios_are_exact_once_imposed_and_centre_and_total_variance_stay(seed: int, ratios: Ratios) -> None:
    batch = AtomBatch.from_compositions([molecule for molecule in MOLECULES if len(molecule) > 3])
    x = normal(batch.n_atoms, 3, seed=seed) * torch.tensor([3.0, 1.0, 0.5]) + 7
    y = reshaped(x, Shape(ratios).shares, batch)
    for before, after in zip(batch.split(x), batch.split(y), strict=True):
        torch.testing.assert_close(shares_of(after), ascending(ratios))
        torch.testing.assert_close(after.mean(0), before.mean(0))
        torch.testing.assert_close(covariance(after).trace(), covariance(before).trace())


@given(seed=seeds, ratios=ratios)
def test_the_axes_are_the_clouds_own(seed: int, ratios: Ratios) -> None:
    """Every atom is stretched along the principal axes, the longest getting the largest share."""
    x = normal(8, 3, seed=seed) * torch.tensor([3.0, 1.0, 0.3])
    y = reshaped(x, Shape(ratios).shares, copies(1, 8))
    axes = torch.linalg.eigh(covariance(x)).eigenvectors
    along_axes = axes.T @ covariance(y) @ axes
    torch.testing.assert_close(along_axes, torch.diag(ascending(ratios) * covariance(x).trace()), atol=1e-9, rtol=1e-7)


@given(seed=seeds, ratios=ratios, parity=st.sampled_from([1, -1]))
def test_turned_reflected_shifted_and_permuted_clouds_come_out_so(seed: int, ratios: Ratios, parity: int) -> None:
    x, batch, shares = normal(8, 3, seed=seed), copies(1, 8), Shape(ratios).shares
    q = torch.linalg.qr(normal(3, 3, seed=seed + 1)).Q
    q = parity * q * torch.linalg.det(q).sign()
    order = torch.randperm(8, generator=torch.Generator().manual_seed(seed))
    shift = normal(3, seed=seed + 2)
    torch.testing.assert_close(
        reshaped(x[order] @ q.T + shift, shares, batch),
        reshaped(x, shares, batch)[order] @ q.T + shift,
        atol=1e-6,
        rtol=0,
    )


@given(seed=seeds, ratios=ratios)
def test_a_cloud_that_has_the_shape_stays_as_it_is(seed: int, ratios: Ratios) -> None:
    once = reshaped(normal(8, 3, seed=seed), Shape(ratios).shares, copies(1, 8))
    torch.testing.assert_close(reshaped(once, Shape(ratios).shares, copies(1, 8)), once, atol=1e-6, rtol=0)


@given(seed=seeds, ratios=ratios)
def test_pinned_atoms_keep_every_bit_and_the_free_ones_have_the_shape_among_themselves(
    seed: int, ratios: Ratios
) -> None:
    batch = pinned([MOLECULES[3], MOLECULES[3]], [[0, 4], []])
    x = 3 * normal(12, 3, seed=seed).float()
    assume(shares_of(x[[1, 2, 3, 5]].double())[0] > 1e-4)  # a cloud that is nearly flat has no third axis to stretch
    y = reshaped(x, Shape(ratios).shares, batch)
    assert y.dtype == x.dtype
    assert torch.equal(y[[0, 4]], x[[0, 4]])
    assert not torch.isclose(y[[1, 2, 3, 5]], x[[1, 2, 3, 5]]).all()
    torch.testing.assert_close(shares_of(y[[1, 2, 3, 5]].double()), ascending(ratios), atol=1e-4, rtol=0)


def test_what_has_no_extent_along_an_axis_is_shaped_along_the_others() -> None:
    rod = Shape(SHAPES["rod"]).shares
    planar = normal(6, 3) * torch.tensor([1.0, 1.0, 0.0])
    flat = reshaped(planar, rod, copies(1, 6))
    assert (flat[:, 2] == 0).all()
    torch.testing.assert_close(shares_of(flat)[1:], torch.tensor([0.13, 0.85], dtype=torch.float64) / 0.98)
    line, atom = normal(2, 3), normal(1, 3)
    torch.testing.assert_close(reshaped(line, rod, copies(1, 2)), line)
    torch.testing.assert_close(reshaped(atom, rod, copies(1, 1)), atom)


class Watched(Dirac):
    """Remembers what it was shown."""

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        self.seen = positions
        return super().__call__(positions, batch)


def test_a_held_field_is_asked_at_the_shape_and_answers_for_the_positions_given() -> None:
    batch, shape = copies(5, 6), Shape(SHAPES["disc"], hold=True)
    field = Watched(normal(6, 3, seed=1))
    held = shape.guide(field)
    assert isinstance(held, HeldShape)
    x = 2 * normal(30, 3)
    force = held(x, batch)
    torch.testing.assert_close(equilibrium(x, force), field.x0(batch))
    for part in batch.split(field.seen):
        torch.testing.assert_close(shares_of(part), ascending(SHAPES["disc"]))
    assert torch.equal(held.noise_level(force, batch), field.noise_level(force, batch))


def test_axes_of_the_cloud_are_x_y_and_z_in_the_order_of_the_ratios() -> None:
    x = Shape((0.02, 0.13, 0.85), 2.0).sample(copies(500, 10), Noise(0, range(500))).double()
    torch.testing.assert_close(
        x.square().mean(0) / x.square().mean(0).sum(), torch.tensor([0.02, 0.13, 0.85]).double(), atol=0.01, rtol=0
    )
    assert x.square().mean().sqrt() == pytest.approx(2 * 0.9**0.5, rel=0.02)


@pytest.mark.parametrize("wrong", [(1.0, 1.0, 0.0), (1.0, -1.0, 1.0), (torch.nan, 1.0, 1.0), (torch.inf, 1.0, 1.0)])
def test_ratios_that_are_none_are_refused(wrong: Ratios) -> None:
    with pytest.raises(GpffError, match="ratios of the shape are"):
        Shape(wrong)


def test_a_held_rod_gives_longer_molecules_than_a_held_ball() -> None:
    """The shipped network; the longest principal axis, in Å."""
    field = load_checkpoint(checkpoint_path(DEFAULT_CHECKPOINT))
    batch = AtomBatch.from_compositions([parse_formula("C7H10O2")] * 8)

    def lengths(shape: str) -> Tensor:
        prior, noise = Shape(SHAPES[shape], 1.5, hold=True), Noise(0, range(8))
        with torch.inference_mode():
            start = prior.sample(batch, noise)
            *_, last = DirectDenoising(10, 0.0).steps(prior.guide(field), start, batch, noise)
        return torch.stack([torch.linalg.eigvalsh(covariance(x))[-1].sqrt() for x in batch.split(last.x0_hat)])

    rods, balls = lengths("rod"), lengths("ball")
    assert (rods > balls).all()
    assert rods.mean() > 1.3 * balls.mean()
