"""Priors that are places in space: how atoms are shared out over points, curves and blobs."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import cdist, pdist
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.noise import Noise
from gpff_core.priors import Blobs, Curve, PointCloud
from gpff_core.priors.blobs import shared_out
from gpff_core.priors.point_cloud import evenly
from tests.unit.analytic import copies
from tests.unit.priors.examples import CORNERS, MOLECULES, pinned

TINY = 1e-6
"""Å: a spread that leaves atoms where they were put."""


def ball(n: int, seed: int = 0) -> NDArray[np.float64]:
    """Points uniformly in a ball of 4 Å."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((n, 3))
    return 4 * x / np.linalg.norm(x, axis=1, keepdims=True) * random.random((n, 1)) ** (1 / 3)


def nearest(x: Tensor, points: NDArray[np.float64]) -> NDArray[np.int64]:
    return cdist(x.numpy(), points).argmin(1)


@given(n_points=st.integers(1, 60), n=st.integers(0, 70), start=st.floats(0, 1), seed=st.integers(0, 1000))
def test_every_point_is_used_before_one_is_used_twice(n_points: int, n: int, start: float, seed: int) -> None:
    points = ball(n_points, seed)
    used = np.bincount(cdist(evenly(points, n, start), points).argmin(1), minlength=n_points) if n else np.zeros(1)
    assert used.sum() == n
    assert used.max() - used.min() <= 1


@pytest.mark.parametrize("n", [9, 18, 40])
def test_atoms_neither_clump_nor_leave_a_part_of_the_cloud_empty(n: int) -> None:
    """Compared with as many points drawn at random: neighbours, the largest hole, and no preference for the rim."""
    points = ball(2000)
    random = np.random.default_rng(1)
    even = [evenly(points, n, start) for start in random.random(20)]
    drawn = [points[random.choice(len(points), n, replace=False)] for _ in range(20)]

    def closest(chosen: list[NDArray[np.float64]]) -> float:
        return float(np.mean([pdist(x).min() for x in chosen]))

    def hole(chosen: list[NDArray[np.float64]]) -> float:
        return float(np.mean([cdist(points, x).min(1).max() for x in chosen]))

    assert closest(even) > 1.9 * closest(drawn)
    assert hole(even) < 0.8 * hole(drawn)
    size = np.mean([np.square(x).mean() for x in even]) / np.square(points).mean()
    assert 0.7 < size < 1.1, "farthest points alone would be 1.4 times the cloud's variance"


def test_molecules_differ_and_any_atom_may_be_anywhere() -> None:
    cloud = PointCloud.of(ball(300), TINY)
    points = np.asarray(cloud.points)
    x = cloud.sample(copies(200, 5), Noise(0, range(200))).view(200, 5, 3)
    assert len({tuple(sorted(nearest(molecule, points))) for molecule in x}) > 50
    halves = (x[..., 0] > 0).double().mean(0)
    assert ((halves - 0.5).abs() < 0.15).all(), "no atom prefers a side"


def test_a_point_that_is_given_twice_counts_once() -> None:
    cloud = PointCloud(((0.0, 0.0, 0.0),) * 5 + ((9.0, 0.0, 0.0),), TINY)
    x = cloud.sample(copies(1, 4), Noise(0, [0]))
    assert sorted(x[:, 0].round().tolist()) == [0, 0, 9, 9]


def test_spread_is_the_noise_about_the_points() -> None:
    cloud = PointCloud(((100.0, 0.0, 0.0), (-100.0, 0.0, 0.0)), 0.5)
    x = cloud.sample(copies(2000, 2), Noise(0, range(2000)))
    off = x - x.sign() * torch.tensor([100.0, 0.0, 0.0])
    assert off.std() == pytest.approx(0.5, rel=0.05)


