"""The Noise lab's mathematics: schedules against their formulas, pairs against known tests, pictures against bowls."""

import csv
import json
import math
from dataclasses import replace
from io import StringIO
from itertools import pairwise

import numpy as np
import pytest
import torch

from gpff_app.noise_lab import bond as bonds
from gpff_app.noise_lab.comparison import Comparison, Plan
from gpff_app.noise_lab.export import as_csv, as_json
from gpff_app.noise_lab.faults import fault_of
from gpff_app.noise_lab.figures import Line, schedules_figure, trajectories_figure
from gpff_app.noise_lab.ideal import IdealWalk, ideal_walk
from gpff_app.noise_lab.method import fragments_words, molecule_words
from gpff_app.noise_lab.method_figures import error_figure, estimate_figure
from gpff_app.noise_lab.noised import LEVELS, noised_molecule
from gpff_app.noise_lab.pairs import DIFFERENT, NONE_VALID, SAME, badge, rows_of
from gpff_app.noise_lab.schedules import MAX_STEPS, PRESETS, Schedule, of_preset, preset_of
from gpff_app.noise_lab.significance import Paired, holm, verdict
from gpff_app.recipe_controls import sentence_on
from gpff_app.reproduce import python_code
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force, raw_noise_level, temperature
from gpff_core.generation import generate, samples_of
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import checkpoint_path
from gpff_core.samplers import SAMPLERS
from gpff_core.schedules import Geometric, Karras

N = 7


def walk(sampler: str, steps: int = N, sigma_max: float = 10.0, **settings: float | str) -> IdealWalk:
    return ideal_walk(Schedule(sampler, steps, sigma_max, {"polish": 0.0, **settings}).recipe())


def close(values: np.ndarray, to: object) -> bool:
    return bool(np.allclose(values, to, rtol=1e-5, atol=1e-6))


def karras(n: int = N) -> np.ndarray:
    return Karras().sigmas(n)[:-1].numpy()


def test_ancestral_walks_down_the_karras_ladder_and_adds_what_its_posterior_asks_for() -> None:
    found, ladder = walk("ancestral"), karras()
    assert close(found.asked, ladder)
    assert close(found.reached, ladder), "the posterior step of a known structure lands exactly on the next level"
    above, below = ladder[:-1], ladder[1:]
    assert close(found.added, [0, *(below * np.sqrt(1 - below**2 / above**2))])
    assert found.calls.tolist() == list(range(1, N + 1))


def test_the_geometric_ladder_has_a_constant_ratio() -> None:
    found = walk("euler", sigma_max=5.0, schedule="geometric", sigma_min=0.05)
    assert close(found.asked, Geometric(5.0, 0.05).sigmas(N)[:-1])
    assert close(found.asked[1:] / found.asked[:-1], (0.05 / 5.0) ** (1 / (N - 1)))
    assert not found.added.any(), "a flow adds no noise"


def test_direct_denoising_is_shaken_by_lambda_times_what_is_left() -> None:
    found = walk("direct", sigma_max=2.0, stochastic_lambda=0.8)
    shakes = 0.8 * (1 - np.arange(1, N + 1) / N)
    assert close(found.added, shakes)
    assert close(found.asked, [math.hypot(2.0, shakes[0]), *shakes[1:]]), "after one look only the shaking is left"


def test_heun_raises_the_noise_by_its_churn_before_each_step_in_range() -> None:
    found, ladder = walk("heun", churn=1.4, churn_min=0.1, churn_max=5.0), karras()
    gamma = np.where((ladder >= 0.1) & (ladder <= 5.0), 1.4 / N, 0.0)
    assert 0 < (gamma > 0).sum() < N
    assert close(found.asked, ladder * (1 + gamma))
    assert close(found.added, ladder * np.sqrt((1 + gamma) ** 2 - 1))
    assert (found.n_calls, found.most_calls) == (2 * N - 1, 2 * N - 1)


def test_the_reverse_sde_leaves_more_noise_than_it_says() -> None:
    """Euler and Maruyama multiply what is there by σ′²/σ² and add √(σ² − σ′²) to it."""
    found, ladder = walk("reverse-sde"), karras()
    reached = [ladder[0]]
    for above, below in pairwise(ladder):
        reached.append(math.hypot(reached[-1] * below**2 / above**2, math.sqrt(above**2 - below**2)))
    assert close(found.reached, reached)
    assert (found.reached[1:] > found.asked[1:]).all()


