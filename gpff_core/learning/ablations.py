"""What the parts of the method are worth: one is changed at a time, and everything else stays as it is.

What can be changed in a finished checkpoint is measured with it. What has to be trained is measured on small networks,
which see the same structures in the same order for equally many steps: they say what a part does, not how good it gets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import torch
from lightning_fabric import Fabric

from gpff_core.calibration import NoiseCalibration
from gpff_core.evaluation.metrics import Fraction
from gpff_core.evaluation.scaffolds import measure_scaffolds
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.learning.corruption import CorruptionConfig
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.train import TrainingConfig, TrainingRun
from gpff_core.learning.validation import BandErrors, calibrate
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe

N_CALLS: Final = 60
"""Network calls that a structure may use."""

SELF_TIMED: Final = ("self-paced", "adaptive-ancestral", "adaptive-heun")
"""Samplers that read σ̂."""

LAMBDAS: Final = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Å."""

WEIGHTS: Final = (0.0, 0.2, 0.4, 0.6)
"""Of guidance."""

N_FEW_CALLS: Final = 6
"""Network calls where momentum takes the place of those that are not there."""

MOMENTA: Final = (0.0, 0.4, 0.8, 1.2)

SMALL: Final[Mapping[str, Any]] = {"n_features": 96, "n_vectors": 48, "n_heads": 6, "n_layers": 4, "n_pair": 24}
BATCH_SIZE: Final = 64


@dataclass(frozen=True)
class Variation:
    """A small network, and what of its sizes or its noise is not as usual."""

    part: str
    variant: str
    network: Mapping[str, float] = field(default_factory=dict)
    corruption: Mapping[str, float] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, Any]:
        """Sizes of the network."""
        return {**SMALL, **self.network}


VARIATIONS: Final = (
    Variation("small network", "as usual"),
    # For data of that size every cloud is small, and the factor of the skip connection is 1: X̂₀ = X + what is learned.
    Variation("blind preconditioning", "without", network={"data_scale": 1e4}),
    Variation("frozen fragments", "in no structure", corruption={"heteroscedastic_share": 0.0}),
    Variation("frozen fragments", "in 25 % of structures", corruption={"heteroscedastic_share": 0.25}),
    Variation("size", "half the features", network={"n_features": 48, "n_vectors": 24}),
    Variation("size", "half the layers", network={"n_layers": 2}),
    Variation("size", "twice the layers", network={"n_layers": 8}),
)


@dataclass(frozen=True)
class AblationPoint:
    """One variant: calls used (mean) and valid structures.

    Of what was trained also the scaffolds kept, and root mean square errors of a coordinate in Å by the noise level σ
    (Å) at which held-out structures were shown.
    """

    part: str
    variant: str
    n_parameters: int
    calls: float
    valid: Fraction
    kept: Fraction | None = None
    errors: Mapping[float, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        kept = None if self.kept is None else self.kept.as_dict()
        errors = {f"{sigma:g}": error for sigma, error in self.errors.items()}
        return asdict(self) | {"valid": self.valid.as_dict(), "kept": kept, "errors": errors}


N_SAMPLING: Final = 2 * len(SELF_TIMED) + len(LAMBDAS) + len(WEIGHTS) + len(MOMENTA)
"""Points that `ablate_sampling` makes."""


def ablate_sampling(checkpoint: Checkpoint, compositions: Sequence[Composition], seed: int) -> Iterator[AblationPoint]:
    """Calibration of σ̂, λ, guidance and momentum, one structure for each composition."""
    raw = replace(checkpoint, calibration=NoiseCalibration.identity())
    for sampler in SELF_TIMED:
        recipe = Recipe.for_calls(sampler, N_CALLS, seed)
        yield _sampled(f"σ̂, {sampler}", "calibrated", checkpoint, recipe, compositions)
        yield _sampled(f"σ̂, {sampler}", "as estimated", raw, recipe, compositions)
    for shake in LAMBDAS:
        recipe = Recipe("direct", N_CALLS, settings={"stochastic_lambda": shake}, seed=seed)
        yield _sampled("λ, direct", f"{shake:g} Å", checkpoint, recipe, compositions)
    for weight in WEIGHTS:
        recipe = Recipe("direct", N_CALLS, settings={"guidance": weight}, seed=seed)
        yield _sampled("guidance, direct", f"{weight:g}", checkpoint, recipe, compositions)
    for momentum in MOMENTA:
        recipe = Recipe("direct", N_FEW_CALLS, settings={"momentum": momentum}, seed=seed)
        yield _sampled("momentum, direct", f"{momentum:g}", checkpoint, recipe, compositions)


def training_of(variation: Variation, dataset: MoleculeDataset, folder: Path, n_steps: int, seed: int) -> TrainingRun:
    """The run of a small network on this machine's processor; its state is left in `folder`."""
    config = TrainingConfig(
        network_config=variation.config,
        steps=n_steps,
        batch_size=BATCH_SIZE,
        seed=seed,
        corruption=CorruptionConfig(**variation.corruption),
    )
    return TrainingRun(config, dataset, folder, Fabric(accelerator="cpu", devices=1))


def judge(
    variation: Variation,
    run: TrainingRun,
    errors: Sequence[BandErrors],
    dataset: MoleculeDataset,
    compositions: Sequence[Composition],
    n_scaffolds: int,
    seed: int,
) -> AblationPoint:
    """What a run has come to: one structure for each composition, and every scaffold case `n_scaffolds` times.

    `errors` are those of the validation that ended the run.
    """
    network = run.network.eval().requires_grad_(requires_grad=False)
    card = {"elements": list(dataset.elements)}
    checkpoint = Checkpoint(variation.variant, network, calibrate(network, dataset, torch.device("cpu")), card, "")
    recipe = Recipe.for_calls("direct", N_CALLS, seed)
    cases = measure_scaffolds(checkpoint, replace(recipe, frozen=True), n_scaffolds)
    return replace(
        _sampled(variation.part, variation.variant, checkpoint, recipe, compositions),
        kept=Fraction.pooled(case.kept for case in cases),
        errors={band.sigma: band.error for band in errors},
    )


def _sampled(
    part: str, variant: str, checkpoint: Checkpoint, recipe: Recipe, compositions: Sequence[Composition]
) -> AblationPoint:
    samples = samples_of(generate(checkpoint, GenerationRequest.of(recipe, compositions)))
    return AblationPoint(
        part,
        variant,
        sum(parameter.numel() for parameter in checkpoint.network.parameters()),
        sum(sample.n_evaluations for sample in samples) / len(samples),
        Fraction.of(sample.verdict.valid for sample in samples),
    )
