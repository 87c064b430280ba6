"""What a browser session keeps when one changes the page: the values of widgets, and documents being edited.

Streamlit forgets a widget that the current page does not draw, at the latest when a fragment has rerun and the page is
then changed. Values under a key made here outlive that, because a copy lies where no widget is, and are what a session
file and a share link hold. Only for what may be set from outside: not for buttons, uploaders or components.
A widget with such a key must not be given a default of its own; `first` is for that.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import streamlit as st

_PREFIX: Final = "kept"
_COPIES: Final = "copies of kept values"


def key(page: str, name: str, *, first: Any = None) -> str:
    """The key of a value of a page; any value that JSON can hold may be put there, `first` if there is none yet."""
    place = f"{_PREFIX} {page} {name}"
    if first is not None:
        st.session_state.setdefault(place, first)
    if place in st.session_state:  # here and not only in `keep_all`, which a fragment's rerun does not pass
        _copies()[place] = st.session_state[place]
    return place


def keep_all() -> None:
    """Hold on to every kept value; called at the start of each rerun, before the page."""
    copies = _copies()
    copies.update({name: st.session_state[name] for name in _names()})
    for name, value in copies.items():
        st.session_state.pop(name, None)  # else a value from before the widget's first drawing could come back
        st.session_state[name] = value


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
        _copies().pop(name, None)


def page_and_name(key: str) -> tuple[str, str] | None:
    """Whose value a key is, and what it is called there; None for a key that was not made here."""
    words = key.split(" ", maxsplit=2)
    return (words[1], words[2]) if len(words) == 3 and words[0] == _PREFIX else None


def _copies() -> dict[str, Any]:
    copies: dict[str, Any] = st.session_state.setdefault(_COPIES, {})
    return copies


def _names() -> list[str]:
    return [name for name in map(str, st.session_state) if page_and_name(name)]
