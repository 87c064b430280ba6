"""A request becomes molecules: the same ones whatever they are computed with, and every one of them judged."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty, TrainingReference
from gpff_core.chemistry.scaffolds import ScaffoldSource
from gpff_core.chemistry.verdicts import Verdict, verdict
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.generation import (
    BatchFinished,
    GenerationRequest,
    StepTaken,
    _remembered,
    arrival,
    generate,
    judge,
    samples_of,
)
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.priors import Isotropic
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS, SAMPLERS, DirectDenoising
from gpff_core.samplers.settings import settings_of
from tests.unit.small_data import FORMULAS, structure

COMPOSITIONS = tuple(structure(formula)[0] for formula in ("CH4", "H2O", "CH2O", "H2O", "CH4"))


class Counted:
    """A checkpoint that counts the molecules it was called on."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint, self.n_molecules = checkpoint, 0
        self.elements, self.name, self.device = checkpoint.elements, checkpoint.name, checkpoint.device
        self.noise_level = checkpoint.noise_level

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        self._count(batch)
        return self._checkpoint(positions, batch)

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        self._count(batch)
        return self._checkpoint.early_and_final(positions, batch)

    def _count(self, batch: AtomBatch) -> None:
        assert torch.is_inference_mode_enabled()
        self.n_molecules += batch.n_molecules


@pytest.fixture(scope="module")
def field(trained: Path) -> Checkpoint:
    return load_checkpoint(trained)


