"""What every sampler must satisfy, on a real network; a new sampler joins by a line in `SETTINGS` and one in `BAD`."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from gpff_core.calibration import NoiseCalibration
from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch, Composition, Pins
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.noise import Noise
from gpff_core.samplers import (
    SAMPLERS,
    AdaptiveAncestral,
    AdaptiveHeun,
    Ancestral,
    DirectDenoising,
    Euler,
    Heun,
    Multistep,
    PredictorCorrector,
    ReverseSDE,
    Sampler,
    SelfPaced,
    Step,
    summary_of,
)
from gpff_core.schedules import Geometric, Karras
from tests.unit.networks.random_transformer import ETHANOL, FORMAMIDE, LONE_ATOM, METHANE, WATER, random_transformer

MOLECULES = [ETHANOL, LONE_ATOM, FORMAMIDE, METHANE, WATER]
"""All of different sizes, so that a network call shows which of them it computes."""

SETTINGS: dict[str, Sampler] = {
    "direct": DirectDenoising(6, 0.5, 0.4),
    "self-paced": SelfPaced(12, 0.7, 0.8),
    "ancestral": Ancestral(6, Karras(5.0, 0.05)),
    "heun": Heun(6, Karras(5.0, 0.05), churn=2),
    "reverse-sde": ReverseSDE(6, Karras(5.0, 0.05)),
    "predictor-corrector": PredictorCorrector(4, Karras(5.0, 0.05), n_corrector=2, snr=0.2),
    "euler": Euler(6, Karras(5.0, 0.05)),
    "multistep": Multistep(6, Karras(5.0, 0.05)),
    "adaptive-ancestral": AdaptiveAncestral(12, Karras(5.0, 0.05), sigma_stop=0.8),
    "adaptive-heun": AdaptiveHeun(12, Karras(5.0, 0.05), sigma_stop=0.8, churn=2),
}
"""Short runs; those that stop by themselves at a threshold that random weights pass at different times."""

BAD: dict[str, list[dict[str, Any]]] = {
    "direct": [
        {"stochastic_lambda": -1},
        {"stochastic_lambda": torch.nan},
        {"stochastic_lambda": torch.inf},
        {"shake_limit": 0},
        {"shake_limit": torch.nan},
        {"momentum": -0.1},
        {"momentum": 2.1},
        {"momentum": torch.nan},
    ],
    "self-paced": [{"kappa": 1}, {"kappa": -0.1}, {"kappa": torch.nan}, {"sigma_stop": 0}, {"sigma_stop": torch.nan}],
    "ancestral": [],
    "heun": [
        {"churn": -1},
        {"churn": torch.nan},
        {"churn_min": 2.0, "churn_max": 1.0},
        {"churn_min": -1.0},
        {"churn_max": torch.nan},
        {"churn_noise": 0},
    ],
    "reverse-sde": [],
    "predictor-corrector": [{"n_corrector": 0}, {"snr": 0}, {"snr": -0.1}, {"snr": torch.nan}, {"snr": 1.0}],
    "euler": [],
    "multistep": [],
    "adaptive-ancestral": [{"sigma_stop": 0}, {"sigma_stop": torch.nan}, {"sigma_stop": torch.inf}],
    "adaptive-heun": [{"sigma_stop": 0}, {"churn": -1}, {"churn": torch.nan}, {"churn": torch.inf}],
}

OTHER: dict[str, Any] = {
    "n_steps": 77,
    "schedule": Geometric(3.0, 0.01),
    "stochastic_lambda": 0.123,
    "momentum": 0.123,
    "shake_limit": 1.23,
    "kappa": 0.123,
    "sigma_stop": 0.123,
    "churn": 1.23,
    "churn_min": 0.123,
    "churn_max": 1.23,
    "churn_noise": 1.003,
    "n_corrector": 7,
    "snr": 0.123,
}
"""A value of every setting that no sampler above has."""

every_sampler = pytest.mark.parametrize("sampler", SETTINGS.values(), ids=SETTINGS)

STOPPING = ("self-paced", "adaptive-ancestral", "adaptive-heun")
"""Those whose molecules stop by themselves."""


def checkpoint(dtype: torch.dtype) -> Checkpoint:
    card = {"elements": [1, 2, 6, 7, 8]}
    return Checkpoint("random", random_transformer().to(dtype), NoiseCalibration.identity(), card, "")


@pytest.fixture(scope="module")
def field() -> Checkpoint:
    return checkpoint(torch.float64)


class Counted:
    """A field that counts its calls for each size of molecule, and may spoil one of them."""

    def __init__(self, field: PseudoForceField, spoil_call: int | None = None, spoiled: float = torch.nan) -> None:
        self._field, self._spoil_call, self._spoiled = field, spoil_call, spoiled
        self.n_calls = 0
        self.by_size: Counter[int] = Counter()

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        force = self._field(positions, batch).clone()
        if self.n_calls == self._spoil_call:
            force[-1, 1] = self._spoiled
        self.n_calls += 1
        self.by_size.update(batch.sizes)
        return force

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return self._field.noise_level(force, batch)


def run(
    sampler: Sampler,
    field: PseudoForceField,
    molecules: list[Composition] = MOLECULES,
    places: tuple[int, ...] = tuple(range(len(MOLECULES))),
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
    watch: Callable[[Step], None] = lambda step: None,
) -> list[Step]:
    """All steps from a cloud of 3 Å, with a look at each as it comes."""
    batch, noise = AtomBatch.from_compositions(molecules), Noise(seed, places)
    steps = []
    for step in sampler.steps(field, 3.0 * noise.centred_normal(batch).to(dtype), batch, noise):
        watch(step)
        steps.append(step)
    return steps


def results(steps: list[Step], molecules: list[Composition] = MOLECULES) -> list[Tensor]:
    return AtomBatch.from_compositions(molecules).split(steps[-1].x0_hat)


def test_every_sampler_is_in_this_kit() -> None:
    assert set(SETTINGS) == set(BAD) == set(SAMPLERS)
    assert all(type(SETTINGS[name]) is SAMPLERS[name] for name in SAMPLERS)


@every_sampler
def test_the_seed_decides_everything(sampler: Sampler, field: Checkpoint) -> None:
    first, again, other = (run(sampler, field, seed=seed) for seed in (0, 0, 1))
    assert len(first) == len(again)
    for one, two in zip(first, again, strict=True):
        assert torch.equal(one.x, two.x)
        assert torch.equal(one.x0_hat, two.x0_hat)
    assert not torch.isclose(first[-1].x0_hat, other[-1].x0_hat).all()


@every_sampler
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-3)], ids=str)
def test_a_molecule_is_independent_of_its_batch(sampler: Sampler, dtype: torch.dtype, tolerance: float) -> None:
    """Alone, or with others in another order; its place in the request alone decides its noise."""
    field = checkpoint(dtype)
    together = results(run(sampler, field, dtype=dtype))
    turned = results(run(sampler, field, MOLECULES[::-1], (4, 3, 2, 1, 0), dtype=dtype), MOLECULES[::-1])[::-1]
    for place, molecule in enumerate(MOLECULES):
        (alone,) = results(run(sampler, field, [molecule], (place,), dtype=dtype), [molecule])
        torch.testing.assert_close(alone, together[place], rtol=0, atol=tolerance)
        torch.testing.assert_close(turned[place], together[place], rtol=0, atol=tolerance)


@every_sampler
@pytest.mark.parametrize("spoiled", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("call", [0, 1, 2])
def test_a_field_that_is_not_finite_is_reported(sampler: Sampler, field: Checkpoint, call: int, spoiled: float) -> None:
    with pytest.raises(GpffError, match="infinite or NaN"):
        run(sampler, Counted(field, call, spoiled))


@every_sampler
def test_calls_are_counted_per_molecule_and_none_is_made_ahead(sampler: Sampler, field: Checkpoint) -> None:
    """After every step the calls reported are those made, so whoever stops there has paid for nothing more."""
    counted = Counted(field)

    def compare(step: Step) -> None:
        assert step.n_evaluations.tolist() == [counted.by_size[len(molecule)] for molecule in MOLECULES]

    steps = run(sampler, counted, watch=compare)
    assert steps[0].n_evaluations.tolist() == [1] * len(MOLECULES)
    assert counted.by_size == {len(m): n for m, n in zip(MOLECULES, steps[-1].n_evaluations.tolist(), strict=True)}


@pytest.mark.parametrize("name", STOPPING)
def test_only_the_molecules_still_moving_are_computed(name: str, field: Checkpoint) -> None:
    steps = run(SETTINGS[name], field)
    assert len(set(steps[-1].n_evaluations.tolist())) > 2, "molecules stop by themselves, at different times"
    batch = AtomBatch.from_compositions(MOLECULES)
    for before, after in pairwise(steps):
        still = after.n_evaluations == before.n_evaluations
        atoms = still[batch.molecule]
        assert torch.equal(after.sigma[still], before.sigma[still])
        assert torch.equal(after.x0_hat[atoms], before.x0_hat[atoms])
        assert (after.x0_hat[~atoms] != before.x0_hat[~atoms]).any(-1).all()


@pytest.mark.parametrize("name", STOPPING)
def test_a_molecule_moves_until_its_noise_level_passes_the_threshold(name: str, field: Checkpoint) -> None:
    """One that never does has used every step."""
    sampler = SETTINGS[name]
    steps = run(sampler, field)
    moved = torch.stack([step.n_evaluations for step in steps]).diff(dim=0) > 0
    sigma = torch.stack([step.sigma for step in steps])
    assert (sigma[:-1][moved] > sampler.sigma_stop).all()  # type: ignore[attr-defined]
    assert (sigma[-1] <= sampler.sigma_stop).any()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sampler", "n_calls"),
    [
        (DirectDenoising(7), 7),
        (Ancestral(7), 7),
        (Heun(7), 13),
        (Heun(1), 1),
        (ReverseSDE(7), 7),
        (PredictorCorrector(7), 13),
        (PredictorCorrector(7, n_corrector=3), 25),
        (Euler(7), 7),
        (Multistep(7), 7),
    ],
    ids=str,
)
def test_the_budget_of_network_calls_is_the_published_one(sampler: Sampler, n_calls: int, field: Checkpoint) -> None:
    assert run(sampler, field)[-1].n_evaluations.unique().tolist() == [n_calls]


@every_sampler
def test_force_is_twice_the_way_to_the_predicted_equilibrium_of_the_positions_shown(
    sampler: Sampler, field: Checkpoint
) -> None:
    """A step's force is the one the field gave on its x; at a molecule that has come to rest it is zero."""
    batch = AtomBatch.from_compositions(MOLECULES)
    finished = torch.zeros(len(MOLECULES), dtype=torch.long)
    for step in run(sampler, field):
        moving = (step.n_evaluations > finished)[batch.molecule]
        finished = step.n_evaluations
        torch.testing.assert_close(step.force[moving], field(step.x, batch)[moving])
        assert (step.force[~moving] == 0).all()


