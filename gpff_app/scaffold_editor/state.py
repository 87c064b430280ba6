"""What the browser session keeps of the editor: the document and its undo, and sentences to be said."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from gpff_app import kept
from gpff_app.history import History
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.steps import after, history_as_json, history_from_json
from gpff_core.errors import GpffError

PAGE: Final = "scaffold_editor"
EDIT, COMPLETIONS = "Edit", "Completions"

_SAID: Final = "scaffold editor says"
_NOTE: Final = "scaffold editor note"  # said of what was opened until the first edit of it


def key(name: str, *, first: Any = None) -> str:
    """The key of a kept value of this page."""
    return kept.key(PAGE, name, first=first)


def current() -> History[Document] | None:
    """The document and its undo; None where nothing is open, or what a session file held is damaged."""
    document = st.session_state.get(_document())
    if document is None:
        return None
    steps = st.session_state.get(_steps()) or {"past": [], "future": []}
    try:
        return history_from_json({"present": document, **steps} if isinstance(steps, dict) else None)
    except GpffError as error:
        say(str(error))
        close()
        return None


def put(history: History[Document]) -> None:
    values = history_as_json(history)
    st.session_state[_document()] = values.pop("present")
    st.session_state[_steps()] = values
    st.session_state[_NOTE] = ""


def close() -> None:
    """Back to the empty page."""
    kept.forget([_document(), _steps()])


def open_document(document: Document, note: str = "") -> None:
    """Edit another document; undo goes back to the one before. `note` is said of it until it is edited."""
    history = current()
    put(History(document) if history is None else after(history, document))
    st.session_state[_NOTE] = note
    show(EDIT)


def note() -> str:
    """What is to be known of the document as it was opened; "" if nothing is."""
    return str(st.session_state.get(_NOTE, ""))


def show(view: str) -> None:
    """Turn to one of the two views."""
    st.session_state[key("view")] = view


def change(edit: Callable[..., Document], *arguments: Any) -> None:
    """Apply an edit to the document; why it cannot be made is said on the page."""
    attempt(edit, *arguments)


def attempt(edit: Callable[..., Document], *arguments: Any) -> bool:
    """The same, and whether it could be made."""
    history = current()
    if history is None:
        return False
    try:
        put(after(history, edit(history.present, *arguments)))
    except GpffError as error:
        say(str(error))
        return False
    return True


def change_selected(edit: Callable[..., Document]) -> None:
    """Apply an edit to the chosen atoms; without any, that is what is said."""
    history = current()
    if history is not None and not history.present.selected:
        say("No atom is chosen; click one, then try again.")
    else:
        change(lambda document: edit(document, document.selected))


def undo() -> None:
    history = current()
    if history is not None:
        put(history.undone())


def redo() -> None:
    history = current()
    if history is not None:
        put(history.redone())


def fresh(field: str) -> str:
    """The key of a field that is empty again after what was entered there was done (`done_with`).

    Emptied by its key, a field that no browser shows at that moment, as in a popover that is closed, would come back
    with what it held and have it done once more.
    """
    n_done = st.session_state.get(f"{field} done", 0)
    return f"{field} {n_done}" if n_done else field


def done_with(field: str) -> None:
    """What was entered in a field is done: the same can be entered again."""
    st.session_state[f"{field} done"] = st.session_state.get(f"{field} done", 0) + 1


def say(sentence: str) -> None:
    """Have a sentence shown at the next drawing of the page."""
    st.session_state[_SAID] = sentence


def said() -> str:
    """The sentence to be shown now, once."""
    return str(st.session_state.pop(_SAID, ""))


def _document() -> str:
    return key("document")


def _steps() -> str:
    # Under a name of its own: undo is in the session file, and not in a link to the page.
    return kept.key(f"{PAGE}-undo", "steps")
