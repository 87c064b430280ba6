"""The controls of the Generate page: what to make and how. Every number a person types is judged by the library."""

import random
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from gpff_app.run import MAX_MOLECULES, Order
from gpff_app.text import plain
from gpff_core.chemistry.formulas import closed_shell_problem, parse_formula, unsaturation
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.generation import check_elements
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.networks.shipped import checkpoint_names
from gpff_core.priors import Covariance
from gpff_core.recipe import PRESETS, SCHEDULES, Recipe
from gpff_core.samplers import SAMPLERS, Ancestral, Heun, Sampler

N_SUGGESTIONS: Final = 3
LARGEST_SEED: Final = 999_999

SAMPLER_TEXT: Final = {
    "direct": "Direct denoising",
    "self-paced": "Self-paced direct",
    "ancestral": "Ancestral diffusion",
    "heun": "Heun diffusion",
}


@dataclass(frozen=True)
class Setting:
    """A number that one sampler takes; left empty it has the value that was measured best."""

    name: str
    label: str
    help: str
    step: float


_SIGMA_MIN = Setting("sigma_min", "Lowest noise level (Å)", "The last rung of the ladder before the final jump.", 0.01)
SETTINGS: Final[dict[str, tuple[Setting, ...]]] = {
    "direct": (
        Setting(
            "stochastic_lambda",
            "Shaking λ (Å)",
            "How hard the atoms are shaken between jumps, less every step. 0: no shaking, the molecule stays close "
            "to its starting cloud. 1: removes clashes and strays, and gives the most valid molecules.",
            0.1,
        ),
    ),
    "self-paced": (
        Setting("kappa", "Shaking κ", "Share of the noise just removed that is put back, from 0 to below 1.", 0.05),
        Setting("sigma_stop", "Stop at σ̂ (Å)", "A molecule is finished when its noise level falls below this.", 0.01),
    ),
    "ancestral": (_SIGMA_MIN,),
    "heun": (
        _SIGMA_MIN,
        Setting("churn", "Churn", "Fresh noise stirred in on the way (S_churn of Karras et al.). 0: none.", 1.0),
    ),
}


def controls(field: Checkpoint, reference: TrainingReference | None) -> Order | None:
    """Draw the controls; gives what they ask for, or None after saying in a sentence what is wrong with it."""
    _fill_in_defaults()
    with st.container():  # one element however much is said in it, so that nothing below loses its state
        composition = _formula(field, reference)
    n_molecules = st.number_input(
        "Molecules", step=1, key="n_molecules", help=f"How many to make at once, 1 to {MAX_MOLECULES}."
    )
    _presets()
    seed = _seed()
    go = st.container()
    try:
        with st.expander("Sampler and prior"):
            recipe = replace(_sampler(), seed=seed)
            recipe = replace(recipe, **_prior(recipe))
        order = Order(composition, n_molecules, recipe, field.name) if composition else None
    except GpffError as error:
        order = None
        go.error(plain(str(error)))
    with go:
        st.button(
            "Generate", type="primary", icon=":material/play_arrow:", width="stretch", disabled=order is None, key="go"
        )
    if order is not None:
        with st.expander("The same on the command line"):
            st.code(order.command(), language="sh", wrap_lines=True)
    return order


def choose_checkpoint() -> str:
    """The name of the network to use; asked for only where there are several."""
    names = checkpoint_names()
    if not names:
        raise GpffError("There is no trained network in checkpoints/; fetch one, or make one with the train command.")
    if len(names) == 1:
        return names[0]
    return st.selectbox("Network", names, help="Which trained weights to use.", key="checkpoint")


def _fill_in_defaults() -> None:
    first = {"formula": "C7H10O2", "n_molecules": 16, "seed": 0, "prior_shape": "Round", **_preset_values("best")}
    for key, value in first.items():
        st.session_state.setdefault(key, value)


def _formula(field: Checkpoint, reference: TrainingReference | None) -> Composition | None:
    """The formula with what is known about it; None, and why, if it cannot be used."""
    text = st.text_input(
        "Formula",
        key="formula",
        help="How many atoms of each element, for example C7H10O2. The network finds where they go.",
    )
    try:
        composition = parse_formula(text)
        check_elements([composition], field.elements, field.name)
    except GpffError as error:
        st.error(plain(str(error)))
        return None
    if problem := closed_shell_problem(composition):
        st.warning(plain(problem), icon=":material/warning:")
    st.caption(" · ".join(_facts(composition, reference)))
    if reference is not None:
        _suggest(composition, reference)
    return composition


def _facts(composition: Composition, reference: TrainingReference | None) -> list[str]:
    facts = [f"{len(composition)} atoms"]
    degree = unsaturation(composition)
    if degree >= 0 and degree == int(degree):
        facts.append("no rings or double bonds" if degree == 0 else f"rings + double bonds: {int(degree)}")
    if reference is not None:
        count = reference.formula_count(composition)
        share = f"in {count:,} of {reference.n_structures:,} training molecules".replace(",", "\u202f")
        facts.append(share if count else "not in the training data: expect fewer valid molecules")
    return facts


def _suggest(composition: Composition, reference: TrainingReference) -> None:
    def take(formula: str) -> None:
        st.session_state["formula"] = formula

    st.markdown(
        ":small[Similar formulas]",
        help="Formulas of the training data with nearly the same atoms, the commonest first. Click one to use it.",
    )
    with st.container(horizontal=True, gap="xsmall"):
        for place, (formula, _) in enumerate(reference.similar_formulas(composition, N_SUGGESTIONS)):
            st.button(formula, key=f"similar {place}", on_click=take, args=[formula])