@every_sampler
def test_steps_are_numbered_and_say_how_many_there_will_be(sampler: Sampler, field: Checkpoint) -> None:
    steps = run(sampler, field)
    assert [step.index for step in steps] == list(range(len(steps)))
    assert {step.n_steps for step in steps} == {sampler.n_steps}
    assert len(steps) <= sampler.n_steps


@every_sampler
def test_molecules_stay_centred(sampler: Sampler, field: Checkpoint) -> None:
    batch = AtomBatch.from_compositions(MOLECULES)
    for step in run(sampler, field):
        assert batch.mean(step.x).abs().max() < 1e-5
        assert batch.mean(step.x0_hat).abs().max() < 1e-5


@every_sampler
def test_steps_can_be_kept_and_the_start_is_left_alone(sampler: Sampler, field: Checkpoint) -> None:
    """Viewers and trajectories hold on to steps, so no later step may write into an earlier one."""
    seen: list[tuple[Tensor, ...]] = []

    def tensors(step: Step) -> tuple[Tensor, ...]:
        return step.x, step.x0_hat, step.sigma, step.n_evaluations

    steps = run(sampler, field, watch=lambda step: seen.append(tuple(t.clone() for t in tensors(step))))
    for kept, copied in zip(map(tensors, steps), seen, strict=True):
        assert all(torch.equal(one, other) for one, other in zip(kept, copied, strict=True))
    batch = AtomBatch.from_compositions(MOLECULES)
    start = torch.ones(batch.n_atoms, 3, dtype=torch.float64)
    list(sampler.steps(field, start, batch, Noise(0, range(batch.n_molecules))))
    assert (start == 1).all()


