"""An app that takes its time to run again."""

import time
from pathlib import Path

import streamlit as st

from gpff_app.viewer import Model3D, viewer

SLOW = 2.0  # seconds; Streamlit begins to dim what it waits for after half a second

st.html(Path("static/app.css"))
again = st.button("Again")
if again:
    time.sleep(SLOW)
viewer(key="water", model=Model3D("water", ("O", "H", "H"), [[0, 0, 0], [0.76, 0.59, 0], [-0.76, 0.59, 0]]))
st.markdown("Second time" if again else "First time")
