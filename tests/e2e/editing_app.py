"""A page with an editor of one molecule and two linked films: what the browser tests of editing and links drive."""

import numpy as np
import streamlit as st

from gpff_app.recording import Frame, Recording
from gpff_app.viewer import Model3D, selection_after, viewer
from gpff_core.chemistry.building import structure_from_smiles

N_FRAMES = 9


def edit(event: dict) -> None:
    state = st.session_state
    state.log.append(event)
    if (selected := selection_after(event)) is not None:
        state.selected = selected
    if event["op"] == "move" and not state.refuse:
        state.positions[event["atoms"]] = event["positions"]
    if event["op"] == "move-shape":
        state.centre = event["centre"]
    if event["op"] == "key" and event["name"] == "freeze":
        state.frozen = state.frozen ^ state.selected


def film(run: str) -> Recording:
    """Ethanol that stretches: atom by atom twice as far from the first one at the end."""
    recording = Recording(run, [state.symbols], N_FRAMES)
    start = structure_from_smiles("OCC")[1]
    for step in range(N_FRAMES):
        x = (start[0] + (start - start[0]) * (1 + step / (N_FRAMES - 1))).astype(np.float32)
        recording.add((0,), Frame(x, np.float32(2) * (x - start), np.ones(1, np.float32)))
    return recording


def rest(frame: int) -> None:
    state.rested = frame


st.set_page_config(layout="wide")
state = st.session_state
if "log" not in state:
    composition, positions = structure_from_smiles("OCC")
    state.symbols, state.positions = composition.symbols, positions.astype(float)
    state.log, state.selected, state.frozen, state.centre = [], frozenset(), frozenset(), [4.0, 0.0, 0.0]
    state.rested, state.films = None, [film("left"), film("right")]
st.checkbox("Refuse moves", key="refuse")
st.checkbox("Know forces", key="forces")
forces = 0.1 * state.positions if state.forces else None
viewer(
    key="editor",
    model=Model3D(
        "ethanol", state.symbols, state.positions, frozen=state.frozen, selected=state.selected, forces=forces
    ),
    editing=True,
    on_edit=edit,
    shapes=[
        {"kind": "ellipsoid", "id": "blob", "centre": state.centre, "axes": np.diag([1.0, 0.7, 0.5]), "movable": True},
        {"kind": "marker", "centre": [-3.5, 0.0, 0.0], "label": "here", "tint": "mark"},
        {"kind": "points", "points": np.eye(3) * 2 - 3, "tint": "muted"},
        {"kind": "line", "points": [[-3, -2, 0], [0, -3, 0], [3, -2, 0]], "tint": "mark"},
        {"kind": "mesh", "vertices": [[0, 2, 0], [1, 2, 0], [0, 3, 0], [0, 2, 1]], "faces": [[0, 1, 2], [1, 2, 3]]},
    ],
    height=380,
)
st.write("selected:", " ".join(map(str, sorted(state.selected))) or "none")
st.write("frozen:", " ".join(map(str, sorted(state.frozen))) or "none")
st.write("last:", str(state.log[-1]) if state.log else "nothing")
st.write("frame:", str(state.rested))
st.write("ops:", " ".join(event["op"] for event in state.log))
st.write("edits:", len(state.log))  # behind what a test reads once it has seen the number
for column, recording in zip(st.columns(2), state.films, strict=True):
    with column:
        viewer(recording, key=recording.run, link="films", height=260, on_frame=rest, colours="displacement")
