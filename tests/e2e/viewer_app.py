"""A page with nothing but the viewer, fed with synthetic clouds that fall into cubes: what the browser test drives."""

import numpy as np
import streamlit as st

from gpff_app.recording import Frame, Recording
from gpff_app.viewer import viewer

N_MOLECULES, N_STEPS = 16, 40
SYMBOLS = ("C", "H", "C", "O", "N", "H", "C", "H")


def fallen(molecule: int, step: int) -> np.ndarray:
    rng = np.random.default_rng(molecule)
    target = 0.72 * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    return target + rng.normal(size=target.shape) * 3 * 0.85**step


def record(recording: Recording, steps: range) -> None:
    everyone = tuple(range(N_MOLECULES))
    for step in steps:
        here = np.concatenate([fallen(molecule, step) for molecule in everyone])
        end = np.concatenate([fallen(molecule, 10_000) for molecule in everyone])
        sigma = np.full(N_MOLECULES, 3 * 0.85**step)
        recording.add(everyone, Frame(*(values.astype(np.float32) for values in (here, 2 * (end - here), sigma))))
    if recording.n_frames == N_STEPS:
        result = end.astype(np.float32)
        recording.add(everyone, Frame(result, np.zeros_like(result), np.zeros(N_MOLECULES, np.float32)))


def choose(molecule: int | None) -> None:
    st.session_state.focus = molecule


st.set_page_config(layout="wide")
if st.button("Start"):
    st.session_state.recording = Recording("cubes", [SYMBOLS] * N_MOLECULES, N_STEPS + 1)
    st.session_state.focus = None
if st.button("Third"):
    choose(2)
framed = st.checkbox("Framed")
recording = st.session_state.get("recording")


@st.fragment(run_every=0.2)
def live() -> None:
    if recording and recording.n_frames < N_STEPS:
        record(recording, range(recording.n_frames, recording.n_frames + 4))
    with st.expander("Frame", expanded=True) if framed else st.container():
        viewer(
            recording,
            key="viewer",
            live=bool(recording and recording.n_frames < N_STEPS),
            focus=st.session_state.get("focus"),
            on_focus=choose,
            captions=["✓ cube"] * N_MOLECULES if recording and recording.n_frames > N_STEPS else [],
            prior_axes=np.diag([3.0, 3.0, 1.0]),
            message="Press Start.",
        )
    st.write("focus:", str(st.session_state.get("focus")))


live()