def _preset_values(name: str) -> dict[str, Any]:
    recipe = PRESETS[name]
    return {"sampler": recipe.sampler, "steps": recipe.n_steps, "sigma": recipe.sigma} | {
        setting.name: getattr(recipe, setting.name) for settings in SETTINGS.values() for setting in settings
    }


def _presets() -> None:
    """Buttons, because they hold no state: it is the settings that say which preset is in force, if any."""

    def apply(name: str) -> None:
        st.session_state.update(_preset_values(name), prior_shape="Round")

    st.markdown(
        ":small[Preset]",
        help="With its number of steps. Fast: a sketch in a blink. Best: the most valid molecules. "
        "Your own settings: *Sampler and prior*.",
    )
    in_force = {name: st.session_state.get(name) for name in _preset_values("best")}
    is_round = st.session_state["prior_shape"] == "Round"
    for column, (name, recipe) in zip(st.columns(len(PRESETS), gap="small"), PRESETS.items(), strict=True):
        chosen = is_round and _preset_values(name) == in_force
        column.button(
            f"{'✓ ' if chosen else ''}{name.capitalize()} · {recipe.n_steps}",
            key=f"preset {name}",
            on_click=apply,
            args=[name],
            width="stretch",
        )


def _seed() -> int:
    def throw() -> None:
        st.session_state["seed"] = random.randint(0, LARGEST_SEED)

    number, dice = st.columns([4, 1], vertical_alignment="bottom", gap="small")
    seed = number.number_input(
        "Seed",
        step=1,
        key="seed",
        help="The same seed and settings give the same molecules again; another seed, others.",
    )
    dice.button(
        "", icon=":material/casino:", on_click=throw, key="dice", help="Throw the dice for a new seed", width="stretch"
    )
    return int(seed)


def _sampler() -> Recipe:
    sampler = st.selectbox(
        "Sampler",
        list(SAMPLERS),
        format_func=SAMPLER_TEXT.__getitem__,
        key="sampler",
        help="How the atoms get from noise to a molecule. *Direct* jumps to the predicted molecule again and again; "
        "*self-paced* does so with less and less shaking and stops by itself. Both stay closer to the starting cloud. "
        "*Ancestral* and *Heun* walk down a ladder of noise levels, forget the start, and follow the training data.",
    )
    steps = st.number_input(
        "Steps",
        step=1,
        key="steps",
        placeholder=f"{Recipe(sampler).n_steps}",
        help="More steps give more valid molecules and take longer. A step is one call of the network (two for Heun).",
    )
    recipe = Recipe(sampler, steps=None if steps is None else int(steps))
    if sampler in ("ancestral", "heun"):
        schedule = st.selectbox(
            "Spacing of the ladder", SCHEDULES, key="schedule", help="How the noise levels are spaced."
        )
        recipe = replace(recipe, schedule=schedule)
    built = recipe.build_sampler()
    given = {
        setting.name: st.number_input(
            setting.label,
            key=setting.name,
            step=setting.step,
            value=None,
            placeholder=f"best: {_default(built, setting.name):g}",
            help=setting.help,
        )
        for setting in SETTINGS[sampler]
    }
    return replace(recipe, **given)


def _default(sampler: Sampler, name: str) -> float:
    """What a setting is if nobody sets it."""
    if isinstance(sampler, Ancestral | Heun) and name == "sigma_min":
        return float(getattr(sampler.schedule, name))
    return float(getattr(sampler, name))


def _prior(recipe: Recipe) -> dict[str, Any]:
    """The prior's part of a recipe."""
    shape = st.segmented_control(
        "Starting cloud (prior)",
        ["Round", "Ellipsoid"],
        key="prior_shape",
        required=True,
        help="Where the atoms start: random positions in a round cloud, or in one stretched along three axes, "
        "which suggests a shape to the molecule. Switch on *Prior* in the 3D view to see it.",
    )
    if shape == "Round":
        sigma = st.number_input(
            "Width σ (Å)",
            key="sigma",
            step=0.5,
            placeholder=f"best: {recipe.prior().scale:g}",
            help="Standard deviation of every coordinate. A small molecule is about 1.5 Å wide.",
        )
        return {"sigma": sigma}
    lengths = _three(
        "Half-axes σ (Å)", "axis", (3.0, 1.5, 1.0), 0.5, "Standard deviations along the cloud's three axes."
    )
    angles = _three(
        "Turned about x, y, z (°)", "angle", (0.0, 0.0, 0.0), 15.0, "Rotations of the cloud, one after another."
    )
    prior = Covariance.from_axes(lengths, angles)
    return {"covariance": (prior.xx, prior.yy, prior.zz, prior.xy, prior.xz, prior.yz)}


def _three(
    label: str, key: str, values: tuple[float, float, float], step: float, explanation: str
) -> tuple[float, float, float]:
    """Three numbers side by side."""
    st.markdown(f":small[{label}]", help=explanation)
    columns = st.columns(3, gap="small")
    x, y, z = (
        column.number_input(
            f"{label} {name}", value=value, step=step, key=f"{key} {name}", label_visibility="collapsed"
        )
        for column, name, value in zip(columns, "xyz", values, strict=True)
    )
    return x, y, z
