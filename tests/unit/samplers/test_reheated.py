"""Reheating goes on with what is not accepted, leaves the rest alone, and never spends more than it says."""

from functools import partial

import pytest
import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS, DirectDenoising, Reheated, Step
from gpff_core.samplers.reheated import REHEAT_MOMENTUM, Accept
from tests.unit.networks.random_transformer import ETHANOL, FORMAMIDE, METHANE, WATER
from tests.unit.samplers.test_conformance import checkpoint

MOLECULES = (ETHANOL, FORMAMIDE, METHANE, WATER)
PLAIN = DirectDenoising(6, 0.5)


def sizes_in(accepted: set[int], batch: AtomBatch, _: Tensor) -> Tensor:
    """Accept molecules of these sizes, wherever their atoms are."""
    return torch.tensor([size in accepted for size in batch.sizes])


def run(rounds: int, accept: Accept, molecules: tuple[Composition, ...] = MOLECULES, first: int = 0) -> list[Step]:
    batch = AtomBatch.from_compositions(molecules)
    noise = Noise(5, range(first, first + len(molecules)))
    x = 2 * noise.centred_normal(batch)
    return list(Reheated(PLAIN, rounds).steps(checkpoint(torch.float64), x.double(), batch, noise, accept))


def test_what_is_accepted_is_the_plain_samplers_result_and_costs_nothing_more() -> None:
    batch = AtomBatch.from_compositions(MOLECULES)
    noise = Noise(5, range(4))
    x = (2 * noise.centred_normal(batch)).double()
    plain = list(PLAIN.steps(checkpoint(torch.float64), x, batch, noise))[-1]
    *_, last = run(2, partial(sizes_in, {9, 5}))
    assert last.n_evaluations.tolist() == [6, 6 + 2 * REHEAT_STEPS, 6, 6 + 2 * REHEAT_STEPS]
    for m, (before, after) in enumerate(zip(batch.split(plain.x0_hat), batch.split(last.x0_hat), strict=True)):
        assert torch.equal(before, after) == (m in (0, 2))
    assert run(2, lambda given, _: torch.ones(given.n_molecules, dtype=torch.bool))[-1].index == 5


def test_a_molecule_stops_after_the_round_that_mends_it() -> None:
    """It is asked before every round, at the positions it has come to."""
    asked: list[list[int]] = []

    def accept(batch: AtomBatch, positions: Tensor) -> Tensor:
        asked.append(batch.sizes)
        return sizes_in({3} if len(asked) == 2 else set(), batch, positions)

    steps = run(3, accept)
    assert asked == [[9, 6, 5, 3], [9, 6, 5, 3], [9, 6, 5]]
    assert steps[-1].n_evaluations.tolist() == [6 + 3 * REHEAT_STEPS] * 3 + [6 + REHEAT_STEPS]
    assert [step.index for step in steps] == list(range(6 + 3 * REHEAT_STEPS))
    assert {step.n_steps for step in steps} == {6 + 3 * REHEAT_STEPS}


def test_a_molecule_is_independent_of_its_batch_and_of_its_neighbours_fate() -> None:
    together = run(2, partial(sizes_in, {9}))[-1]
    alone = run(2, partial(sizes_in, set()), (METHANE,), first=2)[-1]
    there = AtomBatch.from_compositions(MOLECULES).split(together.x0_hat)[2]
    assert torch.allclose(there, alone.x0_hat, atol=1e-9)


def test_a_round_shakes_and_then_settles_and_is_polished() -> None:
    """The last call before the polish sees what the one before predicted: no noise is left in the result."""
    steps = run(1, partial(sizes_in, set()))
    assert not torch.equal(steps[6].x, steps[5].x0_hat)
    onward = REHEAT_MOMENTUM * (steps[-4].x0_hat - steps[-5].x0_hat)
    assert torch.allclose(steps[-3].x, steps[-4].x0_hat + onward)
    assert torch.allclose(steps[-1].x + steps[-2].x, 2 * steps[-3].x0_hat)


@pytest.mark.parametrize("rounds", [0, -1])
def test_no_rounds_are_no_reheating(rounds: int) -> None:
    with pytest.raises(GpffError, match="rounds of reheating"):
        Reheated(PLAIN, rounds)


def test_its_name_says_what_was_done() -> None:
    assert str(Recipe("direct", 20, reheat=4).build_sampler()) == (
        "direct(n_steps=18, stochastic_lambda=0.4, momentum=0.6), guided(weight=0.4), "
        "polished(sigma=0.05), reheated(rounds=4, n_steps=10, sigma=1, momentum=0.6, polish=0.05)"
    )
    unpolished = Recipe("direct", 20, reheat=4, settings={"polish": 0.0}).build_sampler()
    assert str(unpolished).endswith(
        "guided(weight=0.4), reheated(rounds=4, n_steps=10, sigma=1, momentum=0.6, polish=0)"
    )
