"""The sidebar of the Prior studio: which kind, what it is tried on and how, and the saved priors."""

from typing import Any, Final

import streamlit as st

from gpff_app import kept, saved_priors
from gpff_app.controls import formula_control, seed_control
from gpff_app.prior_studio import desk
from gpff_app.prior_studio.keeping import NAME, keeping
from gpff_app.prior_studio.kinds import KINDS
from gpff_app.recipe_controls import preset_values, recipe_controls, sampler_values
from gpff_app.run import Order
from gpff_app.text import plain
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint

FIRST_FORMULA: Final = "C7H10O2"
FIRST_COUNT: Final = 8
FIRST_STEPS: Final = 15
_KIND: Final = "prior studio kind"


def choose_kind() -> None:
    """Which kind of prior is on the desk, and the way back."""
    kept.show(_KIND, desk.kind_name())
    st.selectbox(
        "Kind of prior",
        list(KINDS),
        key=_KIND,
        format_func=lambda name: KINDS[name].label,
        on_change=lambda: desk.choose(st.session_state[_KIND]),
        help="The prior is where generation starts: a cloud the atoms are drawn from. Each kind keeps its own design.",
    )
    st.caption(KINDS[desk.kind_name()].summary)
    undo, redo = st.columns(2, gap="small")
    undo.button(
        "Undo",
        icon=":material/undo:",
        key="undo design",
        width="stretch",
        disabled=not desk.can_undo(),
        on_click=desk.undo,
    )
    redo.button(
        "Redo",
        icon=":material/redo:",
        key="redo design",
        width="stretch",
        disabled=not desk.can_redo(),
        on_click=desk.redo,
    )


def try_on(field: Checkpoint) -> tuple[Composition, Order | None]:
    """What the cloud is drawn for, and the order of a try-out; None after saying what is wrong with it."""
    _fill_in_defaults()
    with st.container():  # one element however much is said in it
        explanation = "The cloud you see is where the atoms of these molecules really start."
        composition = formula_control(desk.PAGE, field, "Formula to try it on", explanation)
    n_molecules = st.number_input(
        "Molecules",
        step=1,
        key=kept.key(desk.PAGE, "n_molecules"),
        persist_state="session",
        help="How many a try-out makes; 8 show the trend.",
    )
    chosen_seed = seed_control(desk.PAGE)
    problem = st.container()
    try:
        with st.expander("Sampler of the try-out"):
            recipe = recipe_controls(desk.PAGE, chosen_seed, prior=desk.prior())
        order = Order(composition, int(n_molecules), recipe, field.name) if composition else None
    except GpffError as error:
        problem.error(plain(str(error)))
        order = None
    return composition or parse_formula(FIRST_FORMULA), order


def try_on_formula(formula: str) -> None:
    """Choose what the prior is tried on; call it from a callback."""
    st.session_state[kept.key(desk.PAGE, "formula")] = formula


def saved() -> None:
    """Saved priors."""
    st.markdown("##### Your priors")
    keeping(desk.prior())


def name_of_prior() -> str:
    """What the prior on the desk is called: the name it is saved under, if it still is as it was saved."""
    name = str(st.session_state.get(NAME, "")).strip()
    return name if saved_priors.saved().get(name) == desk.prior() else "my design"


def settings_of_try_out() -> dict[str, Any]:
    """Formula, seed and sampler of the try-out, by the names that these have on every page."""
    own = {name: st.session_state[kept.key(desk.PAGE, name)] for name in ("formula", "seed")}
    return {**own, **sampler_values(desk.PAGE)}


def seed_in_force() -> int:
    """The seed of the cloud and the try-out; nothing below 0 has random numbers."""
    return max(0, int(st.session_state[kept.key(desk.PAGE, "seed")]))


def _fill_in_defaults() -> None:
    """Direct denoising in a few steps without shaking and momentum: what stays closest to the prior."""
    recipe = preset_values(desk.PAGE, "best")
    plain = {"steps": FIRST_STEPS, "stochastic_lambda": 0.0, "momentum": 0.0, "reheat": 0}
    recipe |= {kept.key(desk.PAGE, name): value for name, value in plain.items()}
    own = {"formula": FIRST_FORMULA, "n_molecules": FIRST_COUNT, "seed": 0}
    for name, value in {**{kept.key(desk.PAGE, name): value for name, value in own.items()}, **recipe}.items():
        st.session_state.setdefault(name, value)
