"""Training learns, stops and continues: real runs of a small network."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.learning.corruption import CorruptionConfig
from gpff_core.learning.log import TrainingLog
from gpff_core.learning.train import TrainingConfig, TrainingRun
from gpff_core.networks.checkpoint import build_network, load_checkpoint
from gpff_core.recipe import Recipe
from tests.unit.small_data import FORMULAS, config, dataset, fabric, structure


def weights(run: TrainingRun) -> dict[str, Tensor]:
    return run.averaged.state_dict()


def run_in(folder: Path, steps: int, **settings: object) -> TrainingRun:
    return TrainingRun(config(steps, **settings), dataset(4), folder, fabric())


def take(steps: Iterator[object], n: int) -> None:
    for _ in range(n):
        next(steps)


def distances_from(positions: np.ndarray, atom: int) -> np.ndarray:
    """From one atom to all others, in Å, ascending: like atoms may have changed places."""
    return np.sort(np.linalg.norm(positions - positions[atom], axis=1))[1:]


def test_generated_molecules_have_the_geometry_they_were_trained_on(trained: Path) -> None:
    """Direct denoising from noise; all distances between atoms, so that neither rotation nor reflection matters."""
    recipe = Recipe("direct", steps=30)
    compositions = tuple(structure(formula)[0] for formula in FORMULAS for _ in range(3))
    request = GenerationRequest(compositions, recipe.build_prior(), recipe.build_sampler())
    samples = samples_of(generate(load_checkpoint(trained), request))
    assert [s.verdict.smiles for s in samples] == [FORMULAS[formula] for formula in FORMULAS for _ in range(3)]
    errors = [
        distances_from(sample.positions, atom) - distances_from(structure(sample.composition.formula)[1], atom)
        for sample in samples
        for atom in range(len(sample.composition))
    ]
    assert float(np.median(np.abs(np.concatenate(errors)))) < 0.05


def test_training_lowers_the_validation_error_wherever_there_is_structure(tmp_path: Path) -> None:
    run = run_in(tmp_path, 60)
    before = run.validation()
    (*_, last) = run.steps()
    assert last.step == 60
    assert last.fraction == 1
    assert [band.sigma for band in last.validation] == [band.sigma for band in before]
    below_a_bond_length = [(old, new) for old, new in zip(before, last.validation, strict=True) if old.sigma < 1]
    assert all(new.loss < 0.98 * old.loss for old, new in below_a_bond_length)
    assert last.validation[0].loss < 0.8 * before[0].loss


def test_a_stopped_run_continues_bit_for_bit(tmp_path: Path) -> None:
    whole = run_in(tmp_path / "whole", 12)
    (tmp_path / "whole").mkdir()
    losses = [step.loss for step in whole.steps()]

    first = run_in(tmp_path, 12)
    steps = first.steps()
    take(steps, 7)
    first.save()
    second = run_in(tmp_path, 12)
    second.resume()
    assert second.step == 7
    assert [step.loss for step in second.steps()] == losses[7:]
    assert all(torch.equal(value, weights(second)[name]) for name, value in weights(whole).items())


def test_a_step_is_saved_only_after_it_was_dealt_with(tmp_path: Path) -> None:
    """Else a run killed while its last checkpoint is written would believe it is complete."""
    run = run_in(tmp_path, 3, save_every_minutes=0.0)
    steps = run.steps()
    next(steps)
    assert not run.state_file.exists()
    next(steps)
    resumed = run_in(tmp_path, 3)
    resumed.resume()
    assert resumed.step == 1


def test_a_state_of_another_network_is_refused(tmp_path: Path) -> None:
    run_in(tmp_path, 3).save()
    other = TrainingConfig(network_config={"n_features": 16, "n_vectors": 8, "n_heads": 2, "n_layers": 1}, steps=3)
    with pytest.raises(GpffError, match="network of other sizes"):
        TrainingRun(other, dataset(4), tmp_path, fabric()).resume()


@pytest.mark.parametrize("content", [b"", b"rubbish" * 100])
def test_a_damaged_state_is_refused(tmp_path: Path, content: bytes) -> None:
    run = run_in(tmp_path, 3)
    run.state_file.write_bytes(content)
    with pytest.raises(GpffError, match="cannot be read"):
        run.resume()


def test_a_truncated_state_is_refused(tmp_path: Path) -> None:
    run = run_in(tmp_path, 3)
    run.save()
    run.state_file.write_bytes(run.state_file.read_bytes()[:-100])
    with pytest.raises(GpffError, match="cannot be read"):
        run.resume()


def test_warm_start_begins_with_the_given_weights(tmp_path: Path) -> None:
    given = build_network("transformer", config(1).network_config)
    run = run_in(tmp_path, 3)
    run.warm_start(given)
    assert all(torch.equal(value, run.network.state_dict()[name]) for name, value in given.state_dict().items())
    with pytest.raises(GpffError, match="other sizes"):
        run.warm_start(build_network("transformer", {"n_layers": 1}))


def test_a_network_that_marks_frozen_atoms_may_begin_from_one_that_does_not(tmp_path: Path) -> None:
    """And learns the marks, from structures that have frozen fragments."""
    sizes = config(1).network_config
    given = build_network("transformer", sizes)
    run = run_in(
        tmp_path,
        2,
        network_config={**sizes, "marks_frozen": True},
        corruption=CorruptionConfig(heteroscedastic_share=1),
    )
    run.warm_start(given)
    marks = {name: value for name, value in run.network.state_dict().items() if name.startswith("frozen.")}
    assert len(marks) == 2
    assert not any(value.any() for value in marks.values())
    take(run.steps(), 2)
    assert all(run.network.state_dict()[name].any() for name in marks)


@pytest.mark.parametrize(
    "settings",
    [{}, {"steps": 5, "minutes": 1.0}, {"steps": 0}, {"minutes": -1.0}, {"steps": 5, "batch_size": 0}]
    + [{"steps": 5, name: 0} for name in ("learning_rate", "gradient_clip", "log_every_steps")],
)
def test_senseless_settings_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(GpffError):
        TrainingConfig(**settings)  # type: ignore[arg-type]


def test_the_log_goes_back_to_where_the_state_was_saved(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "log.jsonl", every=2)
    for step in run_in(tmp_path, 8).steps():
        log.step(step)
    log.quality(8, 1.0, 0.75, 100)
    assert log.best_validity == 0.75
    with log.path.open("a") as file:
        file.write('{"step": 9, "lo')  # killed while writing
    assert [line["step"] for line in log.lines()] == [2, 4, 6, 8, 8, 8]
    log.rewind(5)
    assert [line["step"] for line in log.lines()] == [2, 4]
    assert log.best_validity == 0


def test_logged_losses_are_averages(tmp_path: Path) -> None:
    log = TrainingLog(tmp_path / "log.jsonl", every=4)
    losses = []
    for step in run_in(tmp_path, 8).steps():
        log.step(step)
        losses.append(step.loss)
    logged = [line["loss"] for line in log.lines() if "loss" in line]
    assert logged == pytest.approx([np.mean(losses[:4]), np.mean(losses[4:])])


def test_precision_of_another_kind_trains_too(tmp_path: Path) -> None:
    """bf16 autocast, as the shipped recipe asks for; the weights stay float32."""
    settings = config(3, precision="bf16-mixed")
    run = TrainingRun(settings, dataset(4), tmp_path, Fabric(accelerator="cpu", devices=1, precision="bf16-mixed"))
    assert all(np.isfinite(step.loss) for step in run.steps())
    assert {value.dtype for value in run.network.state_dict().values()} == {torch.float32}


def test_methane_is_in_the_g2_set_as_a_tetrahedron() -> None:
    """The data the tests train on is what it is believed to be."""
    composition, positions = structure("CH4")
    assert composition.formula == "CH4"
    bonds = positions[1:] - positions[0]
    cosines = (bonds @ bonds.T) / np.linalg.norm(bonds, axis=1).prod() ** 0.5
    assert cosines[np.triu_indices(4, 1)] == pytest.approx(np.full(6, -1 / 3), abs=1e-3)
