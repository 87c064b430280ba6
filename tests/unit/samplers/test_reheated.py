"""Reheating goes on with what is not accepted, leaves the rest alone, and never spends more than it says."""

from functools import partial

import pytest
import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import equilibrium
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.recipe import Recipe
from gpff_core.samplers import REHEAT_STEPS, DirectDenoising, Reheated, Step
from gpff_core.samplers.reheated import REHEAT_MOMENTUM
from gpff_core.samplers.step import Accept
from tests.unit.networks.random_transformer import ETHANOL, FORMAMIDE, METHANE, WATER
from tests.unit.samplers.test_conformance import checkpoint

MOLECULES = (ETHANOL, FORMAMIDE, METHANE, WATER)
PLAIN = DirectDenoising(6, 0.5)


def sizes_in(accepted: set[int], batch: AtomBatch, _: Tensor) -> Tensor:
    """Accept molecules of these sizes, wherever their atoms are."""
    return torch.tensor([size in accepted for size in batch.sizes])


def run(
    rounds: int,
    accept: Accept,
    molecules: tuple[Composition, ...] = MOLECULES,
    first: int = 0,
    *,
    polish: float = 0.05,
    guidance: float = 0.0,
) -> list[Step]:
    batch = AtomBatch.from_compositions(molecules)
    noise = Noise(5, range(first, first + len(molecules)))
    x = 2 * noise.centred_normal(batch)
    sampler = Reheated(PLAIN, rounds, guidance=guidance, polish=polish)
    return list(sampler.steps(checkpoint(torch.float64), x.double(), batch, noise, accept))


def everything(batch: AtomBatch, _: Tensor) -> Tensor:
    return torch.ones(batch.n_molecules, dtype=torch.bool)


def test_what_is_accepted_is_the_plain_samplers_result_and_costs_nothing_more() -> None:
    batch = AtomBatch.from_compositions(MOLECULES)
    noise = Noise(5, range(4))
    x = (2 * noise.centred_normal(batch)).double()
    plain = list(PLAIN.steps(checkpoint(torch.float64), x, batch, noise))[-1]
    *_, last = run(2, partial(sizes_in, {9, 5}), polish=0)
    assert last.n_evaluations.tolist() == [6, 6 + 2 * REHEAT_STEPS, 6, 6 + 2 * REHEAT_STEPS]
    for m, (before, after) in enumerate(zip(batch.split(plain.x0_hat), batch.split(last.x0_hat), strict=True)):
        assert torch.equal(before, after) == (m in (0, 2))
    assert run(2, everything, polish=0)[-1].index == 5


def test_a_molecule_stops_after_the_round_that_mends_it() -> None:
    """It is asked before every round, at the positions it has come to."""
    asked: list[list[int]] = []

    def accept(batch: AtomBatch, positions: Tensor) -> Tensor:
        asked.append(batch.sizes)
        return sizes_in({3} if len(asked) == 2 else set(), batch, positions)

    steps = run(3, accept, polish=0)
    assert asked == [[9, 6, 5, 3], [9, 6, 5, 3], [9, 6, 5]]
    assert steps[-1].n_evaluations.tolist() == [6 + 3 * REHEAT_STEPS] * 3 + [6 + REHEAT_STEPS]
    assert [step.index for step in steps] == list(range(6 + 3 * REHEAT_STEPS))
    assert {step.n_steps for step in steps} == {6 + 3 * REHEAT_STEPS}


def test_a_molecule_is_independent_of_its_batch_and_of_its_neighbours_fate() -> None:
    together = run(2, partial(sizes_in, {9}))[-1]
    alone = run(2, partial(sizes_in, set()), (METHANE,), first=2)[-1]
    there = AtomBatch.from_compositions(MOLECULES).split(together.x0_hat)[2]
    assert torch.allclose(there, alone.x0_hat, atol=1e-9)


def test_a_round_shakes_and_then_settles() -> None:
    """Its last call sees what the one before predicted: no noise is left in the result."""
    steps = run(1, partial(sizes_in, set()), polish=0)
    assert len(steps) == 6 + REHEAT_STEPS
    assert not torch.equal(steps[6].x, steps[5].x0_hat)
    onward = REHEAT_MOMENTUM * (steps[-2].x0_hat - steps[-3].x0_hat)
    assert torch.allclose(steps[-1].x, steps[-2].x0_hat + onward)


