"""Trajectories: structures over time, watched, compared, measured and taken away."""

from typing import Final

import streamlit as st

from gpff_app.trajectories.controls import controls
from gpff_app.trajectories.desk import desk
from gpff_app.trajectories.downloads import downloads
from gpff_app.trajectories.view import view

# Comments, because Streamlit writes a string that stands alone in a page onto it.
WELCOME: Final = (
    "Watch how atoms found their places. Generate molecules first, or add a trajectory on the left: "
    "a file of several frames as XYZ, extended XYZ or ASE .traj."
)


def trajectories_page() -> None:
    """The whole page."""
    here = desk()
    with st.sidebar:
        choice = controls(here)
    if choice is not None:
        view(here, choice)
        downloads(here, choice)
    elif not here.sources():
        st.markdown("#### Trajectories")
        st.info(WELCOME, icon=":material/movie:")
        st.page_link("pages/generate.py", label="Go to Generate", icon=":material/auto_awesome:")


trajectories_page()
