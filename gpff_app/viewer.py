"""The 3D viewer: a component that stays mounted through every rerun and plays what it has received by itself.

Python sends frames once, in chunks that overlap, and owns the choice of the molecule in focus; playing, scrubbing,
styles and keys live in the browser (static/viewer). What is sent again at a rerun is only what the browser lacks.
"""

import base64
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike, NDArray

from gpff_app.recording import Recording, Track

PUSHES_THAT_OVERLAP: Final = 3
"""A frame is sent with so many pushes before it is taken as received; the browser asks for all if one is missing."""

# A newline inside tells Streamlit that this is code and not the name of a file.
_MODULE: Final = """
export default async (component) =>
  (await import(new URL('app/static/gpff_viewer.js', document.baseURI))).default(component)
"""

_component = st.components.v2.component("gpff_viewer", js=_MODULE)


Bonds = Sequence[tuple[int, int, int]]
"""Atom, atom, order; empty where nothing is known."""


class Chunk(TypedDict):
    """Frames on their way to the browser; numbers are base64 of little-endian float32."""

    molecules: list[int]
    first: int
    positions: str
    forces: str
    sigma: str


@dataclass
class _Sent:
    """What a browser session has been sent of a run: frames by track, at each of the last pushes."""

    run: str
    pushes: deque[dict[tuple[int, ...], int]] = field(default_factory=lambda: deque(maxlen=PUSHES_THAT_OVERLAP))

    def next_chunks(self, recording: Recording) -> list[Chunk]:
        received = self.pushes[0] if len(self.pushes) == PUSHES_THAT_OVERLAP else {}
        counts = {track.molecules: len(track.frames) for track in recording.tracks}
        self.pushes.append(counts)
        return [
            _chunk(track, received.get(track.molecules, 0), counts[track.molecules])
            for track in recording.tracks
            if received.get(track.molecules, 0) < counts.get(track.molecules, 0)
        ]


def viewer(
    recording: Recording | None,
    *,
    key: str,
    live: bool = False,
    focus: int | None = None,
    on_focus: Callable[[int | None], None] = lambda molecule: None,
    captions: Sequence[str] = (),
    bonds: Sequence[Bonds] = (),
    prior_axes: ArrayLike | None = None,
    message: str = "",
) -> None:
    """Show a run, or `message` while there is none.

    `live` says that more frames will come. `focus` is the place of the molecule that is shown, None for all at once;
    `on_focus` is called with the user's choice. `captions` are short lines and `bonds` those of the last frame, one
    item a molecule; without them, and before, bonds are drawn by distance. `prior_axes` (3, 3) in Å
    has the half-axes of the prior, one standard deviation long, as columns.
    """
    sent = _sent(key, recording.run if recording else "")

    def focus_chosen() -> None:
        on_focus(st.session_state[key]["focus"]["molecule"])

    _component(
        key=key,
        data={
            "run": sent.run,
            "molecules": [" ".join(symbols) for symbols in recording.molecules] if recording else [],
            "chunks": sent.next_chunks(recording) if recording else [],
            "n_frames": recording.n_frames if recording else 0,
            "expected": recording.n_expected if recording else 1,
            "live": live,
            "focus": focus,
            "captions": list(captions),
            "bonds": [list(molecule) for molecule in bonds],
            "prior": None if prior_axes is None else np.asarray(prior_axes, dtype=float).tolist(),
            "message": message,
        },
        on_focus_change=focus_chosen,
        on_gap_change=sent.pushes.clear,
    )


def base64_floats(values: NDArray[Any]) -> str:
    """Numbers as base64 of little-endian float32, which the browser reads without parsing text."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def _sent(key: str, run: str) -> _Sent:
    place = f"{key} sent"
    if place not in st.session_state or st.session_state[place].run != run:
        st.session_state[place] = _Sent(run)
    sent: _Sent = st.session_state[place]
    return sent


def _chunk(track: Track, first: int, end: int) -> Chunk:
    frames = track.frames[first:end]
    return Chunk(
        molecules=list(track.molecules),
        first=first,
        positions=base64_floats(np.stack([frame.positions for frame in frames])),
        forces=base64_floats(np.stack([frame.forces for frame in frames])),
        sigma=base64_floats(np.stack([frame.sigma for frame in frames])),
    )
