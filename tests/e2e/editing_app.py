"""A page with an editor of one molecule, as simple as possible: what the browser test of editing drives."""

import numpy as np
import streamlit as st

from gpff_app.viewer import Model3D, selection_after, viewer
from gpff_core.chemistry.building import structure_from_smiles


def edit(event: dict) -> None:
    state = st.session_state
    state.log.append(event)
    if (selected := selection_after(event)) is not None:
        state.selected = selected
    if event["op"] == "move":
        state.positions[event["atoms"]] = event["positions"]
    if event["op"] == "move-shape":
        state.centre = event["centre"]
    if event["op"] == "key" and event["name"] == "freeze":
        state.frozen = state.frozen ^ state.selected


st.set_page_config(layout="wide")
state = st.session_state
if "log" not in state:
    composition, positions = structure_from_smiles("OCC")
    state.symbols, state.positions = composition.symbols, positions.astype(float)
    state.log, state.selected, state.frozen, state.centre = [], frozenset(), frozenset(), [3.0, 0.0, 0.0]
state.setdefault("refuse", False)
viewer(
    key="editor",
    model=Model3D("ethanol", state.symbols, state.positions, frozen=state.frozen, selected=state.selected),
    editing=True,
    on_edit=edit,
    shapes=[
        {"kind": "ellipsoid", "id": "blob", "centre": state.centre, "axes": np.diag([1.0, 0.7, 0.5]), "movable": True},
        {"kind": "marker", "centre": [-2.5, 0.0, 0.0], "label": "here", "tint": "mark"},
        {"kind": "points", "points": np.eye(3) * 2 - 3, "tint": "muted"},
        {"kind": "line", "points": [[-3, -2, 0], [0, -3, 0], [3, -2, 0]], "tint": "mark"},
    ],
    height=460,
)
st.write("edits:", len(state.log))
st.write("selected:", " ".join(map(str, sorted(state.selected))) or "none")
st.json(state.log[-3:])