def test_self_paced_shrinks_by_kappa_until_it_stops() -> None:
    found = walk("self-paced", 100, sigma_max=3.0, kappa=0.5, sigma_stop=0.05)
    n = math.ceil(math.log(0.05 / 3) / math.log(0.5)) + 1
    assert close(found.asked, 3.0 * 0.5 ** np.arange(n))
    assert (found.n_calls, found.most_calls, found.stops_by_itself) == (n, 100, True)


@pytest.mark.parametrize("sampler", ["adaptive-ancestral", "adaptive-heun"])
def test_where_predictions_are_perfect_adaptive_schedules_are_plain_ones(sampler: str) -> None:
    assert close(walk(sampler).asked, karras())


@pytest.mark.parametrize("polish", [0.0, 0.05])
@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_calls_are_those_of_a_real_run(field: Checkpoint, sampler: str, polish: float) -> None:
    settings: dict[str, float | str] = {"n_corrector": 2} if sampler == "predictor-corrector" else {}
    schedule = Schedule(sampler, 4, settings={**settings, "polish": polish})
    found = ideal_walk(schedule.recipe())
    plan = Plan((schedule,), parse_formula("CH4"), 2, 0, 1, field.name)
    used = [s.n_evaluations for s in samples_of(generate(field, plan.order(0, 0).request()))]
    stops = "stop" in str(schedule.recipe().build_sampler())
    # Samplers count the calls up to their last look: corrector steps after it are made by none.
    assert max(used) <= found.most_calls if stops else used == [found.most_calls] * 2 == [found.n_calls] * 2
    assert found.calls_at(len(found.calls)).tolist() == found.calls.tolist()


def test_a_molecule_at_rest_keeps_its_last_level_in_the_median() -> None:
    line = Line(0, "A", walk("adaptive-ancestral", 4))
    rests, moves = [4.0, 0.1, np.nan, np.nan, 0.05], [4.0, 2.0, 3.0, 1.0, 0.03]
    ended_early = [4.0, 0.2, 0.02, np.nan, np.nan]
    figure = trajectories_figure([line], [np.array([rests, moves, ended_early])], "step")
    (median,) = (trace for trace in figure.data if trace.name == "A")
    assert list(median.y) == pytest.approx([4.0, 0.2, 0.1, 0.1, 0.03])


def test_the_second_axis_reads_each_level_as_its_temperature() -> None:
    axis = schedules_figure([Line(0, "A", walk("ancestral"))], "calls").layout.yaxis2
    assert [temperature(sigma) for sigma in axis.tickvals] == pytest.approx([float(text) for text in axis.ticktext])
    assert axis.matches == "y"


@pytest.mark.parametrize(("b", "c", "p_value"), [(1, 9, 22 / 1024), (0, 5, 2 / 32), (4, 4, 1.0), (0, 0, 1.0)])
def test_mcnemar_is_the_binomial_test_of_the_pairs_that_differ(b: int, c: int, p_value: float) -> None:
    assert Paired(50, b, c, 7).p_value == pytest.approx(p_value)
    assert Paired(50, c, b, 7).p_value == pytest.approx(p_value)


def test_pairs_are_counted_by_who_succeeded() -> None:
    pairs = Paired.of([True, True, False, False, True], [True, False, True, False, False])
    assert pairs == Paired(both=1, only_first=2, only_second=1, neither=1)
    assert (pairs.first.count, pairs.second.count, pairs.n) == (3, 2, 5)


def test_holm_corrects_the_smallest_most_and_never_changes_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.4, 0.9]) == pytest.approx([0.8, 0.9])
    assert holm([]) == []


def test_a_verdict_says_who_is_better_and_on_what_it_rests() -> None:
    pairs = Paired(3, 1, 9, 0)
    headline, detail = verdict("A", "B", pairs, pairs.p_value)
    assert headline == "B is better than A, beyond chance."
    assert "Of the 10 seeds on which only one of them made a valid molecule, B won 9" in detail
    assert "in 2.1 % of comparisons" in detail
    assert verdict("A", "B", pairs, 0.06)[0] == "B is ahead of A, but that may be chance."
    assert verdict("A", "B", Paired(1, 2, 2, 1), 1.0)[0] == "A and B are level."
    assert verdict("A", "B", Paired(5, 0, 0, 1), 1.0)[0] == "No difference between A and B."
    assert "the one seed" in verdict("A", "B", Paired(5, 1, 0, 0), 1.0)[1]