def request(recipe: Recipe, **changes: object) -> GenerationRequest:
    given = {
        "compositions": COMPOSITIONS,
        "prior": recipe.build_prior(),
        "sampler": recipe.build_sampler(),
        "seed": recipe.seed,
    }
    return GenerationRequest(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_calls_are_counted_as_they_are_made(field: Checkpoint, sampler: str) -> None:
    counted = Counted(field)
    samples = samples_of(generate(counted, request(Recipe(sampler, steps=9)), None))  # type: ignore[arg-type]
    assert counted.n_molecules == sum(sample.n_evaluations for sample in samples)


@pytest.mark.parametrize("sampler", list(SAMPLERS))
@pytest.mark.parametrize("budget", [1, 4, 6, 15, 60])
def test_a_budget_of_calls_is_kept_and_used(field: Checkpoint, sampler: str, budget: int) -> None:
    samples = samples_of(generate(field, request(Recipe.for_calls(sampler, budget))))
    most = max(sample.n_evaluations for sample in samples)
    assert most <= budget
    if "sigma_stop" not in settings_of(SAMPLERS[sampler]):  # those stop when they are done
        assert most >= budget - 1


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_a_molecule_depends_on_its_place_alone(field: Checkpoint, sampler: str) -> None:
    """Not on its batch, nor on what else was asked for; so a resumed run goes on with the same molecules."""
    recipe = Recipe(sampler, steps=8, seed=3)
    together = samples_of(generate(field, request(recipe)))
    assert [sample.index for sample in together] == list(range(5))
    for place in (1, 4):
        changes = {"compositions": (COMPOSITIONS[place],), "places": (place,)}
        (alone,) = samples_of(generate(field, request(recipe, **changes)))
        assert alone.index == place
        assert alone.positions == pytest.approx(together[place].positions, abs=1e-3)
        assert alone.verdict.smiles == together[place].verdict.smiles


def test_what_is_not_valid_is_reheated_and_what_is_stays(field: Checkpoint) -> None:
    """One step leaves nonsense; the rounds that follow mend some of it, and only as long as it is not valid."""
    plain = samples_of(generate(field, request(Recipe("direct", steps=1))))
    counted = Counted(field)
    mended = samples_of(generate(counted, request(Recipe("direct", steps=1, reheat=3)), None))  # type: ignore[arg-type]
    assert counted.n_molecules == sum(sample.n_evaluations for sample in mended)
    for before, after in zip(plain, mended, strict=True):
        assert before.verdict.valid == (after.n_evaluations == 1)
        assert after.verdict.valid or after.n_evaluations == 1 + 3 * REHEAT_STEPS
    assert sum(sample.verdict.valid for sample in plain) < sum(sample.verdict.valid for sample in mended)


def test_no_structure_is_judged_twice(field: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a polish was asked about is what the run is judged by; and every answer is that of its own coordinates."""
    asked: list[bytes] = []
    _remembered.cache_clear()

    def counting(numbers: Sequence[int], positions: NDArray[np.float32]) -> Verdict:
        asked.append(bytes(str(numbers), "ascii") + positions.tobytes())
        return verdict(numbers, positions)

    monkeypatch.setattr("gpff_core.generation.verdict", counting)
    samples = samples_of(generate(field, request(Recipe("direct", steps=17, reheat=1, seed=11))))
    assert len(asked) == len(set(asked)) >= 2 * len(samples)
    for sample in samples:
        assert sample.verdict.smiles == verdict(sample.composition.numbers, sample.positions).smiles


def test_events_tell_the_whole_story(field: Checkpoint) -> None:
    events = list(generate(field, request(Recipe("direct", steps=4), batch_size=2)))
    kinds = [type(event) for event in events]
    assert kinds == ([StepTaken] * 4 + [BatchFinished]) * 3
    batches = [event for event in events if isinstance(event, BatchFinished)]
    sizes = [len(sample.composition) for batch in batches for sample in batch.samples]
    assert sizes == sorted(sizes)
    for event in events:
        if isinstance(event, StepTaken):
            assert event.compositions == tuple(COMPOSITIONS[place] for place in event.places)


def test_stopping_early_computes_nothing_more(field: Checkpoint) -> None:
    counted = Counted(field)
    taken = list(islice(generate(counted, request(Recipe("direct", steps=50), batch_size=1)), 3))  # type: ignore[arg-type]
    assert counted.n_molecules == 3
    (stopped,) = judge(taken[-1])  # type: ignore[arg-type]
    assert stopped.n_evaluations == 3
    assert stopped.positions == pytest.approx(taken[-1].step.x0_hat.numpy())  # type: ignore[union-attr]


def test_iterating_leaves_gradients_on(field: Checkpoint) -> None:
    """A generator that kept inference mode across a yield would break whoever iterates."""
    for _ in generate(field, request(Recipe("direct", steps=2))):
        assert not torch.is_inference_mode_enabled()


def test_results_are_judged_against_the_reference(field: Checkpoint, trained: Path) -> None:
    reference = TrainingReference.load(trained.with_suffix(".reference.npz"))
    samples = samples_of(generate(field, request(Recipe("direct", steps=30)), reference))
    valid = [sample for sample in samples if sample.verdict.valid]
    assert len(valid) >= 4
    for sample in valid:
        assert sample.verdict.smiles == FORMULAS[sample.composition.formula]
        assert sample.novelty is (Novelty.NOVEL if sample.composition.formula == "CH2O" else Novelty.KNOWN)
        assert sample.verdict.molecule is not None
        assert sample.verdict.molecule.GetConformer().GetPositions() == pytest.approx(sample.positions, abs=1e-5)


def test_arrival_shows_the_result_and_the_forces_left_on_it(field: Checkpoint) -> None:
    *_, last = generate(field, request(Recipe("direct", steps=30)))
    assert isinstance(last, BatchFinished)
    shown = arrival(field, last.last)
    where = shown.batch.split(shown.step.x)
    for sample, x in zip(last.samples, where, strict=True):
        assert sample.positions == pytest.approx(x.numpy())
    expected = field(shown.step.x, shown.batch)
    assert torch.allclose(shown.step.force, expected, atol=1e-5)
    assert float(shown.step.force.norm()) < 0.2 * float(last.last.step.force.norm() + 10)


def test_arrival_leaves_frozen_atoms_without_force(field: Checkpoint) -> None:
    """And its σ̂ is that of the atoms that can move."""
    ring = ScaffoldSource(*structure_from_smiles("c1ccccc1"))
    scaffold = ring.scaffold(ring.select("c1ccccc1"))
    whole = [scaffold.grown_by(parse_formula("H6"))]
    recipe = Recipe("direct", steps=4, frozen=True)
    *_, last = generate(field, GenerationRequest.of(recipe, whole, scaffold=scaffold))
    assert isinstance(last, BatchFinished)
    shown = arrival(field, last.last).step
    assert shown.force[:6].abs().max() == 0
    assert shown.force[6:].abs().max() > 0
    assert float(shown.sigma) == pytest.approx(float(field.noise_level(shown.force, last.last.batch)))


@pytest.mark.parametrize(("settings"), [{"compositions": ()}, {"batch_size": 0}, {"seed": -1}])
def test_senseless_requests_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(GpffError):
        GenerationRequest(
            **{"compositions": COMPOSITIONS, "prior": Isotropic(1), "sampler": DirectDenoising(), **settings}
        )  # type: ignore[arg-type]


def test_unknown_elements_are_named(field: Checkpoint) -> None:
    with pytest.raises(GpffError, match="F, Cl cannot be generated: the checkpoint small knows only H C O"):
        check_elements([Composition((6, 17, 9, 1))], field.elements, field.name)
    check_elements([Composition((6, 8, 1))], field.elements, field.name)


def test_a_cloud_that_runs_away_is_an_error(field: Checkpoint) -> None:
    with pytest.raises(GpffError, match="became infinite or NaN"):
        samples_of(generate(field, request(Recipe("direct", steps=2, settings={"stochastic_lambda": 1e39}))))


def test_positions_are_plain_arrays(field: Checkpoint) -> None:
    samples = samples_of(generate(field, request(Recipe("direct", steps=2))))
    assert all(sample.positions.dtype == np.float32 for sample in samples)
    assert all(sample.positions.shape == (len(sample.composition), 3) for sample in samples)
