"""Noise schedules at values worked out by hand, and what every one of them must satisfy."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.errors import GpffError
from gpff_core.schedules import Geometric, Karras, NoiseSchedule

levels = st.tuples(st.floats(1e-3, 1), st.floats(1.5, 1e4)).map(
    lambda low_ratio: (low_ratio[0] * low_ratio[1], low_ratio[0])
)
schedules = st.one_of(
    levels.map(lambda ends: Geometric(*ends)),
    st.tuples(levels, st.floats(1, 20)).map(lambda given: Karras(*given[0], rho=given[1])),
)


@given(schedule=schedules, n=st.integers(2, 300))
def test_levels_decrease_from_the_first_to_the_last_and_then_to_zero(schedule: NoiseSchedule, n: int) -> None:
    sigmas = schedule.sigmas(n)
    assert len(sigmas) == n + 1
    assert (sigmas.diff() < 0).all()
    assert sigmas[0].item() == pytest.approx(schedule.sigma_max, rel=1e-9)
    assert sigmas[-2].item() == pytest.approx(schedule.sigma_min, rel=1e-9)
    assert sigmas[-1] == 0


@given(schedule=schedules)
def test_a_single_step_goes_from_the_top_to_zero(schedule: NoiseSchedule) -> None:
    assert schedule.sigmas(1).tolist() == pytest.approx([schedule.sigma_max, 0], rel=1e-9)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Karras(9.0, 1.0, rho=2), [9, 4, 1, 0]),
        (Karras(27.0, 1.0, rho=3), [27, 8, 1, 0]),
        (Karras(5.0, 1.0, rho=1), [5, 3, 1, 0]),
        (Geometric(9.0, 1.0), [9, 3, 1, 0]),
    ],
    ids=str,
)
def test_three_levels_by_hand(schedule: NoiseSchedule, expected: list[float]) -> None:
    assert schedule.sigmas(3).tolist() == pytest.approx(expected)


def test_karras_levels_are_those_of_the_papers_own_settings() -> None:
    """σ_min 0.002, σ_max 80, ρ 7, 18 steps (Karras et al. 2022, table 1): i = 1 and i = 9 worked out by hand."""
    sigmas = Karras(80.0, 0.002, 7).sigmas(18)
    assert sigmas[1].item() == pytest.approx(57.586, abs=1e-3)
    assert sigmas[9].item() == pytest.approx(1.9233, abs=1e-3)


@given(ends=levels, n=st.integers(2, 100))
def test_geometric_levels_keep_one_ratio(ends: tuple[float, float], n: int) -> None:
    sigmas = Geometric(*ends).sigmas(n)[:-1]
    ratio = (ends[1] / ends[0]) ** (1 / (n - 1))
    torch.testing.assert_close(sigmas[1:] / sigmas[:-1], torch.full((n - 1,), ratio, dtype=torch.float64))


@pytest.mark.parametrize("schedule", [Geometric, Karras])
@pytest.mark.parametrize("ends", [(1, 1), (1, 2), (1, 0), (1, -1), (math.inf, 1), (math.nan, 1), (1, math.nan)])
def test_levels_that_do_not_decrease_to_a_positive_end_are_refused(
    schedule: type[Geometric | Karras], ends: tuple[float, float]
) -> None:
    with pytest.raises(GpffError, match="do not decrease"):
        schedule(*ends)


@pytest.mark.parametrize("rho", [0, -1, math.nan, math.inf])
def test_a_rho_that_gives_no_levels_is_refused(rho: float) -> None:
    with pytest.raises(GpffError, match="ρ"):
        Karras(rho=rho)


@pytest.mark.parametrize("n", [0, -3])
def test_a_schedule_of_no_steps_is_refused(n: int) -> None:
    with pytest.raises(GpffError, match="at least 1"):
        Karras().sigmas(n)
