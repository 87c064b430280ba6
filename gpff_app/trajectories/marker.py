"""The line at the frame that is shown, over the plots, without drawing these again."""

from typing import Final

import streamlit as st

# A newline inside tells Streamlit that this is code and not the name of a file.
_MODULE: Final = """
export default async (component) =>
  (await import(new URL('app/static/gpff_marker.js', document.baseURI))).default(component)
"""

_component = st.components.v2.component("gpff_marker", js=_MODULE)


def marker(chart: str, frame: int) -> None:
    """Draw a line at a frame over the chart with this key."""
    _component(key=f"{chart} marker", data={"chart": f"st-key-{chart.replace(' ', '-')}", "frame": frame}, height=1)
