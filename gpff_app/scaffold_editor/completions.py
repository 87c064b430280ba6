"""What can be done with a completion beside what every page offers."""

import streamlit as st

from gpff_app.scaffold_editor import state
from gpff_app.scaffold_editor.ordering import next_scaffold, what_stays
from gpff_app.session import Workplace
from gpff_core.samples import Sample


def take_up(place: Workplace, sample: Sample) -> None:
    """A button that makes a result the next scaffold."""

    def take() -> None:
        assert place.run is not None
        taken = next_scaffold(sample, place.run.request.scaffold)
        state.open_document(taken, what_stays(taken))

    if st.button(
        "Take this one as the next scaffold",
        icon=":material/redo:",
        type="primary",
        key="take up",
        on_click=take,
        help="Its frozen atoms stay frozen and the new ones are chosen: press F to keep them too.",
    ):
        st.rerun(scope="app")