def test_free_atoms_have_the_points_to_themselves() -> None:
    """Six atoms, three of them frozen: the other three take all three points."""
    batch = pinned([MOLECULES[3]], [[0, 2, 3]])
    x = PointCloud(((0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (20.0, 0.0, 0.0)), TINY).sample(batch, Noise(0, [0]))
    assert sorted(x[[1, 4, 5], 0].round().tolist()) == [0, 10, 20]


def along(x: Tensor, points: Tensor) -> Tensor:
    """Length of the curve from its beginning to each of the points x on it, and a check that they are on it."""
    sides = points.diff(dim=0)
    lengths = sides.norm(dim=1)
    before = torch.cumsum(lengths, 0) - lengths
    share = (((x[:, None] - points[:-1]) * sides).sum(-1) / lengths**2).clamp(0, 1)
    off = (x[:, None] - points[:-1] - share[..., None] * sides).norm(dim=-1)
    side = off.argmin(1)
    assert off.min(1).values.max() < 1e-4
    return (before + share * lengths)[torch.arange(len(x)), side]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("n", [2, 7, 40])
def test_atoms_are_evenly_spaced_along_the_curve_in_random_order(closed: bool, n: int) -> None:
    corners = torch.tensor(CORNERS, dtype=torch.float64)
    line = torch.cat([corners, corners[:1]]) if closed else corners
    length = float(line.diff(dim=0).norm(dim=1).sum())
    orders = set()
    for x in Curve(CORNERS, TINY, closed).sample(copies(20, n), Noise(0, range(20))).double().split(n):
        places = along(x, line)
        orders.add(tuple(places.argsort().tolist()))
        gaps = places.sort().values.diff()
        torch.testing.assert_close(gaps, torch.full_like(gaps, length / n), atol=1e-3, rtol=0)
    assert len(orders) > 1


def test_the_phase_along_the_curve_is_random() -> None:
    x = Curve(((0.0, 0.0, 0.0), (10.0, 0.0, 0.0)), TINY).sample(copies(4000, 1), Noise(0, range(4000)))[:, 0]
    assert x.mean() == pytest.approx(5, abs=0.2)
    assert x.std() == pytest.approx(10 / math.sqrt(12), rel=0.03)


def test_only_free_atoms_share_the_curve() -> None:
    batch = pinned([MOLECULES[3]], [[0, 2, 3]])
    x = Curve(((0.0, 0.0, 0.0), (9.0, 0.0, 0.0)), TINY).sample(batch, Noise(0, [0]))
    gaps = x[[1, 4, 5], 0].sort().values.diff()
    torch.testing.assert_close(gaps, torch.full((2,), 3.0), atol=1e-4, rtol=0)


def test_corners_may_be_repeated() -> None:
    plain, repeated = CORNERS, (CORNERS[0], *CORNERS, CORNERS[-1], CORNERS[-1])
    noise = [Noise(0, range(50)) for _ in range(2)]
    x, y = (Curve(points, 0.1).sample(copies(50, 3), n) for points, n in zip((plain, repeated), noise, strict=True))
    torch.testing.assert_close(x, y, atol=1e-5, rtol=0)
    assert np.allclose(Curve(plain, 0.1).covariance, Curve(repeated, 0.1).covariance)


@pytest.mark.parametrize(("points", "reason"), [(CORNERS[:1], "has 1 points"), (CORNERS[:1] * 3, "has no length")])
def test_curves_without_length_are_refused(points: tuple[tuple[float, float, float], ...], reason: str) -> None:
    with pytest.raises(GpffError, match=reason):
        Curve(points, 0.1)


@pytest.mark.parametrize(
    ("n", "weights", "expected"),
    [
        (10, (1, 3, 1), [2, 6, 2]),
        (7, (1, 1, 1), [3, 2, 2]),
        (5, (0.1, 0.1, 0.8), [1, 0, 4]),
        (3, (1, 1, 1, 1, 1), [1, 1, 1, 0, 0]),
        (10, (0.47, 0.16, 0.158, 0.12, 0.061, 0.031), [5, 2, 1, 1, 1, 0]),  # votes, in the textbooks' example
        (0, (1, 2), [0, 0]),
        (3, (0.1, 0.2), [1, 2]),
    ],
)
def test_atoms_are_shared_out_by_the_largest_remainder(n: int, weights: tuple[float, ...], expected: list[int]) -> None:
    shared = shared_out(torch.tensor([n]), torch.tensor(weights, dtype=torch.float64))
    assert shared.tolist() == [expected]


@given(n=st.integers(0, 200), weights=st.lists(st.floats(1e-4, 1e4), min_size=1, max_size=20))
def test_shares_add_up_and_are_within_one_of_the_quota(n: int, weights: list[float]) -> None:
    share = torch.tensor(weights, dtype=torch.float64)
    shared = shared_out(torch.tensor([n]), share)[0]
    assert shared.sum() == n
    assert ((shared - n * share / share.sum()).abs() < 1 + 1e-6).all()


def test_blobs_share_only_the_free_atoms_at_random() -> None:
    blobs = Blobs(((1.0, 0.0, 0.0, 0.0, TINY), (2.0, 50.0, 0.0, 0.0, TINY)))
    batch = pinned([MOLECULES[3]] * 40, [[0, 2, 3]] * 40)
    x = blobs.sample(batch, Noise(0, range(40))).view(40, 6, 3)[:, [1, 4, 5], 0].round()
    assert (x.sort(1).values == torch.tensor([0.0, 50.0, 50.0])).all()
    assert len({tuple(row) for row in x.tolist()}) == 3


@pytest.mark.parametrize(
    ("blobs", "reason"),
    [
        ((), "0 blobs"),
        (((1.0, 0.0, 0.0, 0.0, 1.0),) * 1001, "1001 blobs"),
        (((0.0, 0.0, 0.0, 0.0, 1.0),), "Blob 1 has the weight 0"),
        (((1.0, 0.0, 0.0, 0.0, 1.0), (math.nan, 0.0, 0.0, 0.0, 1.0)), "Blob 2 has the weight nan"),
        (((1.0, math.nan, 0.0, 0.0, 1.0),), "Point 1 of the blobs"),
        (((1.0, 0.0, 0.0, 0.0, 0.0),), "σ of blob 1"),
    ],
)
def test_blobs_that_make_no_sense_are_refused(
    blobs: tuple[tuple[float, float, float, float, float], ...], reason: str
) -> None:
    with pytest.raises(GpffError, match=reason):
        Blobs(blobs)
