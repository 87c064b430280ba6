"""What a browser session keeps when one changes the page: the values of widgets, and documents being edited.

Values under a key made here are what a session file and a share link hold. Only for what may be set from outside: not
for buttons, uploaders or components. A widget with such a key must not be given a default of its own, `first` is for
that, and needs `persist_state="session"`, or Streamlit forgets it as soon as a page does not draw it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

_PREFIX: Final = "kept"


def key(page: str, name: str, *, first: Any = None) -> str:
    """The key of a value of a page; any value that JSON can hold may be put there, `first` if there is none yet."""
    place = f"{_PREFIX} {page} {name}"
    if first is not None:
        st.session_state.setdefault(place, first)
    return place


def show(place: str, value: Any) -> None:
    """Let the widget with the key `place` show a value that is held elsewhere; call it before the widget is drawn.

    Only what differs is written: whatever is written resets its field, and with it what somebody is typing there.
    """
    if place not in st.session_state or st.session_state[place] != value:
        st.session_state[place] = value


def snapshot(page: str | None = None) -> dict[str, Any]:
    """All kept values, or those of one page, by their keys."""
    found = {name: page_and_name(name) for name in _names()}
    return {name: st.session_state[name] for name, where in found.items() if where and page in (None, where[0])}


def restore(values: Mapping[str, Any]) -> None:
    """Put values back; those that are not kept values are left out. Call it before any widget is drawn."""
    for name, value in values.items():
        if page_and_name(name):
            st.session_state[name] = value


def forget(names: Iterable[str]) -> None:
    """Drop values, so that their widgets start anew."""
    for name in list(names):
        st.session_state.pop(name, None)


def page_and_name(key: str) -> tuple[str, str] | None:
    """Whose value a key is, and what it is called there; None for a key that was not made here."""
    words = key.split(" ", maxsplit=2)
    return (words[1], words[2]) if len(words) == 3 and words[0] == _PREFIX else None


def _names() -> list[str]:
    return [name for name in map(str, st.session_state) if page_and_name(name)]
