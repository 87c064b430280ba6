"""Generate: a formula becomes molecules, and one watches."""

from typing import Final

import streamlit as st

from gpff_app import handover, resources
from gpff_app.controls import DETAILS, choose_checkpoint, controls
from gpff_app.kept import key
from gpff_app.recipe_controls import use_prior
from gpff_app.run import Run
from gpff_app.session import workplace
from gpff_app.text import plain
from gpff_app.watching import watch
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.priors import Motif

# Comments, because Streamlit writes a string that stands alone in a page onto it.
WELCOME: Final = (
    "Type a formula on the left and press Generate: clouds of noise will fall into molecules here. "
    "What you made before is in the Library."
)

VARIATION: Final = 0.8
# Å of noise on a molecule that others start from: much of it stays, and some of it becomes something else.


def generate_page() -> None:
    """The whole page."""
    place = workplace("generate")
    _arrive()
    with st.sidebar:
        try:
            name = choose_checkpoint()
            field, reference = resources.checkpoint(name), resources.training_reference(name)
        except GpffError as error:
            st.error(plain(str(error)))
            return
        order = controls(field, reference, busy=place.active)
        if order is not None and st.session_state["go"]:
            try:
                place.start(Run(order, field, reference))
            except GpffError as error:
                st.error(plain(str(error)))
            else:
                st.rerun()  # Generate is disabled from now on
    watch(place, order, title="Generate molecules", message=WELCOME)


def _arrive() -> None:
    """Take in a prior that was handed over, and with what it was tried out, or a molecule to make others of."""
    what = handover.take("generate")
    st.session_state.update({key("generate", name): value for name, value in what.get("settings", {}).items()})
    if "prior" in what:
        use_prior("generate", what["name"], what["prior"])
    if "structure" in what:
        structure, name = what["structure"], str(what["name"])[:40]
        try:
            start = Motif.from_structure(structure.composition, structure.positions, VARIATION)
            parse_formula(structure.composition.formula)
        except GpffError as error:
            st.error(plain(str(error)))
            return
        st.session_state[key("generate", "formula")] = structure.composition.formula
        use_prior("generate", name, start)
        st.session_state[DETAILS] = True  # the noise is set there
        st.toast(plain(f"Molecules will start from {name} with {VARIATION:g} Å of noise."))


generate_page()
