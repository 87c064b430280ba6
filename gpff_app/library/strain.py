"""Strain energies on demand, as a job like any other: one structure a step, each kept as soon as it is known."""

from collections.abc import Iterator, Sequence
from typing import Final

from gpff_app.library.store import Library
from gpff_core.chemistry.energies import NotRelaxed, relax, require_tblite

MOST_AT_ONCE: Final = 200
"""Some tenths of a second each."""


class StrainTask:
    """Relax valid structures with GFN2-xTB and note what they release; GpffError where tblite is not installed."""

    def __init__(self, library: Library, ids: Sequence[int]) -> None:
        require_tblite()
        self.ids = list(ids)
        self.n_done = 0
        self._library = library

    @property
    def progress(self) -> float:
        return self.n_done / max(1, len(self.ids))

    def steps(self) -> Iterator[object]:
        for number in self.ids:
            for entry in self._library.entries([number]):
                found = relax(entry.sample.composition.numbers, entry.sample.positions)
                if isinstance(found, NotRelaxed):
                    self._library.set_strain([number], None, found.reason)
                else:
                    self._library.set_strain([number], found.energy)
            self.n_done += 1
            yield number

    def keep(self) -> None:
        """Nothing to do: every step is kept already."""
