"""A polish is the mean of two looks at a result, whatever made it, and lowers the energy of real molecules."""

import numpy as np
import pytest
import torch
from torch import Tensor

from gpff_core.chemistry.energies import atomisation_energy
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.field import equilibrium, pseudo_force
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.molecules import AtomBatch, Pins
from gpff_core.networks.checkpoint import load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path
from gpff_core.noise import Noise
from gpff_core.recipe import FEW_CALLS, Recipe
from gpff_core.samplers import SAMPLERS, AnySampler, DirectDenoising, GuidedSampler, Heun, Polished, Reheated, Step
from gpff_core.samplers.moving import Moving
from gpff_core.samplers.polished import POLISH_SIGMA, polishing
from gpff_core.schedules import Karras
from tests.unit.networks.random_transformer import ETHANOL, FORMAMIDE, METHANE, WATER
from tests.unit.samplers.test_conformance import checkpoint

MOLECULES = (ETHANOL, FORMAMIDE, METHANE, WATER)
PLAIN = DirectDenoising(5, 0.5)
FORMULAS = ("C7H10O2", "C6H9NO2", "C7H11NO", "C8H14O")


class Quadratic:
    """X̂₀ is off by what is even in X: a field whose two looks do not cancel, but have a known mean."""

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return pseudo_force(positions, positions.square())

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return torch.ones(batch.n_molecules)


def run(sampler: AnySampler, places: range = range(4)) -> tuple[AtomBatch, list[Step]]:
    assert not isinstance(sampler, Reheated)
    batch = AtomBatch.from_compositions([MOLECULES[place] for place in places])
    noise = Noise(5, places)
    x = (2 * noise.centred_normal(batch)).double()
    return batch, list(sampler.steps(checkpoint(torch.float64), x, batch, noise))


def test_the_result_is_the_mean_of_a_look_from_either_side() -> None:
    batch, steps = run(Polished(PLAIN, 0.1))
    one, other = steps[-2:]
    before = steps[-3].x0_hat
    field = checkpoint(torch.float64)
    looks = [equilibrium(x, field(x, batch)) for x in (one.x, other.x)]
    assert torch.allclose(one.x + other.x, 2 * before, atol=1e-12)
    assert 0.09 < (one.x - before).square().mean().sqrt() < 0.11
    assert torch.allclose(other.x0_hat, (looks[0] + looks[1]) / 2, atol=1e-9)


def test_what_is_odd_in_the_noise_cancels() -> None:
    """½ ((X + s)² + (X − s)²) = X² + s²."""
    batch, noise = AtomBatch.from_compositions([METHANE]), Noise(1, [0])
    x = 0.3 * noise.centred_normal(batch)
    *_, one, other = Polished(DirectDenoising(1, 0.0), 0.1).steps(Quadratic(), x, batch, noise)
    shift = (one.x - other.x) / 2
    assert torch.allclose(other.x0_hat, x.square().square() + shift.square(), atol=1e-6)
    assert not torch.allclose(one.x0_hat, other.x0_hat, atol=1e-3)


def test_the_looks_are_counted_and_the_sampler_before_them_is_what_it_was() -> None:
    _, plain = run(PLAIN)
    _, polished = run(Polished(PLAIN))
    assert [step.index for step in polished] == list(range(7))
    assert {step.n_steps for step in polished} == {7}
    assert polished[-1].n_evaluations.tolist() == [7] * 4
    assert all(torch.equal(before.x0_hat, after.x0_hat) for before, after in zip(plain, polished[:5], strict=True))
    _, heun = run(Polished(Heun(3, Karras(2.0))))
    assert [step.n_evaluations.tolist() for step in heun[-2:]] == [[5] * 4, [7] * 4], "one step of two calls"


def test_the_looks_are_not_guided() -> None:
    _, plain = run(Polished(DirectDenoising(1, 0.0)))
    _, guided = run(Polished(GuidedSampler(DirectDenoising(1, 0.0), 5.0)))
    assert not torch.allclose(plain[0].x0_hat, guided[0].x0_hat)
    batch = AtomBatch.from_compositions(MOLECULES)
    x = guided[1].x
    field = checkpoint(torch.float64)
    assert torch.allclose(guided[1].x0_hat, equilibrium(x, field(x, batch)), atol=1e-9)


