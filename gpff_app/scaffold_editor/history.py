"""Undo and redo: the documents there were, the one there is, and those that were taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gpff_app.scaffold_editor.document import Document, document_from_json
from gpff_core.errors import GpffError

MOST_STEPS: Final = 50
"""Edits that can be taken back; older ones are forgotten, so that a saved session stays small."""


@dataclass(frozen=True)
class History:
    """`past` has the oldest document first, `future` the one that redo brings back last."""

    present: Document
    past: tuple[Document, ...] = ()
    future: tuple[Document, ...] = ()

    def edited(self, document: Document) -> "History":
        """After an edit. A new choice of atoms alone is no step of its own, and no edit at all changes nothing."""
        if replace(document, selected=()) == replace(self.present, selected=()):
            return replace(self, present=document)
        return History(document, (*self.past, self.present)[-MOST_STEPS:])

    def undone(self) -> "History":
        """One edit back; itself where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redone(self) -> "History":
        """The edit taken back last, again; itself where there is none."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])

    def as_json(self) -> dict[str, Any]:
        return {
            "present": self.present.as_json(),
            "past": [document.as_json() for document in self.past],
            "future": [document.as_json() for document in self.future],
        }


def history_from_json(given: object) -> History:
    """The history of `History.as_json`; GpffError if it is damaged."""
    if not isinstance(given, Mapping) or not all(isinstance(given.get(part), list) for part in ("past", "future")):
        raise GpffError("The stored scaffold is damaged; open the structure again.")
    past, future = (tuple(map(document_from_json, given[part][-MOST_STEPS:])) for part in ("past", "future"))
    return History(document_from_json(given.get("present")), past, future)
