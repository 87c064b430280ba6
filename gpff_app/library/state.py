"""What a browser session does on the Library page: what is ticked, looked at, chosen in the plot, and can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from gpff_app.jobs import Job
from gpff_app.library.query import Query
from gpff_app.library.store import Library
from gpff_app.library.strain import StrainTask

TABLE, CARDS = "Table", "Cards"
STRUCTURE, PLOT = "Structure", "Plot"

_PLACE = "library page"


@dataclass
class LibraryState:
    """Identifiers of structures, mostly.

    `pushed` counts the times Python has changed the selection, which the browser otherwise keeps; `plotted` is what the
    plot's selection leaves (None: there is none), and `plot` counts the plots that were drawn anew to clear it.
    """

    selection: list[int] = field(default_factory=list)
    pushed: int = 0
    focus: int | None = None
    page: int = 0
    plotted: tuple[int, ...] | None = None
    plot: int = 0
    deleted: list[list[int]] = field(default_factory=list)
    searched: Query | None = None
    job: Job | None = None
    strain: StrainTask | None = None

    def search(self, query: Query) -> None:
        """A new question starts at its first page."""
        if query != self.searched:
            self.searched, self.page = query, 0

    def select(self, ids: Sequence[int]) -> None:
        """Tick exactly these, for the browser to take over."""
        self.selection, self.pushed = list(ids), self.pushed + 1

    def tick(self, ids: Sequence[int]) -> None:
        """What the browser has ticked."""
        self.selection = list(ids)

    def look_at(self, number: int | None) -> None:
        self.focus = number

    def turn_to(self, page: int) -> None:
        self.page = page

    def clear_plot(self) -> None:
        """Drop the plot's selection; only a new plot forgets what was drawn on it."""
        self.plotted, self.plot = None, self.plot + 1

    def delete(self, library: Library, ids: Sequence[int]) -> None:
        """Into the bin. The plot is drawn anew and forgets what was drawn on it, so its filter goes too."""
        library.delete(ids)
        self.clear_plot()
        self.deleted.append(list(ids))
        self.select([number for number in self.selection if number not in set(ids)])
        if self.focus in ids:
            self.focus = None

    def undo_delete(self, library: Library) -> None:
        """Bring back what was deleted last."""
        library.restore(self.deleted[-1])
        self.deleted.pop()
        self.clear_plot()

    def restore_all(self, library: Library) -> None:
        """Bring back everything in the bin."""
        library.restore()
        self.deleted.clear()
        self.clear_plot()


def state() -> LibraryState:
    """That of the browser this script runs for."""
    if _PLACE not in st.session_state:
        st.session_state[_PLACE] = LibraryState()
    found: LibraryState = st.session_state[_PLACE]
    return found
