"""Undo and redo, for every page that edits: what there was, what there is, and what was taken back."""

from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_STEPS: Final = 50
"""Edits that can be taken back; older ones are forgotten, so that a session that is saved with them stays small."""


@dataclass(frozen=True)
class History(Generic[T]):
    """`past` and `future` have the document that is nearest to the present last."""

    present: T
    past: tuple[T, ...] = ()
    future: tuple[T, ...] = ()

    def edited(self, document: T, most: int = MOST_STEPS) -> "History[T]":
        """After an edit, of which `most` can be taken back; what was taken back before it is gone."""
        return History(document, (*self.past, self.present)[-most:])

    def shown(self, document: T) -> "History[T]":
        """With another present that is no step of its own: undone together with the edit before it."""
        return replace(self, present=document)

    def undone(self) -> "History[T]":
        """One edit back; itself where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (*self.future, self.present))

    def redone(self) -> "History[T]":
        """The edit taken back last, again; itself where there is none."""
        if not self.future:
            return self
        return History(self.future[-1], (*self.past, self.present), self.future[:-1])
