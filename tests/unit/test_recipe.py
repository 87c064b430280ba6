"""A recipe, the words that say it, and what it builds must be one and the same thing."""

import argparse
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.cli.options import add_recipe, recipe_of
from gpff_core.cli.scaffold_options import add_scaffold
from gpff_core.errors import GpffError
from gpff_core.priors import SHAPES, Covariance, Isotropic, Motif, Motifs, Shape, Typical
from gpff_core.recipe import BEST, BEST_FROZEN, BEST_LADDER, FEW_CALLS, PRESETS, SCHEDULES, Best, Recipe
from gpff_core.samplers import (
    POLISH_SIGMA,
    SAMPLERS,
    Ancestral,
    DirectDenoising,
    GuidedSampler,
    Heun,
    Polished,
    Reheated,
    SelfPaced,
)
from gpff_core.samplers.settings import settings_of
from gpff_core.schedules import Geometric, Karras

WATER = Motif((8, 1, 1), ((0.0, 0.0, 0.1), (0.0, 0.8, -0.5), (0.0, -0.8, -0.5)))


def parsed(words: list[str]) -> Recipe:
    parser = argparse.ArgumentParser()
    add_scaffold(parser)
    add_recipe(parser)
    return recipe_of(parser.parse_args(words))


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


variances, correlations = st.floats(0.5, 90), st.floats(-0.2, 0.2)
covariances = st.builds(Covariance, variances, variances, variances, correlations, correlations, correlations)
shapes = st.builds(Shape, st.sampled_from(list(SHAPES.values())), st.floats(0.5, 5), st.booleans())
priors = (
    st.none()
    | st.builds(Isotropic, st.floats(0.5, 30), st.just(0.0) | st.floats(0, 5))
    | covariances
    | shapes
    | st.just(Typical())
)
ranges = {
    "stochastic_lambda": (0, 5),
    "momentum": (0, 2),
    "kappa": (0, 0.99),
    "sigma_stop": (1e-3, 1),
    "churn": (0, 80),
    "churn_min": (0, 0.5),
    "churn_max": (1, 90),
    "churn_noise": (0.9, 1.1),
    "snr": (0.01, 0.9),
    "rho": (1, 12),
    "sigma_min": (1e-3, 0.4),
    "guidance": (0, 10),
    "polish": (0, 1),
}


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    sampler = draw(st.sampled_from(list(SAMPLERS)))
    names = settings_of(SAMPLERS[sampler])
    settings = {name: draw(maybe(*ranges[name])) for name in names if name in ranges}
    if "n_corrector" in names:
        settings["n_corrector"] = draw(st.none() | st.integers(1, 5))
    if "schedule" in names and settings["rho"] is None:
        settings["schedule"] = draw(st.sampled_from([None, *SCHEDULES]))
    given = {name: value for name, value in settings.items() if value is not None}
    reheat = draw(st.integers(0, 100))
    seed = draw(st.integers(0, 2**70))
    steps = draw(st.none() | st.integers(3 if given.get("polish") else 1, 300))
    return Recipe(sampler, steps, draw(priors), given, seed, reheat)


@given(recipes())
def test_the_words_of_a_recipe_say_the_recipe(recipe: Recipe) -> None:
    """To the last digit, since a molecule depends on it; and the words themselves build the same."""
    assert parsed(recipe.options()) == recipe
    assert parsed(recipe.options()).build_prior() == recipe.build_prior()
    assert parsed(recipe.options()).build_sampler() == recipe.build_sampler()


def test_words_may_be_left_out() -> None:
    assert parsed(["--sampler", "direct"]) == Recipe()
    assert parsed(["--covariance", "9,1,1"]).build_prior() == Covariance(9, 1, 1)
    assert parsed(["--prior", "covariance", "--covariance", "9,1,2,0.1,0.2,0.3"]).build_prior() == Covariance(
        9, 1, 2, 0.1, 0.2, 0.3
    )


