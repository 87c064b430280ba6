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
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.noise import Noise
from gpff_core.samplers import SAMPLERS, Ancestral, DirectDenoising, Heun, Sampler, SelfPaced, Step
from gpff_core.schedules import Geometric, Karras
from tests.unit.networks.random_transformer import ETHANOL, FORMAMIDE, LONE_ATOM, METHANE, WATER, random_transformer

MOLECULES = [ETHANOL, LONE_ATOM, FORMAMIDE, METHANE, WATER]
"""All of different sizes, so that a network call shows which of them it computes."""

SETTINGS: dict[str, Sampler] = {
    "direct": DirectDenoising(6, 0.5),
    "self-paced": SelfPaced(12, 0.7, 0.8),
    "ancestral": Ancestral(6, Karras(5.0, 0.05)),
    "heun": Heun(6, Karras(5.0, 0.05), churn=2),
}
"""Short runs; self-paced at a threshold that random weights pass at different times."""

BAD: dict[str, list[dict[str, Any]]] = {
    "direct": [{"stochastic_lambda": -1}, {"stochastic_lambda": torch.nan}, {"stochastic_lambda": torch.inf}],
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
}

OTHER: dict[str, Any] = {
    "n_steps": 77,
    "schedule": Geometric(3.0, 0.01),
    "stochastic_lambda": 0.123,
    "kappa": 0.123,
    "sigma_stop": 0.123,
    "churn": 1.23,
    "churn_min": 0.123,
    "churn_max": 1.23,
    "churn_noise": 1.003,
}
"""A value of every setting that no sampler above has."""

every_sampler = pytest.mark.parametrize("sampler", SETTINGS.values(), ids=SETTINGS)


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


def test_self_paced_computes_only_the_molecules_still_moving(field: Checkpoint) -> None:
    steps = run(SETTINGS["self-paced"], field)
    assert len(set(steps[-1].n_evaluations.tolist())) > 2
    for before, after in pairwise(steps):
        resting = AtomBatch.from_compositions(MOLECULES)
        still = (after.n_evaluations == before.n_evaluations)[resting.molecule]
        assert torch.equal(after.x0_hat[still], before.x0_hat[still])
        assert (after.x0_hat[~still] != before.x0_hat[~still]).any(-1).all()


@pytest.mark.parametrize(
    ("sampler", "n_calls"), [(DirectDenoising(7), 7), (Ancestral(7), 7), (Heun(7), 13), (Heun(1), 1)], ids=str
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