def test_rounds_are_guided_and_what_comes_before_and_after_is_not() -> None:
    plain, guided = (run(1, partial(sizes_in, set()), guidance=w) for w in (0.0, 5.0))
    assert torch.equal(plain[6].x, guided[6].x)
    assert not torch.allclose(plain[6].x0_hat, guided[6].x0_hat)
    batch = AtomBatch.from_compositions(MOLECULES)
    one_side, field = guided[-2], checkpoint(torch.float64)
    assert torch.allclose(one_side.x0_hat, equilibrium(one_side.x, field(one_side.x, batch)), atol=1e-9)


def test_the_polish_ends_the_run_of_all_molecules() -> None:
    """Also of those that had been at rest for long, from where they came to rest."""
    unpolished, polished = (run(2, partial(sizes_in, {9, 5}), polish=polish) for polish in (0.0, 0.05))
    assert torch.equal(unpolished[-1].x0_hat, polished[-3].x0_hat)
    assert torch.allclose(polished[-1].x + polished[-2].x, 2 * unpolished[-1].x0_hat)
    assert (polished[-1].n_evaluations == unpolished[-1].n_evaluations + 2).all()
    assert [step.index for step in polished] == list(range(6 + 2 * REHEAT_STEPS + 2))
    assert {step.n_steps for step in polished} == {6 + 2 * REHEAT_STEPS + 2}
    assert run(2, everything)[-1].index == 7


def test_the_polish_never_costs_a_molecule() -> None:
    """What was accepted and would not be any more stays as it was; what never was accepted is polished all the same."""
    unpolished = run(1, partial(sizes_in, {9, 5}), polish=0)[-1].x0_hat
    batch = AtomBatch.from_compositions(MOLECULES)

    def accept(given: AtomBatch, positions: Tensor) -> Tensor:
        """Only methane where it was before, and ethanol wherever it is."""
        before = dict(zip(batch.sizes, batch.split(unpolished), strict=True))
        as_before = [torch.equal(x, before[len(x)]) for x in given.split(positions)]
        return torch.tensor([n == 9 or (n == 5 and same) for n, same in zip(given.sizes, as_before, strict=True)])

    result = run(1, accept)[-1].x0_hat
    same = [torch.equal(*pair) for pair in zip(batch.split(unpolished), batch.split(result), strict=True)]
    assert same == [False, False, True, False]


@pytest.mark.parametrize("rounds", [0, -1])
def test_no_rounds_are_no_reheating(rounds: int) -> None:
    with pytest.raises(GpffError, match="rounds of reheating"):
        Reheated(PLAIN, rounds)


@pytest.mark.parametrize("polish", [-1.0, 1.1, float("nan")])
def test_an_impossible_polish_is_refused_with_rounds_as_well(polish: float) -> None:
    with pytest.raises(GpffError, match=f"^The polish is {polish} Å; give 0 for none to 1"):
        Recipe("direct", 10, reheat=2, settings={"polish": polish}).build_sampler()


@pytest.mark.parametrize(("setting", "said"), [("shake", "The shake of a round"), ("guidance", "The guidance is")])
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_impossible_rounds_are_refused(setting: str, said: str, value: float) -> None:
    with pytest.raises(GpffError, match=said):
        Reheated(PLAIN, 1, **{setting: value})


def test_its_name_says_what_was_done() -> None:
    assert str(Recipe("direct", 20, reheat=4).build_sampler()) == (
        "direct(n_steps=18, stochastic_lambda=0.4, shake_limit=inf, momentum=0.6), guided(weight=0.4), "
        "reheated(rounds=4, n_steps=5, sigma=0.7, momentum=0.6, guidance=0.4), polished(sigma=0.05)"
    )
    plain = Recipe("direct", 20, reheat=4, settings={"polish": 0.0, "guidance": 0.0}).build_sampler()
    assert str(plain).endswith("momentum=0.6), reheated(rounds=4, n_steps=5, sigma=0.7, momentum=0.6)")


def test_frozen_atoms_take_a_harder_shake() -> None:
    assert "sigma=1," in str(Recipe("direct", 20, reheat=4, frozen=True).build_sampler())


def test_few_calls_are_not_polished_unless_rounds_may_follow() -> None:
    for steps, rounds, polished in ((12, 0, False), (12, 1, True), (10, 1, False), (2, 8, False), (3, 8, True)):
        assert ("polished" in str(Recipe("direct", steps, reheat=rounds).build_sampler())) == polished