def test_schedules_survive_being_saved_and_presets_are_recognised() -> None:
    for name in PRESETS:
        saved = json.loads(json.dumps([schedule.as_json() for schedule in of_preset(name)]))
        loaded = [Schedule.from_json(said) for said in saved]
        assert preset_of(loaded) == name
        assert preset_of([replace(loaded[0], steps=99), *loaded[1:]]) is None
    assert len({schedule.key for _ in range(2) for schedule in of_preset(name)}) == 2 * len(loaded), (
        "keys are their own"
    )


def test_a_presets_name_says_when_the_schedule_is_no_longer_that_one() -> None:
    _, preset = of_preset("Churn or no churn")
    assert preset.title == "Heun, churn 8"
    assert preset.with_setting("churn", 12.0).title == "Heun, churn 8, changed"
    assert preset.with_setting("churn", 12.0).with_setting("churn", 8.0).title == "Heun, churn 8"
    assert replace(preset, steps=7, name="mine").title == "mine"
    assert replace(preset, steps=7, name="").title == "Heun diffusion, 7 steps"


@pytest.mark.parametrize(
    ("schedule", "name"),
    [
        (Schedule("direct", 0), "steps"),
        (Schedule("direct", 6, -1.0), "sigma_max"),
        (Schedule("direct", 6, settings={"stochastic_lambda": -1.0}), "stochastic_lambda"),
        (Schedule("direct", 0, settings={"stochastic_lambda": -1.0}), "steps"),  # one after the other
        (Schedule("ancestral", 6, 20.0, {"sigma_min": 30.0}), "sigma_min"),
        (Schedule("heun", 6, settings={"churn_min": 3.0, "churn_max": 2.0}), "churn_min"),  # either would do
    ],
)
def test_what_is_wrong_is_said_of_the_number_that_was_typed(schedule: Schedule, name: str) -> None:
    found = fault_of(schedule)
    assert found is not None
    assert found.name == name
    with pytest.raises(GpffError) as error:
        schedule.recipe()
    assert found.sentence == str(error.value)


def test_symbols_and_names_keep_their_letters_at_the_start_of_a_sentence() -> None:
    assert sentence_on("stochastic_lambda").startswith("λ, how hard")
    assert sentence_on("rho").startswith("ρ of the Karras schedule")
    assert sentence_on("churn").startswith("S_churn of Karras et al.")
    assert sentence_on("kappa").startswith("Share of the noise")


def test_nothing_is_wrong_with_the_presets() -> None:
    assert [
        fault_of(schedule) for preset in PRESETS.values() for schedule in preset.schedules if fault_of(schedule)
    ] == []
    assert fault_of(Schedule("ancestral", 6, 20.0, {"sigma_min": 12.0})) is None, "though 10 Å is where it begins"


@pytest.mark.parametrize(
    "said", [7, {"sampler": "none"}, {"colour": "red"}, {"settings": 3}, {"steps": "many"}, {"name": "x" * 99}]
)
def test_what_is_no_schedule_is_refused_in_a_sentence(said: object) -> None:
    with pytest.raises(GpffError):
        Schedule.from_json(said)


def test_another_sampler_keeps_the_settings_they_share() -> None:
    heun = Schedule("heun", 9, settings={"churn": 3.0, "schedule": "karras", "rho": 5.0})
    assert heun.with_sampler("ancestral").settings == {"schedule": "karras", "rho": 5.0}
    assert heun.with_setting("schedule", "geometric").settings == {"churn": 3.0, "schedule": "geometric"}
    assert heun.with_setting("churn", None).settings == {"schedule": "karras", "rho": 5.0}
    with pytest.raises(GpffError, match=f"1 to {MAX_STEPS}"):
        replace(heun, steps=MAX_STEPS + 1).recipe()


def compared(field: Checkpoint, *schedules: Schedule, n_seeds: int = 2) -> Comparison:
    plan = Plan(schedules, parse_formula("CH4"), 3, 5, n_seeds, field.name)
    return Comparison(plan, field, None)


def finished(field: Checkpoint, *schedules: Schedule) -> Comparison:
    comparison = compared(field, *schedules)
    for _ in comparison.steps():
        assert comparison.progress <= 1
    return comparison


def test_the_same_schedule_twice_makes_the_same_molecules(field: Checkpoint) -> None:
    comparison = finished(field, Schedule("ancestral", 4), Schedule("ancestral", 4))
    assert comparison.progress == 1
    rows = rows_of(comparison)
    assert [key for key, _ in rows] == [(seed, place) for seed in (5, 6) for place in range(3)]
    for _, (first, second) in rows:
        assert first is not None
        assert second is not None
        assert np.array_equal(first.positions, second.positions)
    (contest,) = comparison.contests()
    assert contest.pairs.n == 6
    assert (contest.pairs.only_first, contest.pairs.only_second, contest.p_value) == (0, 0, 1.0)