def test_a_molecule_does_not_see_its_batch() -> None:
    batch, together = run(Polished(PLAIN))
    _, alone = run(Polished(PLAIN), range(2, 3))
    assert torch.allclose(batch.split(together[-1].x0_hat)[2], alone[-1].x0_hat, atol=1e-9)


def test_a_frozen_atom_stays_bit_for_bit() -> None:
    free, noise = AtomBatch.from_compositions(MOLECULES), Noise(5, range(4))
    x = 2 * noise.centred_normal(free)
    held = torch.zeros(free.n_atoms, dtype=torch.bool)
    held[:2] = True
    batch = AtomBatch(free.numbers, free.molecule, Pins(torch.where(held, torch.inf, 0.0)[:, None], x))
    *_, last = Polished(PLAIN).steps(checkpoint(torch.float32), x, batch, noise)
    assert torch.equal(last.x0_hat[held], x[held])
    assert (last.x0_hat[~held] != x[~held]).any(-1).all()


def test_every_sampler_keeps_to_its_calls_and_is_polished_where_it_has_some_to_spare() -> None:
    for name, sampler in SAMPLERS.items():
        for n_calls in (4, FEW_CALLS, FEW_CALLS + sampler.calls_per_step, 61):
            built = Recipe.for_calls(name, n_calls).build_sampler()
            assert isinstance(built, Polished) == (n_calls > FEW_CALLS)
            _, steps = run(built)
            assert steps[-1].n_evaluations.max() <= n_calls + n_calls % sampler.calls_per_step


@pytest.mark.parametrize("sigma", [0.0, -0.1, 1.1, float("nan")])
def test_an_impossible_polish_is_refused_in_one_sentence(sigma: float) -> None:
    with pytest.raises(GpffError, match=rf"^The polish is {sigma} Å; give 0 for none to 1, for example 0.05\.$"):
        Polished(PLAIN, sigma)


def test_steps_that_leave_none_for_the_sampler_are_refused() -> None:
    with pytest.raises(GpffError, match=r"^A polish takes 2 network calls, which leaves none of 2 step\(s\)"):
        Recipe("direct", 2, settings={"polish": 0.05}).build_sampler()
    assert Recipe("heun", 2, settings={"polish": 0.05}).build_sampler() == Polished(Heun(1, Karras(2, 0.07)), 0.05)


def test_real_molecules_come_nearer_to_the_bottom() -> None:
    """The energy by GFN2-xTB of molecules of the shipped network that are off by 0.03 Å, polished and as they are."""
    pytest.importorskip("tblite")
    field = load_checkpoint(checkpoint_path(DEFAULT_CHECKPOINT))
    recipe = Recipe("direct", 20, seed=3)
    compositions = tuple(parse_formula(formula) for formula in FORMULAS * 3)
    request = GenerationRequest(compositions, recipe.build_prior(), recipe.build_sampler(), recipe.seed)
    samples = samples_of(generate(field, request))
    assert sum(sample.verdict.valid for sample in samples) >= 8
    batch, noise = AtomBatch.from_compositions(compositions), Noise(5, range(len(compositions)))
    x = torch.from_numpy(np.concatenate([sample.positions for sample in samples]))
    off = x + 0.03 * noise.centred_normal(batch)
    still = Step(0, 1, off, off, torch.ones(len(compositions)), torch.zeros(len(compositions), dtype=torch.long))
    with torch.inference_mode():
        *_, last = polishing(Moving.after(still, field, batch, noise), still, POLISH_SIGMA, 1)

    def energies(positions: Tensor) -> np.ndarray:
        pairs = zip(compositions, batch.split(positions), strict=True)
        return np.array([-(atomisation_energy(c.numbers, y.numpy()) or np.nan) for c, y in pairs])

    change = energies(last.x0_hat) - energies(off)
    assert np.nanmedian(change) < -5, "kcal/mol"
    assert np.nanmax(change) < 0
