"""The design on the desk: which kind, what its controls hold, what came before and what was taken back.

The design lies at a key that survives a change of page and is saved with the session; undo is for this sitting only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from gpff_app import kept
from gpff_app.history import History
from gpff_app.prior_studio.kind import Change, Design
from gpff_app.prior_studio.kinds import KINDS, kind_of
from gpff_app.session import Workplace
from gpff_core.errors import GpffError
from gpff_core.priors import Prior

PAGE: Final = "prior_studio"
PLACE: Final = kept.key(PAGE, "design")
"""Of {"kind": name, "designs": {name: design}}: every kind keeps its own, so that looking at another loses nothing."""

FIRST_KIND: Final = "ellipsoid"
_STEPS: Final = "prior studio steps"
_REFUSAL: Final = "prior studio refusal"
_CHECKED: Final = "prior studio checked"
_VIEW: Final = "prior studio view"
VIEWS: Final = ("Design", "Try-out")

State = Mapping[str, Any]


def kind_name() -> str:
    return str(_state()["kind"])


def design(name: str | None = None) -> Design:
    """The design of a kind, the one on the desk by default."""
    name = kind_name() if name is None else name
    return {**KINDS[name].first(), **_state()["designs"].get(name, {})}


def prior() -> Prior:
    """What the design says; always valid, because nothing else is taken in."""
    return KINDS[kind_name()].build(design())


def choose(name: str) -> None:
    """Go on with another kind."""
    _put({**_state(), "kind": name})


def attempt(change: Change) -> None:
    """Take a change in, or remember in a sentence why not."""
    name = kind_name()
    try:
        changed = {**design(), **change()}
        KINDS[name].build(changed)
    except GpffError as error:
        refuse(str(error))
        return
    _put({**_state(), "designs": {**_state()["designs"], name: changed}})


def load(loaded: Prior) -> None:
    """Lay a prior on the desk, as the kind that can show it."""
    name = kind_of(loaded)
    _put({"kind": name, "designs": {**_state()["designs"], name: KINDS[name].design_of(loaded)}})


def move(shape: str, centre: Sequence[float]) -> None:
    """Take in that a shape was dragged in 3D."""
    moved = KINDS[kind_name()].moved
    if moved is not None:
        attempt(lambda: moved(design(), shape, centre))


def undo() -> None:
    _go_to(_history().undone())


def redo() -> None:
    _go_to(_history().redone())


def can_undo() -> bool:
    return bool(_history().past)


def can_redo() -> bool:
    return bool(_history().future)


def refuse(sentence: str) -> None:
    st.session_state[_REFUSAL] = sentence


def refusal() -> str | None:
    """Why the last change was not taken in; said once."""
    sentence: str | None = st.session_state.pop(_REFUSAL, None)
    return sentence


def looks_at_result(place: Workplace) -> bool:
    """Whether the 3D view shows what became of the last try-out, and not the design."""
    return place.run is not None and bool(st.session_state.get(_VIEW) == VIEWS[1])


def look_at_result(chosen: bool) -> None:
    """Call it before `choose_view` draws the switch."""
    st.session_state[_VIEW] = VIEWS[chosen]


def choose_view() -> None:
    """A switch between design and try-out."""
    st.session_state.setdefault(_VIEW, VIEWS[0])
    st.segmented_control("Show", VIEWS, key=_VIEW, required=True, label_visibility="collapsed")


def _state() -> State:
    """What is on the desk; put there anew where a session file brought something that is no design."""
    state = st.session_state.get(PLACE)
    if state is None or not _is_sound(state):
        state = st.session_state[PLACE] = {"kind": FIRST_KIND, "designs": {}}
    checked: State = state
    return checked


def _is_sound(state: Any) -> bool:
    """Whether a state, which may come from a file or a link, holds designs that can be built."""
    if st.session_state.get(_CHECKED) is state:
        return True
    try:
        sound = state["kind"] in KINDS
        for name, held in state["designs"].items():
            KINDS[name].build({**KINDS[name].first(), **held})
    except Exception:  # whatever a stranger's file holds
        return False
    if sound:
        st.session_state[_CHECKED] = state
    return sound


def _history() -> History[State]:
    return History(_state(), *st.session_state.get(_STEPS, ((), ())))


def _go_to(history: History[State]) -> None:
    st.session_state[_STEPS] = (history.past, history.future)
    if history.present is not _state():
        st.session_state[PLACE] = history.present
        look_at_result(False)


def _put(state: State) -> None:
    if state != _state():
        _go_to(_history().edited(state))
