"""The triangle of principal-moment ratios against moments of inertia worked out from points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_app.prior_studio.triangle import (
    CORNERS,
    THINNEST_SHARE,
    grid,
    in_words,
    inside,
    place_of_covariance,
    place_of_variances,
    shares_at,
)
from gpff_core.chemistry.shape import moment_ratios

shares = st.floats(0.01, 1)


@given(shares, shares, shares)
def test_places_are_the_moment_ratios_of_a_cloud_with_these_variances(a: float, b: float, c: float) -> None:
    # Six equal atoms, a pair on each axis: variance along x is 2 a² / 6.
    corners = np.concatenate([np.diag([a, b, c]), -np.diag([a, b, c])]) ** 1
    variances = 2 * np.array([a, b, c]) ** 2 / 6
    assert place_of_variances(variances.tolist()) == pytest.approx(moment_ratios([6] * 6, corners))


@given(shares, shares, shares)
def test_shares_of_a_place_lead_back_to_it(a: float, b: float, c: float) -> None:
    x, y, z = sorted((a, b, c), reverse=True)
    total = a + b + c
    found = shares_at(place_of_variances((a, b, c)))
    if z / total > THINNEST_SHARE:
        assert found == pytest.approx((x / total, y / total, z / total))
    assert found == tuple(sorted(found, reverse=True))
    assert sum(found) == pytest.approx(1)


@pytest.mark.parametrize(
    ("corner", "expected"), [("rod", (1, 0, 0)), ("disc", (0.5, 0.5, 0)), ("ball", (1 / 3, 1 / 3, 1 / 3))]
)
def test_corners_are_what_they_are_called(corner: str, expected: tuple[float, float, float]) -> None:
    assert shares_at(CORNERS[corner]) == pytest.approx(expected, abs=2 * THINNEST_SHARE)
    assert in_words(CORNERS[corner]) == corner


def test_turning_a_cloud_does_not_move_it_in_the_triangle() -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    variances = np.diag([4.0, 1.0, 0.25])
    assert place_of_covariance(turn @ variances @ turn.T) == pytest.approx(place_of_variances((4.0, 1.0, 0.25)))


@pytest.mark.parametrize(
    ("place", "nearest"),
    [((0.8, 0.9), (0.8, 0.9)), ((0.5, 1.2), (0.5, 1.0)), ((0.2, 0.2), (0.5, 0.5)), ((2.0, 2.0), (1.0, 1.0))],
)
def test_outside_the_triangle_the_nearest_place_counts(
    place: tuple[float, float], nearest: tuple[float, float]
) -> None:
    assert inside(place) == pytest.approx(nearest)


def test_every_place_that_can_be_clicked_is_in_the_triangle_and_has_a_shape() -> None:
    places = grid()
    assert {tuple(corner) for corner in places.round(9)} >= set(CORNERS.values())
    for x, y in places:
        assert (x, y) == pytest.approx(inside((x, y)))
        assert min(shares_at((x, y))) > 0.9 * THINNEST_SHARE


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((0.95, 0.97), "ball"),
        ((0.16, 0.89), "rod"),
        ((0.74, 0.75), "between disc and ball"),
        ((0.26, 0.75), "between disc and rod"),
        ((0.5, 1.0), "between rod and ball"),
        ((0.5, 0.83), "between all three"),
    ],
)
def test_places_are_called_by_the_corners_they_are_near(place: tuple[float, float], words: str) -> None:
    said = in_words(place)
    assert said.startswith("between") == words.startswith("between")
    assert set(said.split()) == set(words.split())
