"""What surrounds every page: navigation, the session menu, and the net under a page that fails."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from gpff_app import handover, kept
from gpff_app.access import admitted
from gpff_app.session_file import (
    Opened,
    restore,
    session_from_file,
    session_writer,
    settings_as_link,
    settings_from_link,
)
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.errors import GpffError

logger = logging.getLogger(__name__)

_STYLE_SHEET: Final = Path(__file__).parents[1] / "static" / "app.css"
_RESTORED: Final = "keys of settings that were restored and not drawn yet"
_NOTICE: Final = "notice of the last restoring"


def run_page(pages: Sequence[StreamlitPage]) -> None:
    """Show the page that is asked for, to those who may see it."""
    st.html(_STYLE_SHEET)
    if not admitted():
        return
    _open_link()
    page = st.navigation(list(pages), position="top")
    handover.follow()
    _notice()
    name = Path(page.url_path).name or "generate"
    try:
        page.run()
    except Exception:
        logger.exception("the page %s failed", page.title)
        _after_failure(name, page.title)
    else:
        _restored_of(name)
    with st.sidebar:
        _session_menu(name)


def _open_link() -> None:
    """Take up the settings in a link, once."""
    packed = st.query_params.get("settings")
    if packed is not None:
        del st.query_params["settings"]
        _open(lambda: settings_from_link(packed), "")


def _open(read: Callable[[], Opened], done: str) -> None:
    """Take up what is read, and say what could not be used of it, or else that it is done."""
    try:
        opened = read()
    except GpffError as error:
        st.session_state[_NOTICE] = ("error", str(error))
        return
    restore(opened)
    st.session_state[_RESTORED] = set(opened.settings)
    st.session_state[_NOTICE] = ("warning", opened.left_out) if opened.left_out else ("done", done)


def _restored_of(page: str) -> set[str]:
    """The keys of what was restored for a page that has not been drawn since; asked for once."""
    restored: set[str] = st.session_state.get(_RESTORED, set())
    found = {name for name in restored if (kept.page_and_name(name) or ("", ""))[0] == page}
    st.session_state[_RESTORED] = restored - found
    return found


def _after_failure(page: str, title: str) -> None:
    """Start the page anew without what was restored, if that is what it failed on; else say that it failed."""
    if restored := _restored_of(page):
        kept.forget(restored)
        st.session_state[_NOTICE] = (
            "error",
            f"The settings that were opened for {title} do not go together; this page starts anew, the others "
            "keep theirs.",
        )
        st.rerun()
    st.error("This page met an error it did not expect; reload it, and if that does not help, see the server's log.")


def _notice() -> None:
    kind, text = st.session_state.pop(_NOTICE, ("", ""))
    if kind == "error":
        st.error(plain(text))
    elif kind == "warning":
        st.warning(plain(text), icon=":material/warning:")
    elif text:
        st.toast(text, icon=":material/check:")


def _session_menu(page: str) -> None:
    # Drawn when it is opened: what is edited in a fragment, which does not draw this, is in the file and the link, too.
    menu = st.popover(
        "Session",
        icon=":material/save:",
        width="stretch",
        help="Save, open or share what is set here.",
        key="session menu",
        on_change="rerun",
    )
    if not menu.open:
        return
    with menu:
        st.download_button(
            "Save session",
            session_writer(),
            "session.gpff.json",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
            key="save session",
            help="One file with every page's settings, what is being edited, and the molecules of each page; a "
            "comparison of the Noise lab is not in it.",
        )
        limit = settings().max_upload_mb
        st.file_uploader(
            "Open a session", type=["json"], key="open session", max_upload_size=limit, on_change=_open_session
        )
        link = settings_as_link(page)
        if link is None:
            st.caption("What is set on this page is too much for a link; save the session instead.")
        else:
            st.markdown(":small[Link to this page as it is set]", help="Settings only: whoever opens it generates.")
            st.code(f"{(st.context.url or '').split('?')[0]}?{link}", language=None, wrap_lines=False)


def _open_session() -> None:
    file = st.session_state["open session"]
    if file is not None:
        _open(lambda: session_from_file(file.getvalue()), "The session is open.")
