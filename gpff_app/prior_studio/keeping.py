"""Saving, loading, deleting and sharing priors."""

from typing import Any, Final

import streamlit as st

from gpff_app import saved_priors
from gpff_app.prior_studio import desk
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.errors import GpffError
from gpff_core.priors import Prior
from gpff_core.priors.serialisation import prior_as_json, prior_from_json

_CHOSEN: Final = "saved prior"
NAME: Final = "prior name"
_FILE: Final = "prior file"
_DELETED: Final = "deleted prior"
_REFUSED: Final = "why a prior was not saved"
_SAID: Final = "said about saved priors"


def keeping(prior: Prior) -> None:
    """Draw what one can do with the prior on the desk and with those that are saved."""
    try:
        saved, damaged = saved_priors.saved(), saved_priors.damaged()
    except GpffError as error:
        st.error(plain(str(error)))
        return
    _save(saved)
    if saved:
        _choose(saved)
    if deleted := st.session_state.get(_DELETED):
        st.button(
            f"Bring back {plain(deleted[0])}",
            icon=":material/undo:",
            key="bring back",
            width="stretch",
            on_click=_bring_back,
        )
    for name, reason in damaged.items():
        st.caption(f":material/warning: {plain(name)} cannot be loaded: {plain(reason)}")
    _share(prior)
    if said := st.session_state.pop(_SAID, ""):
        st.toast(plain(said), icon=":material/check:")


def _save(saved: dict[str, Prior]) -> None:
    name, go = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    typed = name.text_input(
        "Name",
        key=NAME,
        placeholder="Long rod",
        max_chars=saved_priors.LONGEST_NAME,
        help="Saved priors are found on every page that generates, under *Saved*.",
    )
    go.button(
        "Replace" if typed.strip() in saved else "Save",
        icon=":material/save:",
        key="save prior",
        width="stretch",
        on_click=_keep,
    )
    with st.container():  # one element, so that nothing below loses its state
        if refused := st.session_state.pop(_REFUSED, ""):
            st.error(plain(refused))


def _choose(saved: dict[str, Prior]) -> None:
    if st.session_state.get(_CHOSEN) not in saved:
        st.session_state[_CHOSEN] = next(iter(saved))
    chosen = st.selectbox(f"Saved ({len(saved)})", list(saved), key=_CHOSEN)
    load, forget = st.columns(2, gap="small")
    load.button(
        "Load",
        icon=":material/folder_open:",
        key="load prior",
        width="stretch",
        on_click=_load,
        args=[chosen, saved],
    )
    forget.button(
        "Delete",
        icon=":material/delete:",
        key="delete prior",
        width="stretch",
        on_click=_delete,
        args=[chosen, saved],
    )


def _share(prior: Prior) -> None:
    st.download_button(
        "Download as JSON",
        prior_as_json(prior) + "\n",
        _file_name(),
        "application/json",
        on_click="ignore",
        icon=":material/download:",
        key="download prior",
        width="stretch",
        help="To share it, or for --prior FILE on the command line.",
    )
    with st.popover("Open a prior's file", icon=":material/upload:", width="stretch"):
        st.file_uploader(
            "JSON of a prior", type=["json"], key=_FILE, max_upload_size=settings().max_upload_mb, on_change=_open
        )


def _file_name() -> str:
    return f"{st.session_state.get(NAME, '').strip() or 'prior'}.json"


def _keep() -> None:
    try:
        name = saved_priors.save(st.session_state[NAME], desk.prior())  # with what was typed just before the click
    except GpffError as error:
        st.session_state[_REFUSED] = str(error)
    else:
        st.session_state[_CHOSEN] = name
        st.session_state[_SAID] = f"Saved as {name}"


def _load(name: str, saved: dict[str, Prior]) -> None:
    desk.load(saved[name])
    st.session_state[NAME] = name


def _delete(name: str, saved: dict[str, Prior]) -> None:
    saved_priors.forget(name)
    st.session_state[_DELETED] = (name, saved[name])


def _bring_back() -> None:
    name, prior = st.session_state.pop(_DELETED)
    try:
        saved_priors.save(name, prior)
    except GpffError as error:
        desk.refuse(str(error))


def _open() -> None:
    file: Any = st.session_state[_FILE]
    if file is None:
        return
    try:
        desk.load(prior_from_json(file.getvalue().decode("utf-8")))
    except UnicodeDecodeError:
        desk.refuse(f"{file.name} is not text; give a prior that was saved as JSON.")
    except GpffError as error:
        desk.refuse(str(error))
