"""Samplers where the right answer is known: Gaussians, mixtures and single structures, whose score is exact.

Positions are float64, molecules are equal and centred; the fields of `analytic` are told the noise level of each call,
which a trained network reads from the structure.
"""

import math
from collections.abc import Iterator
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from gpff_core.field import PseudoForceField
from gpff_core.molecules import AtomBatch
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
)
from gpff_core.schedules import Geometric, Karras, NoiseSchedule
from tests.unit.analytic import Dirac, Mixture, Told, centring, copies, gaussian, two_gaussians
from tests.unit.moments import N_ERRORS, assert_mean, assert_moments

N_MOLECULES = 2000
LADDER = Karras(6.0, 0.02)
DISTRIBUTIONS = {"gaussian": gaussian(), "two gaussians": two_gaussians()}


class Silence(Noise):
    """No noise at all, which leaves a stochastic sampler its drift."""

    def normal(self, batch: AtomBatch) -> Tensor:
        return torch.zeros(batch.n_atoms, 3)


Ladder = Ancestral | Heun | ReverseSDE | PredictorCorrector | Euler | Multistep
Adaptive = AdaptiveAncestral | AdaptiveHeun


def levels_of(sampler: Ladder) -> Iterator[float]:
    """The noise level of every network call (for Heun: Karras et al. 2022, algorithm 2)."""
    for sigma, lower in pairwise(sampler.schedule.sigmas(sampler.n_steps).tolist()):
        if isinstance(sampler, Heun):
            churned = sampler.churn_min <= sigma <= sampler.churn_max
            yield sigma * (1 + min(sampler.churn / sampler.n_steps, math.sqrt(2) - 1) * churned)
        else:
            yield sigma
        second = {Heun: 1, PredictorCorrector: getattr(sampler, "n_corrector", 0)}.get(type(sampler), 0)
        yield from [lower] * second * (lower > 0)


def levels_from(start: float, sampler: Adaptive) -> Iterator[float]:
    """The same for a sampler that is told the true level and starts from one that may lie anywhere below the top."""
    rungs = [sigma for sigma in sampler.schedule.sigmas(sampler.n_steps).tolist() if sigma < start]
    gamma = min(getattr(sampler, "churn", 0.0) / sampler.n_steps, math.sqrt(2) - 1)
    yield start
    for sigma in rungs[:-1]:
        if isinstance(sampler, AdaptiveHeun):
            yield sigma
        yield sigma * (1 + gamma)
        if sigma * (1 + gamma) <= sampler.sigma_stop:
            return


