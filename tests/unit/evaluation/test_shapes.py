"""The clouds that are relaxed have the shape that was asked for, and what is kept of it is measured against them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.shape import rmsd, variance_ratios
from gpff_core.evaluation.shapes import ShapePoint, measure_shapes, shaped_prior
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.noise import Noise
from gpff_core.priors import SHAPES

SHIPPED = Path(__file__).parents[3] / "checkpoints" / "qm9.safetensors"


@pytest.fixture(scope="module")
def field() -> Checkpoint:
    return load_checkpoint(SHIPPED)


@pytest.fixture(scope="module")
def points(field: Checkpoint) -> dict[tuple[str, float], ShapePoint]:
    found = measure_shapes(field, [parse_formula("C7H10O2")] * 6, (1.5, 3.0), 4, seed=0)
    return {(point.shape, point.sigma): point for point in found}


@pytest.mark.parametrize("shape", SHAPES)
def test_large_clouds_have_the_ratios_and_the_size_asked_for(shape: str) -> None:
    batch = AtomBatch.from_compositions([Composition((6,) * 4000)])
    x = shaped_prior(SHAPES[shape], 1.5).sample(batch, Noise(0, [0])).numpy()
    assert variance_ratios(x) == pytest.approx(sorted(SHAPES[shape], reverse=True), abs=0.03)
    assert np.sqrt(np.square(x).mean()) == pytest.approx(1.5, rel=0.03)


def test_every_shape_and_size_is_measured(points: dict[tuple[str, float], ShapePoint]) -> None:
    assert set(points) == {
        (f"{shape}{held}", sigma) for shape in SHAPES for held in ("", ", held") for sigma in (1.5, 3.0)
    }
    for point in points.values():
        assert point.valid.total == point.of_all.n == len(point.of_all.moments) == 6
        assert point.of_valid.n == point.valid.count
        assert sum(point.of_all.start) == pytest.approx(1)
        assert "moments" not in point.as_dict()["of_all"]


def test_the_cloud_decides_the_shape(points: dict[tuple[str, float], ShapePoint]) -> None:
    """λ = 0 stays close to its start: rods give longer molecules than balls, and wider clouds have further to go."""
    rod, ball = points["rod", 1.5].of_all, points["ball", 1.5].of_all
    assert rod.start[0] > 0.75
    assert rod.result[0] > ball.result[0] + 0.1
    assert points["rod, held", 1.5].of_all.result[0] > rod.result[0]
    for shape in SHAPES:
        assert points[shape, 3.0].of_all.rmsd.median > points[shape, 1.5].of_all.rmsd.median


def test_distances_are_between_each_cloud_and_its_own_result(field: Checkpoint) -> None:
    """Measured again by hand, for formulas of different sizes, which are computed in another order than asked for."""
    compositions = [parse_formula(formula) for formula in ("C7H10O2", "CH4", "C3H8O")]
    point = next(measure_shapes(field, compositions, (1.5,), 1, seed=3))
    moved = []
    for i, composition in enumerate(compositions):
        batch = AtomBatch.from_compositions([composition])
        x = shaped_prior(SHAPES["rod"], 1.5).sample(batch, Noise(3, [i]))
        with torch.inference_mode():
            moved.append(rmsd((x + field(x, batch) / 2).numpy(), x.numpy()))
    assert point.of_all.rmsd.median == pytest.approx(np.median(moved), abs=1e-3)
