"""Real-time editor: pull at an atom, and the molecule relaxes as it moves."""

import streamlit as st

from gpff_app import resources
from gpff_app.controls import choose_checkpoint
from gpff_app.real_time.editor import HEIGHT, VIEWER, edit
from gpff_app.real_time.session import PAGE, current_desk
from gpff_app.real_time.starting import manner_controls, start_controls, take_generated
from gpff_app.session import Workplace, workplace
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_app.watching import POLL, status, troubles
from gpff_core.errors import GpffError


def real_time_page() -> None:
    """The whole page."""
    place = workplace(PAGE)
    with st.sidebar:
        try:
            name = choose_checkpoint()
            field, reference = resources.checkpoint(name), resources.training_reference(name)
            start_controls(place, field, reference)
            manner = manner_controls()
        except GpffError as error:
            st.error(plain(str(error)))
            return
    if place.active:
        st.fragment(_follow, run_every=POLL)(place)
        return
    troubles(place)
    try:
        take_generated(place, field)
        desk = current_desk(field)
    except GpffError as error:
        st.error(plain(str(error)))
        return
    desk.manner = manner
    st.fragment(edit)(desk, reference)


def _follow(place: Workplace) -> None:
    """A molecule is generated to start with."""
    status(place, "Real-time editor")
    viewer(place.run.recording if place.run else None, key=VIEWER, live=True, height=HEIGHT)
    if not place.active:
        st.rerun()


real_time_page()
