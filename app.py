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
        st.Page("pages/prior_studio.py", title="Prior studio", icon=":material/blur_on:"),
        st.Page("pages/scaffold_editor.py", title="Scaffold editor", icon=":material/construction:"),
        st.Page("pages/real_time.py", title="Real-time editor", icon=":material/touch_app:"),
        st.Page("pages/trajectories.py", title="Trajectories", icon=":material/movie:"),
        st.Page("pages/noise_lab.py", title="Noise lab", icon=":material/science:"),
        st.Page("pages/library.py", title="Library", icon=":material/inventory_2:"),
    ]
)
