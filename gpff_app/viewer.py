"""The 3D viewer: a component that stays mounted through every rerun and plays what it has received by itself.

Python sends frames once, in chunks that overlap, and owns the choice of the molecule in focus; playing, scrubbing,
styles and keys live in the browser (static/viewer). What is sent again at a rerun is only what the browser lacks.
A model that is edited is drawn by the browser as the user leaves it, at once; Python is told, and what it then sends is
the truth.
"""

import base64
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from gpff_app.component import component
from gpff_app.model3d import Model3D
from gpff_app.recording import Recording, Track

__all__ = ["Model3D", "base64_floats", "selection_after", "viewer"]

PUSHES_THAT_OVERLAP: Final = 3
"""A frame is sent with so many pushes before it is taken as received; the browser asks for all if one is missing."""

_show = component("viewer")


Bonds = Sequence[tuple[int, int, int]]
"""Atom, atom, order; empty where nothing is known."""


class Chunk(TypedDict):
    """Frames on their way to the browser; numbers are base64 of little-endian float32."""

    molecules: list[int]
    first: int
    positions: str
    forces: str
    sigma: str


Edit = dict[str, Any]
"""What the user did to a model: `op`, `seq`, and what belongs to the operation (see `viewer`)."""

Colours = Literal["element", "displacement", "force"]


@dataclass
class _Inbox:
    """Edits arrive again and again until they are answered; each is dealt with once, by its ascending number."""

    answered: int = 0

    def take(self, edits: Sequence[Edit], on_edit: Callable[[Edit], None]) -> None:
        new = [edit for edit in edits if edit["seq"] > self.answered]
        for place, edit in enumerate(new):
            self.answered = edit["seq"]
            overtaken = edit["op"] in ("drag", "drag-shape") and place < len(new) - 1
            if not overtaken:
                on_edit(edit)


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
    recording: Recording | None = None,
    *,
    key: str,
    live: bool = False,
    focus: int | None = None,
    on_focus: Callable[[int | None], None] = lambda molecule: None,
    captions: Sequence[str] = (),
    bonds: Sequence[Bonds] = (),
    prior_axes: ArrayLike | None = None,
    message: str = "",
    model: Model3D | None = None,
    editing: bool = False,
    on_edit: Callable[[Edit], None] = lambda edit: None,
    live_drag: bool = False,
    click_freezes: bool = False,
    keys_for: str = "",
    shapes: Sequence[Mapping[str, Any]] = (),
    colours: Colours = "element",
    reference: tuple[Sequence[str], ArrayLike] | None = None,
    link: str = "",
    height: int | None = None,
    frame: int | None = None,
    on_frame: Callable[[int], None] | None = None,
    strip: bool = True,
    force_label: str = "Pseudo-force (Å)",
) -> None:
    """Show a run or a model, or `message` while there is neither. Lengths are in Å.

    Of a run: `live` says that more frames will come. `focus` is the place of the molecule that is shown, None for all
    at once; `on_focus` is called with the user's choice. `captions` are short lines and `bonds` those of the last
    frame, one item a molecule; without them, and before, bonds are drawn by distance. `prior_axes` (3, 3) has the
    half-axes of the prior, one standard deviation long, as columns. A new `frame` is gone to; `on_frame` is called with
    the one the user has gone to and stayed at.

    Of a `model`: with `editing`, `on_edit` is called with every edit, each exactly once and in order:

    - `select {atom, atoms}` with the atom that was clicked, None for none, and those picked now in the order of
      picking; `fragment {atom, add, atoms}` likewise;
    - `move {atoms, positions}` once, when the hand lets go; `drag {atom, position, atoms, positions}` meanwhile, only
      with `live_drag` and never more than one unanswered;
    - `move-shape {id, centre}`, and `drag-shape {id, centre}` like `drag`;
    - `key {name, atoms}`, `name` one of delete, undo, redo, freeze, all, invert, none, with those picked now.

    `click_freezes` says that the page will freeze or free what is clicked, so that the browser draws it at once.
    With a new `keys_for` the picture takes the keyboard, so that what a sentence says of a key holds at once.
    The camera stays while the model's `name` does.

    `shapes` lie beside the atoms: `{"kind": "ellipsoid", "centre": (3,), "axes": (3, 3) half-axes as columns}`,
    `{"kind": "points", "points": (n, 3), "radius"}`, `{"kind": "line", "points"}`,
    `{"kind": "mesh", "vertices", "faces"}`, `{"kind": "marker", "centre", "label"}`; each may have a `tint` ("prior",
    "mark", "muted") and, with an `id`, be `movable`: its centre, or the mean of its points, is what moves.
    `colours` is what the atoms' colours say at first. `reference`, symbols and positions (N, 3), is drawn translucent;
    displacements are measured from it where it has the same atoms, else from the first frame. Viewers with the same
    `link` share camera and frame. `height` is that of the picture in pixels. `strip` draws σ̂ and force
    under it; `force_label` says in the legend what the forces are.
    """
    sent = _sent(key, recording.run if recording else "")
    inbox = _inbox(key)

    def focus_chosen() -> None:
        on_focus(st.session_state[key]["focus"]["molecule"])

    def edited() -> None:
        inbox.take(st.session_state[key]["edit"] or [], on_edit)

    def frame_chosen() -> None:
        if on_frame is not None:
            on_frame(st.session_state[key]["frame"]["frame"])

    _show(
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
            "model": _as_sent(model) if model else None,
            "editing": editing,
            "live_drag": live_drag,
            "click_freezes": click_freezes,
            "keys_for": keys_for,
            "answered": inbox.answered,
            "shapes": [{name: _plain(value) for name, value in shape.items()} for shape in shapes],
            "colours": colours,
            "reference": _reference(*reference) if reference else None,
            "link": link,
            "height": height,
            "frame": frame,
            "strip": strip,
            "force_label": force_label,
        },
        on_focus_change=focus_chosen,
        on_gap_change=sent.pushes.clear,
        on_edit_change=edited,
        on_frame_change=frame_chosen,
    )


