"""GPFF Studio: declares the pages, nothing else."""

from pathlib import Path

import streamlit as st

from gpff_app.shell import run_page

STATIC = Path(__file__).parent / "static"

st.set_page_config(page_title="GPFF Studio", page_icon=STATIC / "icon.svg", layout="wide")
st.logo(STATIC / "logo.svg", icon_image=STATIC / "icon.svg", size="large")
run_page(
    [
        st.Page("pages/generate.py", title="Generate", icon=":material/auto_awesome:"),
        st.Page("pages/trajectories.py", title="Trajectories", icon=":material/movie:"),
    ]
)
