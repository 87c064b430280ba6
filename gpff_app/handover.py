"""From one page to another: a structure to edit, a prior to use, a run to look at."""

from typing import Any

import streamlit as st


def send(page: str, **what: Any) -> None:
    """Lay something out for a page (the name of its script) and go there."""
    st.session_state[_place(page)] = what
    st.switch_page(f"pages/{page}.py")


def take(page: str) -> dict[str, Any]:
    """What was laid out for a page, once; empty if nothing was."""
    what: dict[str, Any] = st.session_state.pop(_place(page), {})
    return what


def _place(page: str) -> str:
    return f"handed over to {page}"
