"""What counts as a step that can be taken back, and how a session keeps the steps."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gpff_app.history import MOST_STEPS, History
from gpff_app.scaffold_editor.document import Document, document_from_json
from gpff_core.errors import GpffError


def after(history: History[Document], document: Document) -> History[Document]:
    """After an edit. A new choice of atoms alone is no step of its own, and no edit at all changes nothing."""
    if replace(document, selected=()) == replace(history.present, selected=()):
        return history.shown(document)
    return history.edited(document)


def history_as_json(history: History[Document]) -> dict[str, Any]:
    return {
        "present": history.present.as_json(),
        "past": [document.as_json() for document in history.past],
        "future": [document.as_json() for document in history.future],
    }


def history_from_json(given: object) -> History[Document]:
    """The history of `history_as_json`; GpffError if it is damaged."""
    if not isinstance(given, Mapping) or not all(isinstance(given.get(part), list) for part in ("past", "future")):
        raise GpffError("The stored scaffold is damaged; open the structure again.")
    past, future = (tuple(map(document_from_json, given[part][-MOST_STEPS:])) for part in ("past", "future"))
    return History(document_from_json(given.get("present")), past, future)