@pytest.mark.parametrize("frozen", [False, True])
def test_direct_denoising_shakes_harder_the_more_time_there_is_to_settle(*, frozen: bool) -> None:
    """The table is read at its edges, and never falls from six calls on."""
    rows = (BEST_FROZEN if frozen else BEST)["direct"]
    shakes = [best.settings["stochastic_lambda"] for best in rows]
    for best, shake in zip(rows, shakes, strict=True):
        steps = 256 if best.most_calls == math.inf else int(best.most_calls)
        recipe = Recipe("direct", steps=steps, frozen=frozen)
        assert recipe.build_prior() == Isotropic(best.start, best.spacing)
        assert recipe.plain_sampler() == DirectDenoising(recipe.plain_steps, shake, best.settings.get("momentum", 0.0))
    assert shakes[1:] == sorted(shakes[1:])
    above = Recipe("direct", steps=int(rows[0].most_calls) + 1, frozen=frozen)
    assert above.plain_sampler() == DirectDenoising(above.plain_steps, shakes[1], rows[1].settings["momentum"])


def test_what_grows_on_frozen_atoms_is_shaken_harder() -> None:
    """The command line knows by its scaffold; what is asked for is what is done; the ladders stay as they are."""
    free, frozen = parsed(["--steps", "60"]), parsed(["--steps", "60", "--scaffold", "ring.xyz", "--freeze", "all"])
    assert frozen == replace(free, frozen=True)
    assert frozen == Recipe.for_calls("direct", 60, frozen=True)
    assert free.value_of("stochastic_lambda") < frozen.value_of("stochastic_lambda")
    asked = Recipe("direct", settings={"stochastic_lambda": 0.2}, frozen=True)
    assert asked.value_of("stochastic_lambda") == 0.2
    assert Recipe("heun", frozen=True).build_sampler() == Recipe("heun").build_sampler()


@pytest.mark.parametrize(
    "rows",
    [*BEST.values(), *BEST_FROZEN.values(), BEST_LADDER],
    ids=[*BEST, *(f"{name}, frozen" for name in BEST_FROZEN), "ladder"],
)
def test_a_best_setting_is_known_for_every_number_of_calls(rows: tuple[Best, ...]) -> None:
    calls = [best.most_calls for best in rows]
    assert calls == sorted(set(calls))
    assert calls[-1] == math.inf


def test_ladders_start_where_the_cloud_is() -> None:
    assert Recipe("ancestral").build_sampler() == Polished(Ancestral(58, Karras(10, 0.02, 7)))
    assert Recipe("ancestral", prior=Isotropic(4)).build_sampler() == Polished(Ancestral(58, Karras(4, 0.02, 7)))
    assert Recipe("heun", prior=Covariance(9, 9, 9), settings={"churn": 5}).plain_sampler() == Heun(
        29, Karras(3), churn=5
    )
    geometric = Recipe("heun", steps=9, settings={"schedule": "geometric", "sigma_min": 0.1}).plain_sampler()
    assert geometric == Heun(8, Geometric(2, 0.1))


def test_a_ladder_of_few_calls_starts_lower() -> None:
    low, high = (best.start for best in BEST_LADDER)
    few = int(BEST_LADDER[0].most_calls)
    assert low < high
    assert Recipe("ancestral", steps=few).build_prior() == Isotropic(low)
    assert Recipe("ancestral", steps=few + 1).build_prior() == Isotropic(high)


@pytest.mark.parametrize("sampler", ["heun", "adaptive-heun"])
def test_heun_churns_where_there_is_time(sampler: str) -> None:
    """What counts are network calls: a step of Heun is two. And a churn that is asked for is what it gets."""
    *_, flow, churned = BEST[sampler]
    few, churn = int(flow.most_calls) // 2, churned.settings["churn"]
    assert Recipe(sampler, steps=few).plain_sampler() == SAMPLERS[sampler](few - 1, Karras(2))
    assert Recipe(sampler, steps=few + 1).plain_sampler() == SAMPLERS[sampler](few, Karras(2), churn=churn)
    assert Recipe(sampler, settings={"churn": 0.0}).plain_sampler() == SAMPLERS[sampler](29, Karras(2))


def test_three_steps_of_heun_end_higher_on_the_ladder() -> None:
    assert Recipe("heun", steps=3).plain_sampler() == Heun(3, Karras(2, 0.07))
    assert Recipe("heun", steps=3, settings={"sigma_min": 0.02}).plain_sampler() == Heun(3, Karras(2, 0.02))
    assert Recipe("heun", steps=4).plain_sampler() == Heun(4, Karras(2, 0.02))


