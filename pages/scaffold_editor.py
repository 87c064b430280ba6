"""Scaffold editor: freeze what should stay of a molecule, and generate the rest."""

from functools import partial
from typing import Final

import streamlit as st

from gpff_app import handover, resources
from gpff_app.controls import choose_checkpoint
from gpff_app.history import History
from gpff_app.recipe_controls import use_prior
from gpff_app.run import Order, Run
from gpff_app.scaffold_editor import state
from gpff_app.scaffold_editor.completions import take_up
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.grow_panel import grow_panel
from gpff_app.scaffold_editor.open_panel import draw_button, open_panel, quick_starts
from gpff_app.scaffold_editor.ordering import cloud_shapes
from gpff_app.scaffold_editor.sources import received
from gpff_app.scaffold_editor.toolbar import toolbar
from gpff_app.scaffold_editor.view import editor_view, status
from gpff_app.session import Workplace, workplace
from gpff_app.text import plain
from gpff_app.watching import watch
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint

HOW_TO: Final = (
    "Click atoms, double-click for a whole fragment, Shift-click for several; drag atoms to move them, drag elsewhere "
    "to turn the view. Frozen atoms wear a lock and stay; all others give way to what is generated. New atoms start in "
    "the translucent cloud: drag it where they should grow."
)


def scaffold_page() -> None:
    """The whole page."""
    place = workplace(state.PAGE)
    if (what := handover.take(state.PAGE)).get("structure") is not None:
        try:
            state.open_document(received(what))
        except GpffError as error:
            st.error(plain(str(error)))
    if "prior" in what:
        use_prior(state.PAGE, what["name"], what["prior"])
        st.toast("New atoms will start from the prior of the Prior studio; see *Sampler and prior*.")
    with st.sidebar:
        try:
            name = choose_checkpoint()
            field, reference = resources.checkpoint(name), resources.training_reference(name)
        except GpffError as error:
            st.error(plain(str(error)))
            return
    history = state.current()
    if history is None:
        _welcome(field)
        return
    head = st.container(horizontal=True, vertical_alignment="center", height=56, border=False)
    with head:  # first of all, because it is what a click is answered with
        status(history.present)
    with st.sidebar:
        order, new = grow_panel(history.present, field)
        if order is not None and st.session_state["go"]:
            try:
                place.start(Run(order, field, reference))
            except GpffError as error:
                st.error(plain(str(error)))
    completions = place.run is not None and st.session_state[state.key("view")] == state.COMPLETIONS
    if place.run is not None:
        with head:
            _view()
    if completions:
        watch(place, order, title="Completions", message="", actions=partial(take_up, place))
    else:
        _edit(history, field, order, new, place)


def _welcome(field: Checkpoint) -> None:
    """The page while nothing is open."""
    with st.sidebar:
        st.caption("Open a molecule first: then say here what should grow on it.")
    st.markdown("#### Scaffold editor")
    quick_starts()
    st.markdown("Or open a molecule of yours.")
    open_panel(field)
    draw_button()
    if said := state.said():
        st.error(plain(said))


def _view() -> None:
    """Which of the two views is shown; asked for once there is something in both."""
    st.segmented_control(
        "View",
        [state.EDIT, state.COMPLETIONS],
        key=state.key("view"),
        persist_state="session",
        required=True,
        label_visibility="collapsed",
        width="content",
    )


def _edit(
    history: History[Document], field: Checkpoint, order: Order | None, new: Composition | None, place: Workplace
) -> None:
    toolbar(history, field)
    shapes = [] if order is None else cloud_shapes(history.present, order.recipe.build_prior(), new)
    editor_view(history.present, shapes)
    st.caption(HOW_TO)
    if place.active:
        st.caption(":material/hourglass_top: Completions are being generated; see them in the other view.")


scaffold_page()
