"""The sidebar: what is grown on the frozen atoms, how, and how many."""

from typing import Final

import streamlit as st

from gpff_app.controls import preset_buttons, seed_control
from gpff_app.recipe_controls import preset_values, recipe_controls
from gpff_app.reproduce import show_command
from gpff_app.run import Order
from gpff_app.scaffold_editor import edits, state
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.growth import (
    Wish,
    added,
    advice,
    check_known,
    facts,
    frozen_pieces,
    kept_and_dropped,
    open_places,
)
from gpff_app.scaffold_editor.ordering import order_of, stiffness_of
from gpff_app.scaffold_editor.state import PAGE, key
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.composition import Composition, check_elements
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint

WAYS: Final = {"add": "Added part", "whole": "Whole molecule"}
HOLDS: Final = ("Frozen", "Springs")


def grow_panel(document: Document, field: Checkpoint) -> tuple[Order | None, Composition | None]:
    """Draw the controls; the order they ask for and the atoms it adds, None after saying what is wrong with them."""
    fill_in_defaults()
    with st.container():  # one element however much is said in it, so that nothing below loses its state
        new = _what(document, field)
    where = st.container()  # to be said once it is known whether the prior has a place of its own
    n_molecules = st.number_input(
        "Molecules",
        step=1,
        key=key("n_molecules"),
        persist_state="session",
        help=f"How many to make, 1 to {settings().max_molecules}.",
    )
    preset_buttons(PAGE)
    seed = seed_control(PAGE)
    go = st.container()
    order = None
    placed = False
    try:
        with st.expander("Sampler, prior, springs"):
            stiffness = _hold()
            recipe = recipe_controls(PAGE, seed, frozen=True)
        placed = recipe.build_prior().placed
        if new is not None:
            order = order_of(document, new, stiffness, n_molecules, recipe, field.name)
    except GpffError as error:
        go.error(plain(str(error)))
    with where:
        _where(document, placed)
    go.button(
        "Generate",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=order is None,
        key="go",
        on_click=state.show,
        args=[state.COMPLETIONS],
    )
    if order is not None:
        show_command(order, key=PAGE)
    return order, new


def fill_in_defaults() -> None:
    """First values of the widgets of this panel."""
    first = {"what": "add", "formula": "C", "saturate": True, "n_unsaturated": 0, "held": "Frozen", "stiffness": 10.0}
    values = {key(name): value for name, value in {**first, "n_molecules": 8, "seed": 0, "view": state.EDIT}.items()}
    for name, value in {**values, **preset_values(PAGE, "best")}.items():
        st.session_state.setdefault(name, value)


def _what(document: Document, field: Checkpoint) -> Composition | None:
    """The atoms to add, with advice; None, and why, if they cannot be."""
    if document.frozen:
        st.caption(kept_and_dropped(document))
    st.segmented_control(
        "What to make",
        list(WAYS),
        key=key("what"),
        persist_state="session",
        required=True,
        format_func=WAYS.__getitem__,
        help="Give the formula of what is added to the frozen atoms, or of the whole molecule.",
    )
    whole = st.session_state[key("what")] == "whole"
    formula = st.text_input(
        "Formula of the whole molecule" if whole else "Add",
        key=key("formula"),
        persist_state="session",
        help="For example C2O. The network finds how the atoms are bonded.",
    )
    saturate = st.toggle(
        "Saturate with hydrogens",
        key=key("saturate"),
        persist_state="session",
        disabled=whole,
        help="Add as many hydrogens as leave nothing new unsaturated; what is freed of the scaffold counts.",
    )
    n_unsaturated = st.number_input(
        "Rings + double bonds to add",
        step=1,
        min_value=0,
        key=key("n_unsaturated"),
        persist_state="session",
        disabled=whole or not saturate,
        help="Each takes two hydrogens away, for example one for C=O.",
    )
    try:
        check_known(document, field.elements)
        new = added(document, Wish(formula, whole, saturate, int(n_unsaturated)))
        check_elements([new], field.elements, field.name)
    except GpffError as error:
        (st.error if document.frozen else st.info)(plain(str(error)))
        return None
    st.caption(plain(facts(document, new)))
    if (places := open_places(document)) and not whole and saturate:
        st.caption(places, help="Atoms are counted from 0, as *Labels* in the view shows them.")
    if said := advice(document, new):
        st.warning(plain(said), icon=":material/warning:")
    return new


def _where(document: Document, placed: bool) -> None:
    """Where the new atoms start, and how to change it; a prior that is placed says so itself."""
    n_pieces = len(frozen_pieces(document))
    linked = n_pieces > 1 and document.source.scaffold(document.frozen).centre is not None
    if n_pieces > 1:
        st.caption(f":material/link: Linker: {n_pieces} fragments are frozen, and what is added has to join them.")
    if document.cloud is not None:
        st.caption("New atoms start in the cloud where you moved it.")
    elif placed:
        st.caption("New atoms start where their prior places them; the attachment point counts for round clouds only.")
    elif document.attachment is not None:
        st.caption(f"New atoms start beside {document.label(document.attachment)}, the attachment point.")
    elif linked:
        st.caption("New atoms start between the fragments' nearest open ends; *Grow here* chooses an atom instead.")
    elif document.frozen:
        st.caption("New atoms start around the frozen atoms' centre; *Grow here* chooses an atom instead.")
    with st.container(horizontal=True, gap="xsmall"):
        if document.cloud is not None:
            st.button("Put the cloud back", key="cloud back", on_click=state.change, args=[edits.move_cloud, None])
        if document.attachment is not None:
            name = "Start between the fragments" if linked else "Start from the centre"
            st.button(name, key="detach", on_click=state.change, args=[edits.detach])


def _hold() -> float:
    """The stiffness of the frozen atoms."""
    hold = st.segmented_control(
        "Held by",
        HOLDS,
        key=key("held"),
        persist_state="session",
        required=True,
        help="*Frozen* atoms come out exactly where they are. *Springs* let them give way a little.",
    )
    springs = hold == "Springs"
    value = None
    if springs:
        value = st.number_input(
            "Stiffness k",
            key=key("stiffness"),
            persist_state="session",
            step=1.0,
            help="In units of the pseudo-energy's own spring: an atom is drawn k/(1 + k) of the way back to its place. "
            "1 is soft, 100 is nearly frozen.",
        )
    return stiffness_of(springs, value)