def test_seeds_are_those_of_a_run_of_its_own(field: Checkpoint) -> None:
    comparison = finished(field, Schedule("direct", 3, sigma_max=1.0), Schedule("euler", 3))
    for place in (0, 1):
        order = comparison.plan.order(place, 6)
        alone = samples_of(generate(field, order.request()))
        made = comparison.samples_of(place)
        assert all(np.array_equal(made[6, s.index].positions, s.positions) for s in alone)


def test_measured_levels_are_those_of_the_forces(field: Checkpoint) -> None:
    comparison = finished(field, Schedule("direct", 4), Schedule("adaptive-ancestral", 4))
    leg = comparison.legs[0]
    assert leg.levels is not None
    (track,) = leg.run.recording.tracks
    shown = np.stack([frame.sigma for frame in track.frames], axis=1)
    assert np.allclose(leg.levels, shown, rtol=1e-4), "direct denoising records σ̂ itself"
    assert comparison.levels_of(0).shape == (6, 5)


def test_a_stopped_comparison_counts_what_is_finished(field: Checkpoint) -> None:
    comparison = compared(field, Schedule("direct", 3), Schedule("euler", 3))
    steps = comparison.steps()
    while comparison.current is not comparison.legs[3]:
        next(steps)
    comparison.keep()
    assert [leg.finished for leg in comparison.legs] == [True, True, True, False]
    assert comparison.legs[3].run.samples, "it is there to be looked at"
    assert "stopped" in comparison.legs[3].problem
    assert (len(comparison.samples_of(0)), len(comparison.samples_of(1))) == (6, 3)
    (contest,) = comparison.contests()
    assert contest.pairs.n == 3, "pairs are only seeds that both finished"


