"""GPFF Studio: declares the pages, nothing else."""

import streamlit as st

st.set_page_config(page_title="GPFF Studio", page_icon="static/icon.svg", layout="wide")
st.logo("static/logo.svg", icon_image="static/icon.svg", size="large")
st.navigation([st.Page("pages/generate.py", title="Generate")], position="hidden").run()