class Halting:
    """A field that finds nothing to move on the first two atoms of every molecule."""

    def __init__(self, field: PseudoForceField) -> None:
        self._field = field

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return self._field(positions, batch) * ~first_two(batch)

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return self._field.noise_level(force, batch)


class HaltingNoise(Noise):
    """Noise that is nothing on the first two atoms of every molecule."""

    def centred_normal(self, batch: AtomBatch) -> Tensor:
        return self.normal(batch) * ~first_two(batch)


def first_two(batch: AtomBatch) -> Tensor:
    """(A, 1), true for the first two atoms of each molecule."""
    return (batch.slot - batch.molecule * batch.longest < 2)[:, None]


@every_sampler
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_an_atom_without_force_and_noise_stays_to_the_last_bit(sampler: Sampler, dtype: torch.dtype) -> None:
    """What frozen atoms rely on: every update goes along X̂₀ − X and noise, and rounds to nothing where both are 0."""
    batch, field = AtomBatch.from_compositions(MOLECULES), Halting(checkpoint(dtype))
    start = 3.0 * Noise(4, range(len(MOLECULES))).centred_normal(batch).to(dtype)
    held = first_two(batch).squeeze(-1)
    for step in sampler.steps(field, start, batch, HaltingNoise(0, range(len(MOLECULES)))):
        assert torch.equal(step.x[held], start[held])
        assert torch.equal(step.x0_hat[held], start[held])
    assert (step.x0_hat[~held] != start[~held]).any(-1).all()


