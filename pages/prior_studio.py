"""Prior studio: a cloud to start from, designed by eye and by number, and tried out in place."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from gpff_app import handover, resources
from gpff_app.controls import choose_checkpoint
from gpff_app.prior_studio import desk, ellipsoid, sidebar
from gpff_app.prior_studio.cloud import cloud
from gpff_app.prior_studio.controls import SIGMA_HELP, TEMPERATURE_HELP
from gpff_app.prior_studio.kind import Panel
from gpff_app.prior_studio.kinds import KINDS
from gpff_app.prior_studio.outcome import facts, show_outcome
from gpff_app.prior_studio.pictures import dots
from gpff_app.prior_studio.views import model_of
from gpff_app.reproduce import show_command
from gpff_app.run import Order, Run
from gpff_app.session import Workplace, workplace
from gpff_app.text import plain
from gpff_app.watching import watch
from gpff_core.errors import GpffError
from gpff_core.molecules import Composition

# Comments, because Streamlit writes a string that stands alone in a page onto it.
MOLECULE: Final = "prior studio molecule"  # one that was handed over, with its name


def prior_studio_page() -> None:
    """The whole page."""
    place = workplace(desk.PAGE)
    _arrive()
    with st.sidebar:
        try:
            name = choose_checkpoint()
            field, reference = resources.checkpoint(name), resources.training_reference(name)
        except GpffError as error:
            st.error(plain(str(error)))
            return
        sidebar.choose_kind()
        composition, order = sidebar.try_on(field)
        sidebar.saved()
    left, right = st.columns([6, 5], gap="medium")
    with left:
        _actions(place, order, lambda made: Run(made, field, reference))
        _view(place, composition)
        if order is not None:
            show_command(order, key="prior_studio")
    with right:
        if desk.looks_at_result(place):
            show_outcome(place)
        _controls(composition)


def _arrive() -> None:
    """Take in what another page handed over."""
    what = handover.take(desk.PAGE)
    if "prior" in what:
        desk.load(what["prior"])
    if "structure" in what:
        structure, name = what["structure"], str(what.get("name", "the molecule"))
        st.session_state[MOLECULE] = (name, structure)
        desk.choose("ellipsoid")
        desk.attempt(lambda: ellipsoid.of_molecule(structure, desk.design()))
        st.toast(plain(f"The cloud has the size and shape of {name}; Undo takes it back."))


def _view(place: Workplace, composition: Composition) -> None:
    """The design, or what a try-out makes of it, in the same 3D view."""
    prior = desk.prior()
    if desk.looks_at_result(place):
        watch(place, None, title="", message="")
        return
    picture = KINDS[desk.kind_name()].picture(desk.design(), prior)
    watch(
        Workplace(desk.PAGE),
        None,
        title=facts(prior),
        message="",
        model=model_of(picture),
        shapes=[dots(cloud(prior, composition, sidebar.seed_in_force())), *picture.shapes],
        editing=KINDS[desk.kind_name()].moved is not None,
        on_edit=_edited,
    )
    st.caption(
        "Atoms start as these dots. The blue shape holds the middle of the cloud: long means a rod, flat means a disc.",
        help=f"Above: {SIGMA_HELP} {TEMPERATURE_HELP}",
    )


def _edited(event: dict[str, Any]) -> None:
    if event["op"] == "move-shape":
        desk.move(event["id"], event["centre"])


def _actions(place: Workplace, order: Order | None, run_of: Callable[[Order], Run]) -> None:
    """Try it out, look at design or outcome, take the prior elsewhere."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        go = st.button(
            "Try it",
            type="primary",
            icon=":material/play_arrow:",
            disabled=order is None,
            key="try it",
            help="Generate a handful from this cloud, and see here where they land.",
        )
        if go and order is not None:
            try:
                place.start(run_of(order))
                desk.look_at_result(True)
            except GpffError as error:
                st.error(plain(str(error)))
        if place.run is not None:
            desk.choose_view()
        if st.button("Use on Generate", icon=":material/auto_awesome:", key="to generate", help="Start there from it."):
            name, settings = sidebar.name_of_prior(), sidebar.settings_of_try_out()
            handover.send("generate", prior=desk.prior(), name=name, settings=settings)
        if st.button(
            "Scaffold editor",
            icon=":material/construction:",
            key="to scaffold editor",
            help="Let the new atoms start from this cloud.",
        ):
            handover.send("scaffold_editor", prior=desk.prior(), name=sidebar.name_of_prior())


def _controls(composition: Composition) -> None:
    """The controls of the kind on the desk, under what was refused of the last change."""
    with st.container():  # one element however much is said in it, so that nothing below loses its state
        if refused := desk.refusal():
            st.error(plain(refused), icon=":material/block:")
    panel = Panel(
        desk.design(), desk.design, desk.attempt, composition, sidebar.try_on_formula, st.session_state.get(MOLECULE)
    )
    KINDS[desk.kind_name()].controls(panel)


prior_studio_page()