def steps_of(
    sampler: Ladder | Adaptive, target: Mixture, x: Tensor, noise: Noise | None = None, start: float | None = None
) -> list[Step]:
    """A run from flattened positions (M, 3N) with the exact field, called once for every level."""
    batch = copies(len(x), x.shape[1] // 3)
    levels = levels_of(sampler) if start is None else levels_from(start, sampler)  # type: ignore[arg-type]
    field = Told(target, levels)
    steps = list(sampler.steps(field, x.reshape(-1, 3), batch, noise or Noise(11, range(len(x)))))
    assert not field.levels
    return steps


def flat(positions: Tensor, like: Tensor) -> Tensor:
    return positions.reshape(like.shape)


def assert_recovered(result: Tensor, target: Mixture) -> None:
    """Mean and covariance of every coordinate and pair of coordinates, and the share of each mode."""
    assert_moments(result, target.mean, target.covariance)
    if len(target.weights) > 1:
        between = target.means[1] - target.means[0]
        second = (result - target.means.mean(0)) @ between > 0
        assert_mean(second.double(), target.weights[1].item())
        assert_moments(result[second], target.means[1], target.covariances[1])


every_distribution = pytest.mark.parametrize("target", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)


@every_distribution
@pytest.mark.parametrize(
    "sampler",
    [
        Ancestral(200, LADDER),
        Heun(40, LADDER),
        Heun(60, LADDER, churn=30),
        Heun(60, LADDER, churn=20, churn_min=0.3, churn_max=3.0),
        ReverseSDE(300, LADDER),
        PredictorCorrector(150, LADDER, snr=0.1),
        Euler(400, LADDER),
        Multistep(60, LADDER),
    ],
    ids=["ancestral", "heun", "churn", "churn in a window", "reverse-sde", "predictor-corrector", "euler", "multistep"],
)
def test_a_distribution_with_known_score_is_recovered(sampler: Ladder, target: Mixture) -> None:
    start = target.draw(N_MOLECULES, sampler.schedule.sigma_max, seed=3)
    assert_recovered(flat(steps_of(sampler, target, start)[-1].x0_hat, start), target)


@every_distribution
@pytest.mark.parametrize("level", [6.0, 2.5], ids=["from the top", "from below the top"])
@pytest.mark.parametrize(
    "sampler",
    [
        AdaptiveAncestral(200, LADDER, sigma_stop=0.02),
        AdaptiveHeun(40, LADDER, sigma_stop=0.02),
        AdaptiveHeun(60, LADDER, sigma_stop=0.02, churn=20),
    ],
    ids=["ancestral", "heun", "heun with churn"],
)
def test_adaptive_samplers_recover_it_from_any_level_of_noise(sampler: Adaptive, level: float, target: Mixture) -> None:
    """The ladder begins at 6 Å, and its rungs above the level of the start must be skipped."""
    start = target.draw(N_MOLECULES, level, seed=3)
    assert_recovered(flat(steps_of(sampler, target, start, start=level)[-1].x0_hat, start), target)


@pytest.mark.parametrize("sampler", [Ancestral(200, LADDER), Heun(40, LADDER, churn=20)], ids=["ancestral", "heun"])
def test_samplers_of_the_whole_distribution_forget_their_start(sampler: Ladder) -> None:
    """From pure noise instead of noised equilibria; the ladder's top is far above the data's 1 Å."""
    target, tall = gaussian(), Karras(30.0, 0.02)
    sampler = type(sampler)(sampler.n_steps, tall)
    start = 30.0 * Noise(2, range(N_MOLECULES)).centred_normal(copies(N_MOLECULES, 3)).double().view(N_MOLECULES, -1)
    assert_moments(flat(steps_of(sampler, target, start)[-1].x0_hat, start), target.mean, target.covariance)


def error_at_the_last_level(sampler: Ladder, power: float) -> float:
    """Distance from the exact solution for one Gaussian: along each axis of its covariance, of variance c, x − μ goes
    as (c + σ²)^power; 1/2 for the probability-flow ODE, 1 for the mean of the reverse SDE."""
    target = gaussian()
    start = target.draw(20, sampler.schedule.sigma_max, seed=5)
    last = steps_of(sampler, target, start, Silence(0, range(20)))[-1]
    variance, axes = torch.linalg.eigh(target.covariances[0])
    shrinking = ((variance + last.sigma[0].double() ** 2) / (variance + sampler.schedule.sigma_max**2)) ** power
    exact = target.means[0] + (start - target.means[0]) @ (axes * shrinking) @ axes.T
    return (flat(last.x, start) - exact).norm().item()


SCHEDULES = pytest.mark.parametrize("schedule", [Karras(10.0, 0.1), Geometric(10.0, 0.1)], ids=["karras", "geometric"])


@SCHEDULES
@pytest.mark.parametrize(
    ("sampler", "order"), [(Euler, 1), (Heun, 2), (Multistep, 2)], ids=["euler", "heun", "multistep"]
)
def test_the_order_of_convergence_is_the_published_one(
    sampler: type[Euler | Heun | Multistep], order: int, schedule: NoiseSchedule
) -> None:
    """The slope of log error against log number of steps, by least squares, on a ladder between fixed ends."""
    intervals = torch.tensor([32, 64, 128, 256], dtype=torch.float64)
    errors = [error_at_the_last_level(sampler(int(n) + 1, schedule), power=0.5) for n in intervals]
    u, v = intervals.log() - intervals.log().mean(), torch.tensor(errors, dtype=torch.float64).log()
    assert (u @ v / (u @ u)).item() == pytest.approx(-order, abs=0.05)


@SCHEDULES
@pytest.mark.parametrize("n_steps", [2, 7, 40])
@pytest.mark.parametrize("sampler", [Ancestral, ReverseSDE], ids=["ancestral", "reverse-sde"])
def test_the_mean_is_exact_at_any_number_of_steps(
    sampler: type[Ancestral | ReverseSDE], schedule: NoiseSchedule, n_steps: int
) -> None:
    """Both drift to X̂₀ + (σₛ²/σₜ²)(X − X̂₀), which for a Gaussian is μ + (c + σₛ²)/(c + σₜ²) (X − μ): a product that
    telescopes."""
    assert error_at_the_last_level(sampler(n_steps, schedule), power=1) < 1e-5


SETTINGS: dict[str, Sampler] = {
    "direct": DirectDenoising(12, 1.0),
    "self-paced": SelfPaced(200),
    "ancestral": Ancestral(12),
    "heun": Heun(12, churn=6),
    "reverse-sde": ReverseSDE(12),
    "predictor-corrector": PredictorCorrector(12, n_corrector=2),
    "euler": Euler(12),
    "multistep": Multistep(12),
    "adaptive-ancestral": AdaptiveAncestral(12),
    "adaptive-heun": AdaptiveHeun(12, churn=6),
}


def one_structure(n_molecules: int, n_atoms: int) -> tuple[AtomBatch, Dirac]:
    structure = torch.randn(n_atoms, 3, generator=torch.Generator().manual_seed(8), dtype=torch.float64)
    return copies(n_molecules, n_atoms), Dirac(structure - structure.mean(0))


def cloud(batch: AtomBatch, sigma: float) -> Tensor:
    return sigma * Noise(9, range(batch.n_molecules)).centred_normal(batch).double()


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_sampler_ends_exactly_at_the_only_structure_there_is(name: str) -> None:
    batch, field = one_structure(5, 4)
    *_, last = SETTINGS[name].steps(field, cloud(batch, 10.0), batch, Noise(1, range(5)))
    torch.testing.assert_close(last.x0_hat, field.x0(batch), rtol=0, atol=1e-13)


def test_direct_denoising_without_shaking_hits_a_single_structure_at_once_and_stays() -> None:
    batch, field = one_structure(5, 4)
    first, second = DirectDenoising(2, 0.0).steps(field, cloud(batch, 10.0), batch, Noise(1, range(5)))
    torch.testing.assert_close(first.x0_hat, field.x0(batch), rtol=0, atol=1e-13)
    torch.testing.assert_close(second.x, field.x0(batch), rtol=0, atol=1e-13)


def shakes(step: Step, field: Dirac, batch: AtomBatch) -> Tensor:
    """Mean square displacement from the only structure (M,), per degree of freedom."""
    return batch.total((step.x - field.x0(batch)).square().sum(-1)) / (3 * batch.counts - 3)


def test_direct_denoising_shakes_by_lambda_times_what_is_left_of_the_run() -> None:
    n_steps, shake = 5, 0.8
    batch, field = one_structure(N_MOLECULES, 3)
    steps = list(DirectDenoising(n_steps, shake).steps(field, field.x0(batch), batch, Noise(1, range(N_MOLECULES))))
    for k, step in enumerate(steps[:-1], start=1):
        assert_mean(shakes(step, field, batch), (shake * (1 - k / n_steps)) ** 2)
    torch.testing.assert_close(steps[-1].x, field.x0(batch), rtol=0, atol=1e-13)


def test_direct_denoising_shakes_no_more_than_its_limit_of_what_is_left_to_settle() -> None:
    """A huge λ leaves the limit alone to decide; without shaking left, as at the end, there is none."""
    limit, degrees = 0.5, 6
    batch, field = one_structure(N_MOLECULES, 3)
    sampler = DirectDenoising(5, 1e3, shake_limit=limit)
    steps = list(sampler.steps(field, cloud(batch, 1.0), batch, Noise(1, range(N_MOLECULES))))
    assert_mean(shakes(steps[0], field, batch), 1.0 + 800.0**2)
    for before, after in pairwise(steps[:-1]):
        ratio = (after.sigma / before.sigma).square() / limit**2
        assert abs(ratio.mean() - 1) < N_ERRORS * math.sqrt(2 / degrees / N_MOLECULES)
    torch.testing.assert_close(steps[-1].x, field.x0(batch), rtol=0, atol=1e-10)
    gentle = DirectDenoising(5, 0.1, shake_limit=1e3).steps(
        field, cloud(batch, 1.0), batch, Noise(1, range(N_MOLECULES))
    )
    for k, step in enumerate(list(gentle)[1:-1], start=2):
        assert_mean(shakes(step, field, batch), (0.1 * (1 - k / 5)) ** 2)


def test_self_paced_denoising_puts_back_the_share_kappa_of_the_noise_it_saw() -> None:
    """Where X̂₀ is exact, σ̂² of a step is χ²-distributed about κ² times that of the step before."""
    kappa, batch_size, degrees = 0.6, N_MOLECULES, 6
    batch, field = one_structure(batch_size, 3)
    steps = list(SelfPaced(4, kappa, 1e-6).steps(field, cloud(batch, 5.0), batch, Noise(1, range(batch_size))))
    assert_mean(shakes(steps[0], field, batch), 25.0)
    for before, after in pairwise(steps):
        ratio = (after.sigma / before.sigma).square() / kappa**2
        assert abs(ratio.mean() - 1) < N_ERRORS * math.sqrt(2 / degrees / batch_size)
        torch.testing.assert_close(after.sigma, shakes(after, field, batch).sqrt())


def test_self_paced_molecules_stop_where_their_noise_level_passes_the_threshold() -> None:
    batch, field = one_structure(200, 3)
    steps = list(SelfPaced(200, 0.7, 0.05).steps(field, cloud(batch, 5.0), batch, Noise(1, range(200))))
    used = steps[-1].n_evaluations
    levels = torch.stack([step.sigma for step in steps])
    assert len(used.unique()) > 5, "molecules stop by themselves, at different times"
    for molecule, n_calls in enumerate(used.tolist()):
        assert (levels[: n_calls - 1, molecule] > 0.05).all()
        assert (levels[n_calls - 1 :, molecule] <= 0.05).all()


class NearerOfTwo(Dirac):
    """The field of two equally likely structures ±X₀ under noise of unknown level, all orders of magnitude alike.

    Integrating exp(−r²/2σ²)/σ^d over dσ/σ leaves the posterior weights r^−d, with d = 3N − 3: a blind field, exactly.
    """

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        squares = [batch.total((positions - sign * self.x0(batch)).square().sum(-1)) for sign in (1, -1)]
        weight = torch.tanh((3 * batch.counts - 3) / 4 * torch.log(squares[1] / squares[0]))
        return 2 * (weight[batch.molecule, None] * self.x0(batch) - positions)


def test_direct_denoising_stays_with_the_structure_nearest_to_its_start() -> None:
    batch, dirac = one_structure(300, 6)
    x0 = dirac.x0(batch)
    field: PseudoForceField = NearerOfTwo(x0[:6])
    start = cloud(batch, 1.5)
    *_, last = DirectDenoising(30, 0.0).steps(field, start, batch, Noise(1, range(300)))
    side = batch.total((start * x0).sum(-1)).sign()
    assert set(side.tolist()) == {-1, 1}
    torch.testing.assert_close(last.x0_hat, side[batch.molecule, None] * x0)


class Halfway(Dirac):
    """A field that always sees half of the way to the only structure."""

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return self.x0(batch) - positions


def test_momentum_carries_a_prediction_on_by_what_it_last_changed() -> None:
    """With errors d of X: d ← ½d + β(½d − ½d before). At β = 3 − √8 both roots of r² = ½(1 + β) r − ½β are 0.29."""
    n_steps, momentum = 12, 3 - math.sqrt(8)
    batch, dirac = one_structure(5, 4)
    x0, start = dirac.x0(batch), cloud(batch, 2.0)
    field = Halfway(x0[:4])
    steps = list(DirectDenoising(n_steps, 0.0, momentum).steps(field, start, batch, Noise(1, range(5))))
    errors = [start - x0, (start - x0) / 2]
    for _ in range(n_steps - 2):
        errors.append(errors[-1] / 2 + momentum * (errors[-1] - errors[-2]) / 2)
    for step, error in zip(steps, errors, strict=True):
        torch.testing.assert_close(step.x - x0, error)
        torch.testing.assert_close(step.x0_hat - x0, error / 2)
    *_, plain = DirectDenoising(n_steps, 0.0).steps(field, start, batch, Noise(1, range(5)))
    assert (steps[-1].x0_hat - x0).norm() < 0.03 * (plain.x0_hat - x0).norm()


@pytest.mark.parametrize(
    ("churn", "window", "raised"),
    [(3.0, (0.0, math.inf), 1 + 3 / 8), (100.0, (0.0, math.inf), math.sqrt(2)), (3.0, (0.3, 2.0), 1 + 3 / 8)],
    ids=["everywhere", "at most √2", "in a window"],
)
def test_heun_with_churn_is_at_the_noise_level_it_says(
    churn: float, window: tuple[float, float], raised: float
) -> None:
    """Around a single structure X is X₀ + σz at every step, so the added noise must bring it to the raised level."""
    sampler = Heun(8, Karras(5.0, 0.1), churn, *window)
    batch, field = one_structure(N_MOLECULES, 3)
    steps = list(sampler.steps(field, field.x0(batch) + cloud(batch, 5.0), batch, Noise(1, range(N_MOLECULES))))
    sigmas = sampler.schedule.sigmas(8).tolist()[:-1]
    assert any(window[0] <= sigma <= window[1] for sigma in sigmas)
    for step, sigma in zip(steps, sigmas, strict=True):
        expected = sigma * raised if window[0] <= sigma <= window[1] else sigma
        assert step.sigma[0].item() == pytest.approx(expected)
        assert_mean(shakes(step, field, batch), expected**2)


def test_churn_noise_scales_what_is_added() -> None:
    batch, field = one_structure(N_MOLECULES, 3)
    sampler = Heun(8, Karras(5.0, 0.1), churn=3, churn_noise=1.5)
    start = field.x0(batch) + cloud(batch, 5.0)
    first = next(sampler.steps(field, start, batch, Noise(1, range(N_MOLECULES))))
    assert_mean(shakes(first, field, batch), 25 * (1 + 1.5**2 * ((1 + 3 / 8) ** 2 - 1)))


def test_ancestral_keeps_the_noise_level_it_says() -> None:
    sampler = Ancestral(8, Geometric(5.0, 0.1))
    batch, field = one_structure(N_MOLECULES, 3)
    x0 = field.x0(batch).view(N_MOLECULES, -1)
    for step in sampler.steps(field, field.x0(batch) + cloud(batch, 5.0), batch, Noise(1, range(N_MOLECULES))):
        off = step.x.view(N_MOLECULES, -1) - x0
        assert_moments(off, torch.zeros(9), step.sigma[0].double() ** 2 * centring(3))


def widely_scattered(n_molecules: int) -> tuple[AtomBatch, Dirac, Tensor]:
    """One structure, noised to levels between 0.1 and 10 Å: (batch, field, positions)."""
    batch, field = one_structure(n_molecules, 3)
    levels = torch.logspace(-1, 1, n_molecules, dtype=torch.float64)[batch.molecule, None]
    return batch, field, field.x0(batch) + levels * cloud(batch, 1.0)


def next_below(levels: Tensor, rungs: Tensor) -> Tensor:
    """The highest of the rungs (n,) below each level (M,); 0 below the last."""
    return torch.where(rungs < levels[:, None], rungs, 0).amax(1)


@pytest.mark.parametrize("sampler", [AdaptiveAncestral(9, Geometric(5.0, 0.1)), AdaptiveHeun(9, Geometric(5.0, 0.1))])
def test_adaptive_molecules_go_from_where_they_are_to_the_next_rung_below(sampler: Adaptive) -> None:
    """Around one structure a step must leave exactly the noise of its rung, whatever it found: for Heun to the last
    digit, for ancestral on average. The rung lies below the σ̂ found and below the rung before."""
    batch, field, start = widely_scattered(N_MOLECULES)
    rungs = sampler.schedule.sigmas(9)
    steps = list(sampler.steps(field, start, batch, Noise(1, range(N_MOLECULES))))
    torch.testing.assert_close(steps[0].sigma, shakes(steps[0], field, batch).sqrt())
    rung = rungs[:1].expand(N_MOLECULES)
    for before, after in pairwise(steps):
        rung = next_below(torch.minimum(rung, before.sigma), rungs)
        moved = after.n_evaluations > before.n_evaluations
        assert torch.equal(moved, (before.sigma > sampler.sigma_stop) & (rung > 0))
        found = (shakes(after, field, batch) / rung**2)[moved]
        if isinstance(sampler, AdaptiveHeun):
            torch.testing.assert_close(found, torch.ones_like(found))
        elif len(found) > 100:
            assert_mean(found, 1.0)
    assert len(steps[-1].n_evaluations.unique()) > 5, "low starts skip the rungs above them"


def test_adaptive_ancestral_is_ancestral_where_the_noise_is_what_the_ladder_says() -> None:
    target, ladder = two_gaussians(), Karras(6.0, 0.06)
    start = target.draw(50, 6.0, seed=3)
    plain, adaptive = (
        steps_of(Ancestral(30, ladder), target, start),
        steps_of(AdaptiveAncestral(30, ladder, sigma_stop=0.05), target, start, start=6.0),
    )
    for one, other in zip(plain, adaptive, strict=True):
        torch.testing.assert_close(other.x, one.x, rtol=0, atol=1e-5)


def test_adaptive_heun_raises_the_noise_of_the_rung_it_is_on() -> None:
    """Around one structure Heun leaves exactly a rung's noise, which churn then raises by 1 + churn/steps."""
    batch, field, start = widely_scattered(N_MOLECULES)
    sampler = AdaptiveHeun(9, Geometric(5.0, 0.1), churn=3)
    first, second, *_ = sampler.steps(field, start, batch, Noise(1, range(N_MOLECULES)))
    torch.testing.assert_close(first.x, start), "the prior is not churned"
    rungs = sampler.schedule.sigmas(9)
    rung = next_below(first.sigma.clamp(max=5.0), rungs)
    moved = second.n_evaluations > first.n_evaluations
    assert_mean((shakes(second, field, batch) / rung**2)[moved], (1 + 3 / 9) ** 2)


def test_the_corrector_alone_brings_any_start_to_the_noised_distribution() -> None:
    """Langevin steps at one level, all molecules beginning at the mean."""
    target, level = gaussian(), Karras(1.0, 0.9999)
    start = target.mean.expand(N_MOLECULES, -1).contiguous()
    last = steps_of(PredictorCorrector(2, level, n_corrector=200, snr=0.15), target, start)[-1]
    assert_moments(flat(last.x, start), target.mean, target.covariance + 0.9999**2 * centring(3))


def test_long_langevin_steps_heat_by_as_much_as_is_said() -> None:
    """Around one structure: σ²/(1 − r²)."""
    snr, level = 0.55, Karras(1.0, 0.9999)
    batch, field = one_structure(800, 6)
    *_, last = PredictorCorrector(2, level, 40, snr).steps(field, field.x0(batch), batch, Noise(3, range(800)))
    variance = (last.x - field.x0(batch)).square().sum() / batch.degrees_of_freedom.sum()
    assert float(variance) == pytest.approx(0.9999**2 / (1 - snr**2), rel=0.04)


def test_a_step_of_predictor_and_corrector_is_the_published_one() -> None:
    """Song et al. 2021, algorithms 2 and 4, by hand with the same noise; the norms are those expected of noise."""
    snr, high, low = 0.3, 2.0, 1.5
    batch, field = one_structure(4, 5)
    x0, x, replayed = field.x0(batch), field.x0(batch) + cloud(batch, 2.0), Noise(1, range(4))
    *_, last = PredictorCorrector(2, Karras(high, low), 1, snr).steps(field, x, batch, Noise(1, range(4)))
    x = x + (high**2 - low**2) * (x0 - x) / high**2 + math.sqrt(high**2 - low**2) * replayed.centred_normal(batch)
    norm_of_z, norm_of_score = math.sqrt(12), math.sqrt(12) / low
    epsilon = 2 * (snr * norm_of_z / norm_of_score) ** 2
    x = x + epsilon * (x0 - x) / low**2 + math.sqrt(2 * epsilon) * replayed.centred_normal(batch)
    torch.testing.assert_close(last.x, x, rtol=0, atol=1e-6)