def selection_after(edit: Edit) -> frozenset[int] | None:
    """The atoms that are picked after an edit; None where it does not pick any."""
    picks = edit["op"] in ("select", "fragment") or (edit["op"] == "key" and edit["name"] in ("all", "invert", "none"))
    return frozenset(edit["atoms"]) if picks else None


def base64_floats(values: ArrayLike) -> str:
    """Numbers as base64 of little-endian float32, which the browser reads without parsing text."""
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode("ascii")


def _sent(key: str, run: str) -> _Sent:
    place = f"{key} sent"
    if place not in st.session_state or st.session_state[place].run != run:
        st.session_state[place] = _Sent(run)
    sent: _Sent = st.session_state[place]
    return sent


def _inbox(key: str) -> _Inbox:
    inbox: _Inbox = st.session_state.setdefault(f"{key} inbox", _Inbox())
    return inbox


def _as_sent(model: Model3D) -> dict[str, Any]:
    return {
        "name": model.name,
        "symbols": " ".join(model.symbols),
        "positions": base64_floats(model.positions),
        "bonds": [list(bond) for bond in model.bonds],
        "frozen": sorted(model.frozen),
        "selected": sorted(model.selected),
        "forces": "" if model.forces is None else base64_floats(model.forces),
    }


def _reference(symbols: Sequence[str], positions: ArrayLike) -> dict[str, str]:
    return {"symbols": " ".join(symbols), "positions": base64_floats(np.asarray(positions))}


def _plain(value: Any) -> Any:
    """Arrays as lists, which is what JSON knows."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def _chunk(track: Track, first: int, end: int) -> Chunk:
    frames = track.frames[first:end]
    return Chunk(
        molecules=list(track.molecules),
        first=first,
        positions=base64_floats(np.stack([frame.positions for frame in frames])),
        forces=base64_floats(np.stack([frame.forces for frame in frames])),
        sigma=base64_floats(np.stack([frame.sigma for frame in frames])),
    )
