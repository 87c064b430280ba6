"""The calibration of σ̂: a curve read backwards."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.calibration import NoiseCalibration
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force
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