def test_guidance_is_where_it_was_measured_best_unless_something_else_is_asked_for() -> None:
    bare = {"guidance": 0.0, "polish": 0.0}
    plain = Recipe("direct", steps=20, settings=bare)
    assert plain.build_sampler() == plain.plain_sampler() == DirectDenoising(20, 0.4, 0.6)
    assert Recipe("direct", steps=20, settings={"polish": 0.0}).build_sampler() == GuidedSampler(
        plain.plain_sampler(), 0.4
    )
    assert Recipe("ancestral", settings={"polish": 0.0}).build_sampler() == Ancestral(60, Karras(10))
    ancestral = Recipe("ancestral", settings={"guidance": 0.3, "polish": 0.0}, reheat=2)
    assert ancestral.build_sampler() == Reheated(
        GuidedSampler(ancestral.plain_sampler(), 0.3), 2, guidance=0.3, polish=0.0
    )


def test_a_polish_is_part_of_the_steps_where_there_are_some_to_spare() -> None:
    few = Recipe("direct", FEW_CALLS, settings={"guidance": 0.0})
    assert few.build_sampler() == DirectDenoising(FEW_CALLS, 0.4, 0.8)
    one_more = Recipe("direct", FEW_CALLS + 1, settings={"guidance": 0.0})
    assert one_more.build_sampler() == Polished(DirectDenoising(FEW_CALLS - 1, 0.4, 0.6), POLISH_SIGMA)
    assert (one_more.n_steps, one_more.plain_steps, one_more.most_steps) == (
        FEW_CALLS + 1,
        FEW_CALLS - 1,
        FEW_CALLS + 1,
    )
    asked = Recipe("heun", 3, settings={"polish": 0.1})
    assert asked.build_sampler() == Polished(Heun(2, Karras(2, 0.07)), 0.1)
    assert Recipe("heun", 3, settings={"polish": 0.1}, reheat=1).build_sampler() == Reheated(
        Heun(2, Karras(2, 0.07)), 1, polish=0.1
    )


def test_whether_there_are_calls_to_spare_for_a_polish_counts_rounds_of_reheating() -> None:
    """But a polish leaves the sampler a call of its own."""
    few = Recipe("heun", 3, settings={"sigma_min": 0.07})
    assert replace(few, reheat=2).build_sampler() == Reheated(Heun(3, Karras(2, 0.07)), 2, polish=0)
    assert replace(few, reheat=3).build_sampler() == Reheated(Heun(2, Karras(2, 0.07)), 3)
    assert replace(few, steps=1, reheat=3).build_sampler() == Reheated(Heun(1, Karras(2, 0.07)), 3, polish=0)


def test_self_paced_keeps_what_is_not_given() -> None:
    assert Recipe("self-paced", settings={"kappa": 0.5}).build_sampler() == Polished(SelfPaced(118, 0.5, 0.03))
    assert Recipe("self-paced", steps=9, settings={"sigma_stop": 0.2}).build_sampler() == SelfPaced(9, 0.7, 0.2)


def test_self_paced_puts_more_back_where_there_is_time() -> None:
    assert Recipe("self-paced", steps=40).build_sampler() == Polished(SelfPaced(38, 0.7, 0.05))
    assert Recipe("self-paced", steps=41).build_sampler() == Polished(SelfPaced(39, 0.9, 0.03))


