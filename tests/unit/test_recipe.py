"""A recipe, the words that say it, and what it builds must be one and the same thing."""

import argparse
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.cli.options import add_recipe, recipe_of
from gpff_core.errors import GpffError
from gpff_core.priors import Covariance, Isotropic
from gpff_core.recipe import BEST_DIRECT, LADDER_START, PRESETS, Recipe
from gpff_core.samplers import SAMPLERS, Ancestral, DirectDenoising, Heun, SelfPaced
from gpff_core.schedules import Geometric, Karras


def parsed(words: list[str]) -> Recipe:
    parser = argparse.ArgumentParser()
    add_recipe(parser)
    return recipe_of(parser.parse_args(words))


def maybe(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high)


variances, correlations = st.floats(0.5, 90), st.floats(-0.2, 0.2)
covariances = st.tuples(variances, variances, variances, correlations, correlations, correlations)
priors = st.fixed_dictionaries({"sigma": maybe(0.5, 30)}) | st.fixed_dictionaries({"covariance": covariances})
ladders = st.fixed_dictionaries({"schedule": st.none() | st.just("karras"), "rho": maybe(1, 12)}) | st.just(
    {"schedule": "geometric"}
)
common = st.fixed_dictionaries({"steps": st.none() | st.integers(1, 300), "seed": st.integers(0, 2**70)})
own = {
    "direct": st.fixed_dictionaries({"stochastic_lambda": maybe(0, 5)}),
    "self-paced": st.fixed_dictionaries({"kappa": maybe(0, 0.99), "sigma_stop": maybe(1e-3, 1)}),
    "ancestral": st.builds(lambda a, b: a | b, ladders, st.fixed_dictionaries({"sigma_min": maybe(1e-3, 0.4)})),
}
own["heun"] = st.builds(lambda a, b: a | b, own["ancestral"], st.fixed_dictionaries({"churn": maybe(0, 80)}))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    sampler = draw(st.sampled_from(list(SAMPLERS)))
    return Recipe(sampler, **draw(common), **draw(priors), **draw(own[sampler]))


@given(recipes())
def test_the_words_of_a_recipe_say_the_recipe(recipe: Recipe) -> None:
    """To the last digit, since a molecule depends on it; and the words themselves build the same."""
    assert parsed(recipe.options()) == recipe
    assert parsed(recipe.options()).prior() == recipe.prior()
    assert parsed(recipe.options()).build_sampler() == recipe.build_sampler()


def test_words_may_be_left_out() -> None:
    assert parsed([]) == Recipe()
    assert parsed(["--covariance", "9,1,1"]).prior() == Covariance(9, 1, 1)
    assert parsed(["--prior", "covariance", "--covariance", "9,1,2,0.1,0.2,0.3"]).prior() == Covariance(
        9, 1, 2, 0.1, 0.2, 0.3
    )


def test_direct_denoising_shakes_harder_the_more_time_there_is_to_settle() -> None:
    """The table is read at its edges, rises, and a few steps are not shaken at all."""
    for most, shake, sigma in BEST_DIRECT:
        steps = 256 if most == math.inf else int(most)
        assert Recipe("direct", steps=steps).prior() == Isotropic(sigma)
        assert Recipe("direct", steps=steps).build_sampler() == DirectDenoising(steps, shake)
    assert list(BEST_DIRECT) == sorted(BEST_DIRECT)
    assert BEST_DIRECT[0][1] == 0
    above = int(BEST_DIRECT[0][0]) + 1
    assert Recipe("direct", steps=above).build_sampler() == DirectDenoising(above, BEST_DIRECT[1][1])


def test_ladders_start_where_the_cloud_is() -> None:
    assert Recipe("ancestral").build_sampler() == Ancestral(60, Karras(LADDER_START, 0.02, 7))
    assert Recipe("ancestral", sigma=4).build_sampler() == Ancestral(60, Karras(4, 0.02, 7))
    assert Recipe("heun", covariance=(9, 9, 9, 0, 0, 0), churn=5).build_sampler() == Heun(30, Karras(3), churn=5)
    geometric = Recipe("heun", steps=7, schedule="geometric", sigma_min=0.1).build_sampler()
    assert geometric == Heun(7, Geometric(10, 0.1))


def test_self_paced_keeps_what_is_not_given() -> None:
    assert Recipe("self-paced", kappa=0.5).build_sampler() == SelfPaced(120, kappa=0.5)
    assert Recipe("self-paced", steps=9, sigma_stop=0.2).build_sampler() == SelfPaced(9, sigma_stop=0.2)


@pytest.mark.parametrize(
    "settings",
    [
        {"sampler": "sde"},
        {"sampler": "heun", "kappa": 0.3},
        {"sampler": "direct", "churn": 1.0},
        {"sampler": "self-paced", "sigma_min": 0.1},
        {"sampler": "ancestral", "stochastic_lambda": 0.0},
        {"sampler": "heun", "schedule": "geometric", "rho": 7.0},
        {"sigma": 1.0, "covariance": (1, 1, 1, 0, 0, 0)},
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(GpffError):
        Recipe(**settings)  # type: ignore[arg-type]


def test_presets_are_sound() -> None:
    assert set(PRESETS) == {"fast", "best"}
    for recipe in PRESETS.values():
        assert parsed(recipe.options()) == recipe
        recipe.build_sampler()
    assert PRESETS["fast"].n_steps < PRESETS["best"].n_steps
