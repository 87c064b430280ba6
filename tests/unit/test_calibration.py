"""The calibration of σ̂: a curve read backwards."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.calibration import HIDING, NoiseCalibration, visible_noise_level
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force, raw_noise_level
from gpff_core.noise import Noise
from tests.unit.analytic import copies

GRID = torch.logspace(-1.7, 1.5, 33, dtype=torch.float64)
raws = st.floats(1e-4, 1e4)


def distorted(sigma: Tensor) -> Tensor:
    """What an estimate that is low around 0.7 Å, as a network's is, makes of the true σ; monotonic."""
    return sigma * (1 - 0.4 * torch.exp(-(sigma.log() + 0.36).square()))


MEASURED = NoiseCalibration(raw=distorted(GRID), sigma=GRID)


def test_a_known_distortion_is_undone() -> None:
    """Exactly at the measured points; between them to the error of linear interpolation on this grid, under 1 %."""
    torch.testing.assert_close(MEASURED(distorted(GRID)), GRID)
    between = torch.logspace(-1.7, 1.5, 500, dtype=torch.float64)
    torch.testing.assert_close(MEASURED(distorted(between)), between, rtol=1e-2, atol=0)


def test_beyond_the_curve_sigma_stays_proportional_to_the_estimate() -> None:
    low, high = MEASURED.raw[0], MEASURED.raw[-1]
    torch.testing.assert_close(MEASURED(low / 7), MEASURED.sigma[0] / 7)
    torch.testing.assert_close(MEASURED(high * 7), MEASURED.sigma[-1] * 7)


@given(pair=st.tuples(raws, raws).map(sorted))
def test_more_force_never_means_less_noise(pair: list[float]) -> None:
    less, more = MEASURED(torch.tensor(pair, dtype=torch.float64)).tolist()
    assert less <= more * (1 + 1e-12)


@given(raw=raws)
def test_the_identity_changes_nothing(raw: float) -> None:
    assert NoiseCalibration.identity()(torch.tensor(raw, dtype=torch.float64)).item() == pytest.approx(raw)


def test_noise_level_of_structures_is_the_calibrated_estimate() -> None:
    """A field that sees only the share of the noise that `distorted` leaves; many atoms, so that σ̂ scatters little."""
    batch = copies(20, 200)
    z = Noise(0, range(20)).centred_normal(batch).double()
    seen = distorted(torch.tensor(0.7, dtype=torch.float64))
    sigma = MEASURED.noise_level(pseudo_force(seen * z, torch.zeros_like(z)), batch)
    assert sigma.shape == (20,)
    assert sigma.mean().item() == pytest.approx(0.7, rel=0.02)


def test_a_lone_atom_has_a_vanishing_but_finite_noise_level() -> None:
    level = MEASURED.noise_level(torch.zeros(1, 3), copies(1, 1))
    assert 0 <= level.item() < 1e-6


@pytest.mark.parametrize(
    ("raw", "sigma"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0]),
        ([2.0, 1.0], [1.0, 2.0]),
        ([1.0, 1.0], [1.0, 2.0]),
        ([0.0, 1.0], [1.0, 2.0]),
        ([1.0, float("nan")], [1.0, 2.0]),
        ([1.0, float("inf")], [1.0, 2.0]),
        ([1.0], [1.0]),
        ([], []),
    ],
    ids=["uneven", "descending", "not strictly", "zero", "nan", "inf", "one point", "none"],
)
def test_columns_that_are_no_ascending_curve_are_refused(raw: list[float], sigma: list[float]) -> None:
    with pytest.raises(GpffError, match="ascending"):
        NoiseCalibration(torch.tensor(raw), torch.tensor(sigma))


@pytest.mark.parametrize("pinned", [0, 1, 2, 3])
@pytest.mark.parametrize("n_atoms", [2, 3, 4, 7])
def test_hidden_rotations_are_the_moves_that_leave_all_distances(n_atoms: int, pinned: int) -> None:
    """The rank of the derivative of all distances by the coordinates that are free is what is not hidden."""
    pinned = min(pinned, n_atoms)
    batch = copies(1, n_atoms).freezing(range(pinned), torch.zeros(n_atoms, 3))
    x = torch.randn(n_atoms, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    pairs = torch.combinations(torch.arange(n_atoms))

    def distances(free: Tensor) -> Tensor:
        places = torch.cat([x[:pinned], free])
        return (places[pairs[:, 0]] - places[pairs[:, 1]]).norm(dim=1)

    slopes = torch.func.jacrev(distances)(x[pinned:]).flatten(1)
    assert int(batch.degrees_of_freedom - batch.hidden_rotations) == int(torch.linalg.matrix_rank(slopes))


@pytest.mark.parametrize("n_atoms", [2, 3, 5])
def test_a_field_that_cannot_see_turns_tells_the_noise_all_the_same(n_atoms: int) -> None:
    """X̂₀ is X₀ laid on X: what is left of the noise has 3N − 6 directions, of two atoms one."""
    n_molecules, sigma = 3000, 0.01
    batch = copies(n_molecules, n_atoms)
    x0 = batch.centred(
        torch.randn(n_atoms, 3, generator=torch.Generator().manual_seed(1)).double().repeat(n_molecules, 1)
    )
    x = x0 + sigma * Noise(0, range(n_molecules)).centred_normal(batch).double()
    laid, place = (y.view(n_molecules, n_atoms, 3) for y in (x0, x))
    left, _, right = torch.linalg.svd(laid.mT @ place)
    right = right.clone()
    right[:, 2] *= torch.linalg.det(left @ right).sign()[:, None]
    level = visible_noise_level(pseudo_force(x, (laid @ left @ right).flatten(0, 1)), batch)
    assert float(level.square().mean().sqrt()) == pytest.approx(sigma, rel=0.03)


@given(pair=st.tuples(raws, raws).map(sorted), n_atoms=st.integers(2, 5))
def test_more_force_is_never_less_visible_noise_and_much_of_it_hides_nothing(pair: list[float], n_atoms: int) -> None:
    batch = copies(2, n_atoms)
    force = torch.tensor(pair, dtype=torch.float64).repeat_interleave(n_atoms)[:, None].expand(-1, 3)
    less, more = visible_noise_level(force, batch).tolist()
    assert less <= more * (1 + 1e-12)
    raw = raw_noise_level(force, batch).tolist()
    for seen, estimate in zip((less, more), raw, strict=True):
        assert seen == pytest.approx(estimate) if estimate >= HIDING[1] else seen > estimate