@pytest.mark.parametrize(
    "settings",
    [
        {"sampler": "sde"},
        {"sampler": "heun", "settings": {"kappa": 0.3}},
        {"sampler": "direct", "settings": {"churn": 1.0}},
        {"sampler": "self-paced", "settings": {"sigma_min": 0.1}},
        {"sampler": "ancestral", "settings": {"stochastic_lambda": 0.0}},
        {"sampler": "heun", "settings": {"schedule": "geometric", "rho": 7.0}},
        {"sampler": "heun", "settings": {"schedule": "linear"}},
        {"sampler": "heun", "settings": {"churn": "much"}},
        {"sampler": "predictor-corrector", "settings": {"n_corrector": 1.5}},
        {"sampler": "predictor-corrector", "settings": {"n_corrector": 2.0}},
        {"sampler": "predictor-corrector", "settings": {"n_corrector": math.inf}},
        {"sampler": "direct", "settings": {"steps": 5}},
        {"sampler": "direct", "reheat": -1},
        {"sampler": "direct", "reheat": 101},
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(GpffError):
        Recipe(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("n_corrector", [0, -1, -5])
def test_too_few_langevin_steps_are_refused_in_a_sentence(n_corrector: int) -> None:
    with pytest.raises(GpffError, match="corrector steps were asked for; give at least 1"):
        Recipe("predictor-corrector", 30, settings={"n_corrector": n_corrector}).build_sampler()


def test_presets_are_sound() -> None:
    assert set(PRESETS) == {"fast", "best"}
    for recipe in PRESETS.values():
        assert parsed(recipe.options()) == recipe
        recipe.build_sampler()
    assert PRESETS["fast"].n_steps < PRESETS["best"].n_steps


def test_without_a_word_on_the_sampler_a_run_is_the_apps() -> None:
    """As often valid as can be; the first of sampler, steps and rounds that is given ends that."""
    assert parsed([]) == PRESETS["fast"]
    assert parsed(["--guidance=0", "--seed=3"]) == replace(PRESETS["fast"], settings={"guidance": 0.0}, seed=3)
    assert parsed(["--scaffold", "benzene.xyz"]) == replace(PRESETS["best"], frozen=True)
    assert parsed(["--steps=60"]) == Recipe(steps=60)
    assert parsed(["--reheat=2"]) == Recipe(reheat=2)
    assert parsed(["--preset=best", "--steps=30"]) == replace(PRESETS["best"], steps=30)
    with pytest.raises(GpffError, match="no preset called 'slow'; choose one of fast, best"):
        parsed(["--preset=slow"])


def test_reheating_is_part_of_a_budget() -> None:
    recipe = Recipe.for_calls("heun", 60, reheat=2)
    assert (recipe.steps, recipe.most_steps) == (25, 35)
    with pytest.raises(GpffError, match="20 calls, and 20 are allowed"):
        Recipe.for_calls("direct", 20, reheat=4)


@pytest.mark.parametrize("n_corrector", [1, 3])
def test_every_langevin_step_is_a_call(n_corrector: int) -> None:
    """Of the budget that decides what is best, and of the polish that comes out of the steps."""
    recipe = Recipe("predictor-corrector", 30, settings={"n_corrector": n_corrector})
    assert (recipe.calls_per_step, recipe.n_calls) == (1 + n_corrector, 30 * (1 + n_corrector))
    assert recipe.plain_steps == 29
    few = Recipe("predictor-corrector", 5, settings={"n_corrector": n_corrector})
    assert bool(few.polish_calls) == (few.n_calls > FEW_CALLS)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if "schedule" in settings_of(SAMPLERS[name])])
def test_a_ladder_of_few_steps_from_little_noise_still_goes_down(sampler: str) -> None:
    """Although the lowest level that is best for so few steps may be above where it starts."""
    for start in (0.05, 0.06, 0.5):
        ladder = Recipe(sampler, 3, replace(WATER, sigma=start)).plain_sampler().schedule  # type: ignore[attr-defined]
        assert ladder.sigma_min <= start / 2
    with pytest.raises(GpffError, match="do not decrease"):
        Recipe(sampler, 3, replace(WATER, sigma=0.06), {"sigma_min": 0.07}).build_sampler()


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if "schedule" in settings_of(SAMPLERS[name])])
def test_a_ladder_starts_from_a_structure_without_noise_at_the_least_noise_it_knows(sampler: str) -> None:
    recipe = Recipe(sampler, prior=WATER)
    assert recipe.build_prior() == replace(WATER, sigma=0.05)
    assert recipe.plain_sampler().schedule.sigma_max == 0.05  # type: ignore[attr-defined]
    clean, rough = replace(WATER, own_sigma=0.003), replace(WATER, own_sigma=0.3)
    assert Recipe(sampler, prior=Motifs((clean, clean))).build_prior().scale == 0.05
    assert Recipe(sampler, prior=Motifs((clean, rough))).build_prior() == Motifs((clean, rough))


@pytest.mark.parametrize(
    ("own", "sigma", "shake"), [(0.0, 0.0, 0.0), (0.003, 0.0, 0.003), (0.1, 0.3, 0.3), (0, 2, 0.5)]
)
def test_a_structure_is_shaken_no_harder_than_the_noise_it_starts_with(own: float, sigma: float, shake: float) -> None:
    """Or a run from a structure would not start there, whatever was asked for."""
    start = replace(WATER, own_sigma=own, sigma=sigma)
    assert Recipe("direct", 60, start).value_of("stochastic_lambda") == shake
    assert Recipe("direct", 60, start).build_prior() == start
    assert Recipe("direct", 60, start, {"stochastic_lambda": 0.7}).value_of("stochastic_lambda") == 0.7
    assert Recipe("direct", 60, start, frozen=True).value_of("stochastic_lambda") == (1.0 if sigma == 2 else shake)
