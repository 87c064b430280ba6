"""How much of a prior's shape survives a short relaxation: direct denoising without shaking, λ = 0, in a few calls."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpff_core.chemistry.shape import moment_ratios, rmsd, variance_ratios
from gpff_core.evaluation.metrics import Fraction, Quartiles
from gpff_core.generation import GenerationRequest, StepTaken, generate, samples_of
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.priors import SHAPES, Covariance, Shape
from gpff_core.samplers import DirectDenoising
from gpff_core.samples import Sample

Ratios = tuple[float, float, float]


@dataclass(frozen=True)
class Retention:
    """What became of `n` clouds: mean variance ratios of the clouds and of the results, and how far atoms moved.

    `rmsd` (Å) is between cloud and result after rigid superposition; `moments` are (NPR1, NPR2) of each result.
    """

    n: int
    start: Ratios
    result: Ratios
    rmsd: Quartiles
    moments: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class ShapePoint:
    """One shape, by its name, at one size, σ (Å) being the root mean square coordinate of the prior."""

    shape: str
    sigma: float
    n_calls: int
    asked: Ratios
    valid: Fraction
    of_all: Retention
    of_valid: Retention
    prior: str

    def as_dict(self) -> dict[str, Any]:
        facts = asdict(self) | {"valid": self.valid.as_dict()}
        for name in ("of_all", "of_valid"):
            del facts[name]["moments"]  # for the figure; too many numbers to read
        return facts


def shaped_prior(ratios: Ratios, sigma: float) -> Covariance:
    """Principal axes along x, y and z, with variances in these ratios whose mean is σ² (Å²)."""
    return Covariance(*(3 * sigma**2 * share for share in ratios))


def measure_shapes(
    field: Checkpoint,
    compositions: Sequence[Composition],
    sigmas: Sequence[float],
    n_calls: int,
    seed: int,
) -> Iterator[ShapePoint]:
    """Relax one cloud of each shape and size for every composition; the same seed gives clouds the same directions.

    First each shape as the start alone, then held, that is imposed anew before every call.
    """
    sampler = DirectDenoising(n_calls, stochastic_lambda=0.0)
    for hold, (shape, ratios), sigma in product((False, True), SHAPES.items(), sigmas):
        prior = Shape(ratios, sigma, hold=True) if hold else shaped_prior(ratios, sigma)
        request = GenerationRequest(tuple(compositions), prior, sampler, seed)
        clouds: dict[int, NDArray[np.float32]] = {}
        samples = samples_of(generate(field, request), partial(_note_cloud, clouds))
        valid = [sample for sample in samples if sample.verdict.valid]
        share = Fraction(len(valid), len(samples))
        kept = (_retention(samples, clouds), _retention(valid, clouds))
        name = f"{shape}, held" if hold else shape
        yield ShapePoint(name, sigma, n_calls, ratios, share, *kept, str(prior))


def _note_cloud(clouds: dict[int, NDArray[np.float32]], taken: StepTaken) -> None:
    """What the field is shown first is the prior's own cloud, since λ = 0."""
    if taken.step.index == 0:
        clouds.update(zip(taken.places, (x.numpy() for x in taken.batch.split(taken.step.x.cpu())), strict=True))


def _retention(samples: Sequence[Sample], clouds: Mapping[int, NDArray[np.float32]]) -> Retention:
    return Retention(
        len(samples),
        mean_ratios([clouds[sample.index] for sample in samples]),
        mean_ratios([sample.positions for sample in samples]),
        Quartiles.of(rmsd(sample.positions, clouds[sample.index]) for sample in samples),
        tuple(moment_ratios(sample.composition.numbers, sample.positions) for sample in samples),
    )


def mean_ratios(geometries: Sequence[NDArray[np.floating]]) -> Ratios:
    """Mean variance ratios of coordinates (N, 3) each; all 0 where there are none."""
    first, second, third = np.mean([variance_ratios(x) for x in geometries] or [(0.0, 0.0, 0.0)], axis=0)
    return float(first), float(second), float(third)
