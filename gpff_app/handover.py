"""From one page to another: a structure to edit, a prior to use, a run to look at."""

from typing import Any, Final

import streamlit as st

_NEXT: Final = "page to turn to"


def send(page: str, **what: Any) -> None:
    """Lay something out for a page (the name of its script) and go there.

    The whole app runs first and then turns the page (`follow`): turned from a fragment, which does not declare the
    pages, Streamlit may take the script for an app of its own.
    """
    st.session_state[_place(page)] = what
    st.session_state[_NEXT] = page
    st.rerun()


def follow() -> None:
    """Turn to the page that something was sent to; called once the pages are declared."""
    page = st.session_state.pop(_NEXT, None)
    if page is not None:
        st.switch_page(f"pages/{page}.py")


def take(page: str) -> dict[str, Any]:
    """What was laid out for a page, once; empty if nothing was."""
    what: dict[str, Any] = st.session_state.pop(_place(page), {})
    return what


def _place(page: str) -> str:
    return f"handed over to {page}"