def test_a_schedule_that_fails_does_not_end_the_others(field: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = compared(field, Schedule("direct", 3), Schedule("euler", 3), n_seeds=1)

    def fail() -> object:
        raise GpffError("it broke")
        yield

    monkeypatch.setattr(comparison.legs[0].run, "steps", fail)
    list(comparison.steps())
    assert comparison.legs[0].problem == "it broke"
    assert comparison.legs[1].finished
    assert comparison.contests() == []
    assert comparison.progress == 1


def test_more_than_the_page_can_hold_is_refused_before_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_MAX_ATOM_FRAMES", "100")
    with pytest.raises(GpffError, match="fewer molecules, seeds or steps"):
        Plan((Schedule("direct", 5), Schedule("euler", 5)), parse_formula("CH4"), 2, 0, 2, "tiny")
    with pytest.raises(GpffError, match="0 seeds"):
        Plan((Schedule(),), parse_formula("CH4"), 2, 0, 0, "tiny")
    with pytest.raises(GpffError, match=r"^B: 0 steps"):
        Plan((Schedule("direct", 1), Schedule("euler", 0)), parse_formula("CH4"), 1, 0, 1, "tiny")


def test_badges_say_how_the_molecules_of_a_seed_compare(field: Checkpoint) -> None:
    samples = samples_of(
        generate(field, Plan((Schedule("direct", 1),), parse_formula("CH4"), 1, 0, 1, "t").order(0, 0).request())
    )
    (sample,) = samples
    methane = replace(sample, verdict=replace(sample.verdict, valid=True, smiles="C"))
    other = replace(sample, verdict=replace(sample.verdict, valid=True, smiles="CC"))
    broken = replace(sample, verdict=replace(sample.verdict, valid=False, smiles=""))
    assert badge([methane, methane]) == SAME
    assert badge([methane, other]) == DIFFERENT
    assert badge([broken, methane, None]) == "only B valid"
    assert badge([broken, None]) == NONE_VALID


def test_files_say_what_made_every_molecule(field: Checkpoint) -> None:
    comparison = finished(field, Schedule("direct", 3, name="=HYPERLINK(1)"), Schedule("heun", 3))
    rows = list(csv.DictReader(StringIO(as_csv(comparison))))
    assert len(rows) == 12
    assert {row["name"] for row in rows if row["schedule"] == "A"} == {"'=HYPERLINK(1)"}, "no cell begins a formula"
    assert {(row["schedule"], row["seed"], row["index"]) for row in rows} == {
        (letter, seed, index) for letter in "AB" for seed in "56" for index in "012"
    }
    assert rows[-1]["command"] == comparison.plan.order(1, 6).command()
    said = json.loads(as_json(comparison))
    assert [schedule["calls"] for schedule in said["schedules"]] == [3.0, 5.0]
    assert said["schedules"][0]["python"] == python_code(comparison.plan.order(0, 5), range(5, 7))
    assert len(said["molecules"]) == 12
    assert said["contests"][0]["p_holm"] == comparison.contests()[0].p_value


class PerfectField:
    """Knows that the structure it is shown is one molecule, pulled apart."""

    def __init__(self, smiles: str) -> None:
        composition, positions = structure_from_smiles(smiles)
        self.x0 = AtomBatch.from_compositions([composition]).centred(torch.from_numpy(positions))

    def __call__(self, x: torch.Tensor, batch: AtomBatch) -> torch.Tensor:
        return pseudo_force(x, self.x0.repeat(batch.n_molecules, 1))

    def noise_level(self, force: torch.Tensor, batch: AtomBatch) -> torch.Tensor:
        return raw_noise_level(force, batch)


@pytest.mark.parametrize(("name", "first", "second"), [("C–O in ethanol", 7, 2), ("O–H in water", 2, 1)])
def test_a_bond_that_is_pulled_is_a_parabola(name: str, first: int, second: int) -> None:
    """Two rigid sides of n and m atoms about their centre: E = d² nm/(n + m), and along the bond F = −dE/dd."""
    found = bonds.scan(PerfectField(bonds.BONDS[name].smiles), bonds.BONDS[name])
    pulled, reduced = found.lengths - found.r0, first * second / (first + second)
    assert close(pulled, bonds.STRETCHES)
    assert np.allclose(found.energy, pulled**2 * reduced, atol=1e-4)
    assert np.allclose(found.force, -2 * pulled * reduced, atol=1e-4)
    assert np.allclose(found.energy_network, found.energy, atol=1e-4)
    assert np.allclose(found.landing, found.r0, atol=1e-4), "one jump is enough"
    assert found.sides == (first, second)
    words = fragments_words(found, found.place(0.6))
    assert f"{first}·{second}/{first + second}·d² = {reduced:.3g} d²: {reduced * 0.36:.2f} Å² for d = 0.60 Å" in words
    assert found.symbols == ("C" if "C" in name else "O", "O" if "C–O" in name else "H")


@pytest.fixture(scope="module")
def shipped() -> Checkpoint:
    return load_checkpoint(checkpoint_path("qm9"))


def test_the_network_pulls_a_bond_back_and_knows_how_far(shipped: Checkpoint) -> None:
    found = bonds.scan(shipped, bonds.BONDS["C–C in propane"])
    assert found.r0 == pytest.approx(1.53, abs=0.05)
    pulled = np.abs(found.lengths - found.r0)
    near, far = (pulled > 0.1) & (pulled < 0.5), pulled > 0.5
    assert (np.abs(found.landing - found.r0)[near] < 0.5 * pulled[near]).all()
    assert found.sigma[far].min() > found.sigma[near].min()
    assert (np.sign(found.force_network[near]) == np.sign(found.force[near])).all()


def test_the_network_repairs_a_shaken_molecule_and_reads_its_noise(shipped: Checkpoint) -> None:
    found = noised_molecule(shipped, "CCO")
    levels = np.array(LEVELS)
    shaken = found.noised - found.x0
    assert np.allclose(np.sqrt((shaken**2).mean((1, 2))), levels, rtol=0.25), "σ is what was put in"
    small = (levels > 0.05) & (levels < 0.3)
    assert (np.median(found.error, axis=1)[small] < 0.7 * levels[small]).all()
    assert np.allclose(np.median(found.calibrated, axis=1)[small], levels[small], rtol=0.3)
    assert found.error[-1].max() < 2.0, "of a cloud it predicts something of the size of a molecule"


def test_the_mark_in_a_picture_stands_where_the_words_say(shipped: Checkpoint) -> None:
    found = noised_molecule(shipped, "CCO")
    for place in range(0, len(LEVELS), 5):
        words = molecule_words(found, place).replace("\\", "")
        for figure, said in ((estimate_figure, "reads σ̂ = {:.2g} Å"), (error_figure, "is off by {:.2g} Å")):
            (mark,) = (trace for trace in figure(found, place).data if trace.name == "the one in 3D")
            assert mark.x[0] == pytest.approx(LEVELS[place])
            assert said.format(mark.y[0]) in words


def test_pictures_refuse_what_they_cannot_show(shipped: Checkpoint) -> None:
    for smiles, words in (("CCCl", "Cl cannot be generated"), ("C" * 20, "takes 2 to"), ("not a molecule", "SMILES")):
        with pytest.raises(GpffError, match=words):
            noised_molecule(shipped, smiles)
