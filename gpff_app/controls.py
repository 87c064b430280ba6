"""The controls of the Generate page: what to make and how. Every number a person types is judged by the library."""

import random
from typing import Final

import streamlit as st

from gpff_app.kept import key
from gpff_app.recipe_controls import preset_values, recipe_controls
from gpff_app.reproduce import show_command
from gpff_app.run import Order
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.chemistry.formulas import closed_shell_problem, parse_formula, unsaturation
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.networks.shipped import checkpoint_names
from gpff_core.recipe import PRESETS

PAGE: Final = "generate"
N_SUGGESTIONS: Final = 3
LARGEST_SEED: Final = 999_999


DETAILS: Final = "sampler and prior"
"""Key of the part of the sidebar that is folded at first; true in the session's state while it is open."""


def controls(field: Checkpoint, reference: TrainingReference | None, *, busy: bool = False) -> Order | None:
    """Draw the controls; gives what they ask for, or None after saying in a sentence what is wrong with it.

    While the page is `busy` with a run, no other can be started.
    """
    _fill_in_defaults()
    composition = _formula(field, reference)
    n_molecules = st.number_input(
        "Molecules",
        step=1,
        key=key(PAGE, "n_molecules"),
        persist_state="session",
        help=f"How many to make at once, 1 to {settings().max_molecules}.",
    )
    preset_buttons(PAGE)
    seed = seed_control(PAGE)
    go = st.container()
    try:
        with st.expander("Sampler and prior", key=DETAILS, on_change="rerun"):
            recipe = recipe_controls(PAGE, seed)
        order = Order(composition, n_molecules, recipe, field.name) if composition else None
    except GpffError as error:
        order = None
        go.error(plain(str(error)))
    with go:
        st.button(
            "Generate",
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            disabled=order is None or busy,
            key="go",
            help="Stop the run first, or wait until it ends." if busy else None,
        )
        if st.session_state[key(PAGE, "prior_kind")] == "Saved" and (
            held := st.session_state.get(key(PAGE, "saved_prior"))
        ):
            st.caption(f"Starts from: {plain(held['name'])}")
    if order is not None:
        show_command(order, key=PAGE)
    return order


def choose_checkpoint() -> str:
    """The name of the network to use; asked for only where there are several."""
    names = checkpoint_names()
    if not names:
        raise GpffError("There is no trained network in checkpoints/; fetch one, or make one with the train command.")
    if len(names) == 1:
        return names[0]
    return st.selectbox(
        "Network", names, help="Which trained weights to use.", key=key(PAGE, "checkpoint"), persist_state="session"
    )


def _fill_in_defaults() -> None:
    first = {key(PAGE, "formula"): "C7H10O2", key(PAGE, "n_molecules"): 16, key(PAGE, "seed"): 0}
    for name, value in {**first, **preset_values(PAGE, "best")}.items():
        st.session_state.setdefault(name, value)


def _formula(field: Checkpoint, reference: TrainingReference | None) -> Composition | None:
    """The formula with what is known about it; None, and why, if it cannot be used."""
    with st.container():  # one element however much is said in it, so that nothing below loses its state
        explanation = "How many atoms of each element, for example C7H10O2. The network finds where they go."
        composition = formula_control(PAGE, field, "Formula", explanation)
        if composition is not None:
            st.caption(" · ".join(_facts(composition, reference)))
            if reference is not None:
                _suggest(composition, reference)
    return composition


def formula_control(page: str, field: Checkpoint, label: str, explanation: str) -> Composition | None:
    """The formula of a page; None, and why, if it cannot be used, and a warning if no neutral molecule has it."""
    text = st.text_input(label, key=key(page, "formula"), persist_state="session", help=explanation)
    try:
        composition = parse_formula(text)
        check_elements([composition], field.elements, field.name)
    except GpffError as error:
        st.error(plain(str(error)))
        return None
    if problem := closed_shell_problem(composition):
        st.warning(plain(problem), icon=":material/warning:")
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
        st.session_state[key(PAGE, "formula")] = formula

    st.markdown(
        ":small[Similar formulas]",
        help="Formulas of the training data with nearly the same atoms, the commonest first. Click one to use it.",
    )
    with st.container(horizontal=True, gap="xsmall"):
        for place, (formula, _) in enumerate(reference.similar_formulas(composition, N_SUGGESTIONS)):
            st.button(formula, key=f"similar {place}", on_click=take, args=[formula])


def preset_buttons(page: str) -> None:
    """Buttons, because they hold no state: it is the settings of a page that say which preset is in force, if any."""

    def apply(name: str) -> None:
        st.session_state.update(preset_values(page, name))

    st.markdown(
        ":small[Preset]",
        help="With its number of steps. Fast: a sketch in a blink. Best: keeps more frozen scaffolds. "
        "Both make nearly every molecule valid. Your own settings: *Sampler and prior*.",
    )
    in_force = {name: st.session_state.get(name) for name in preset_values(page, "best")}
    for column, (name, recipe) in zip(st.columns(len(PRESETS), gap="small"), PRESETS.items(), strict=True):
        chosen = preset_values(page, name) == in_force
        column.button(
            f"{'✓ ' if chosen else ''}{name.capitalize()} · {recipe.n_steps}",
            key=f"preset {name}",
            on_click=apply,
            args=[name],
            width="stretch",
            help=f"{recipe.n_steps} steps of {recipe.sampler}; what is not valid is reheated, up to {recipe.reheat} ×.",
        )


SEED_HELP: Final = "The same seed and settings give the same molecules again; another seed, others."


def seed_control(page: str, label: str = "Seed", explanation: str = SEED_HELP) -> int:
    """The seed of a page, with a button that throws another."""

    def throw() -> None:
        st.session_state[key(page, "seed")] = random.randint(0, LARGEST_SEED)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        seed = st.number_input(label, step=1, key=key(page, "seed"), persist_state="session", help=explanation)
        st.button(":material/casino:", on_click=throw, key="dice", help="Throw the dice for a new seed")
    return int(seed)
