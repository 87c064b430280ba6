"""`bench ablations` changes what it says it changes, and nothing else."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gpff_core.calibration import NoiseCalibration
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.evaluation.scaffolds import CASES
from gpff_core.learning import ablations
from gpff_core.learning.ablations import N_SAMPLING, VARIATIONS, Variation, ablate_sampling, training_of
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.networks.checkpoint import load_checkpoint
from gpff_core.networks.preconditioning import skip_factor
from gpff_core.networks.transformer import EquivariantTransformer, TransformerConfig
from gpff_core.samplers import POLISH_CALLS
from tests.unit.cli.conftest import Command

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"
TINY = {"n_features": 12, "n_vectors": 6, "n_heads": 2, "n_layers": 1, "n_pair": 4}


def test_a_variation_is_trained_as_it_says(tmp_path: Path) -> None:
    dataset = MoleculeDataset.from_npz(QM9)
    runs = {
        (variation.part, variation.variant): training_of(variation, dataset, tmp_path, n_steps=1, seed=0)
        for variation in VARIATIONS
    }
    usual = runs["small network", "as usual"]
    far = torch.tensor([100.0])  # g² of a cloud of 10 Å

    def skip(name: tuple[str, str]) -> float:
        return float(skip_factor(far, runs[name].network.config.data_scale))

    assert skip(("small network", "as usual")) < 0.1
    assert skip(("blind preconditioning", "without")) == 1
    shares = {name: run.config.corruption.heteroscedastic_share for name, run in runs.items()}
    assert shares["frozen fragments", "in no structure"] == 0
    assert shares["frozen fragments", "in 25 % of structures"] == 0.25
    assert sum(share == usual.config.corruption.heteroscedastic_share for share in shares.values()) == len(runs) - 2
    sizes = {name: sum(p.numel() for p in run.network.parameters()) for name, run in runs.items()}
    assert sizes["size", "half the features"] < sizes["size", "half the layers"] < sizes["small network", "as usual"]
    assert sizes["size", "twice the layers"] > sizes["small network", "as usual"]


def test_what_is_not_calibrated_goes_by_the_raw_estimate(trained: Path) -> None:
    """With a calibration that sees no noise anywhere, a structure is done at once, and polished."""
    blind = NoiseCalibration(torch.tensor([1e-2, 1e2]), torch.tensor([1e-6, 1e-2]))
    field = replace(load_checkpoint(trained), calibration=blind)
    calls = {(p.part, p.variant): p.calls for p in ablate_sampling(field, [parse_formula("CH4")], seed=0)}
    for part in {part for part, _ in calls if part.startswith("σ̂")}:
        assert calls[part, "calibrated"] == 1 + POLISH_CALLS
        assert calls[part, "as estimated"] > 1 + POLISH_CALLS
    assert {variant for part, variant in calls if part.startswith("λ")} == {"0 Å", "0.5 Å", "1 Å", "1.5 Å", "2 Å"}
    assert len(calls) == N_SAMPLING


def test_both_kinds_of_variants_are_measured_and_written(
    gpff: Command, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    methane = parse_formula("CH4")
    wider = Variation("tiny network", "wider", network={"n_features": 24})
    monkeypatch.setattr(ablations, "SMALL", TINY)
    monkeypatch.setattr("gpff_core.cli.bench.ablations.VARIATIONS", (wider,))
    monkeypatch.setattr(MoleculeDataset, "composition", lambda *_: methane)
    words = ("bench", "ablations", "--checkpoint", trained, "--docs", tmp_path, "-n", 2, "--steps", 2, "--scaffolds", 1)
    outcome = gpff(*words)
    assert outcome.code == 0, outcome.err
    result = json.loads((tmp_path / "benchmarks" / "ablations.json").read_text())
    *sampled, point = result["points"]
    assert all(one["kept"] is None and one["valid"]["total"] == 2 for one in sampled)
    assert (point["kept"]["total"], point["valid"]["total"]) == (len(CASES), 2)
    network = EquivariantTransformer(TransformerConfig(**{**TINY, "n_features": 24}))
    assert point["n_parameters"] == sum(p.numel() for p in network.parameters())
    assert point["errors"]["0.4"] > 0
    page = (tmp_path / "benchmarks.md").read_text()
    assert f"| tiny network | wider | {point['n_parameters']:,} | {point['errors']['0.1']:.3f} Å |" in page
    assert "| σ̂, self-paced | as estimated |" in page


def test_nothing_to_train_is_refused(gpff: Command, trained: Path, tmp_path: Path) -> None:
    outcome = gpff("bench", "ablations", "--checkpoint", trained, "--docs", tmp_path, "--steps", 0)
    assert outcome.code == 2
    assert "--steps is 0; give 1 or more" in outcome.err