@every_sampler
def test_frozen_atoms_stay_to_the_last_bit(sampler: Sampler) -> None:
    """The same with pins: the first two atoms of the larger molecules are frozen where they start."""
    free, field = AtomBatch.from_compositions(MOLECULES), checkpoint(torch.float32)
    start = 3.0 * Noise(4, range(len(MOLECULES))).centred_normal(free)
    frozen = first_two(free) & (free.counts > 4)[free.molecule, None]
    batch = AtomBatch(free.numbers, free.molecule, Pins(torch.where(frozen, torch.inf, 0.0), start))
    held = frozen.squeeze(-1)
    for step in sampler.steps(field, start, batch, Noise(0, range(len(MOLECULES)))):
        assert torch.equal(step.x[held], start[held])
        assert torch.equal(step.x0_hat[held], start[held])
    assert (step.x0_hat[~held] != start[~held]).any(-1).sum() > 10


@every_sampler
def test_a_sampler_says_what_it_is(sampler: Sampler) -> None:
    """For listings: one sentence, whose it is, and what a step costs."""
    summary = summary_of(type(sampler))
    assert summary.endswith(".")
    assert summary.count(".") == 1
    assert "20" in sampler.source
    assert type(sampler)().calls_per_step >= 1


@every_sampler
def test_a_full_step_costs_the_calls_it_says(sampler: Sampler, field: Checkpoint) -> None:
    """With default settings, for the molecules that move in it."""
    counted = Counted(field)
    steps = run(replace(type(sampler)(), n_steps=5), counted)
    for before, after in pairwise(steps):
        spent = after.n_evaluations - before.n_evaluations
        assert set(spent.tolist()) <= {0, sampler.calls_per_step}
        assert int(spent.max()) == sampler.calls_per_step


@every_sampler
def test_the_name_states_every_setting(sampler: Sampler) -> None:
    for setting in fields(sampler):
        changed = replace(sampler, **{setting.name: OTHER[setting.name]})
        assert str(changed) != str(sampler), f"{setting.name} is missing in {sampler}"


@pytest.mark.parametrize(
    ("name", "settings"),
    [(name, settings) for name in BAD for settings in [{"n_steps": 0}, {"n_steps": -2}, *BAD[name]]],
    ids=lambda value: value if isinstance(value, str) else str(value),
)
def test_settings_that_make_no_sense_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(GpffError):
        replace(SETTINGS[name], **settings)
