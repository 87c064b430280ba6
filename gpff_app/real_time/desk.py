"""The molecule on the desk: what the viewer's edits and the page's buttons do to it. Knows nothing of Streamlit."""

import dataclasses
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from gpff_app.history import History
from gpff_app.real_time.document import Blob, Document
from gpff_app.real_time.relaxing import Manner, Relaxed, look, relax, settle
from gpff_app.viewer import Edit, selection_after
from gpff_core.chemistry.formulas import MAX_ATOMS
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint

CALLS_AFTER_RELEASE: Final = 8
"""At most so many after the hand lets go: 20 atoms take 0.1 s on one core."""
CALLS_OF_A_JUMP: Final = 14
MOST_UNDOS: Final = 200
"""Pulls are many and small, and no session is saved with them."""
FARTHEST: Final = 50.0
"""Å from the origin that an atom can be dragged."""


@dataclass
class Desk:
    """A molecule being edited with the network `field`; `selected` atoms are the viewer's.

    `relaxed` is the picture as it stands, `seconds` what making it took, `problem` why the last edit was refused.
    """

    field: Checkpoint
    history: History[Document]
    manner: Manner = dataclasses.field(default_factory=Manner)
    selected: frozenset[int] = frozenset()
    seconds: float = 0.0
    problem: str = ""
    id: str = dataclasses.field(default_factory=lambda: uuid.uuid4().hex)
    _held: bool = False  # whether the hand is at it, and the last document is part of its edit
    _n_pictures: int = 0
    _relaxed: tuple[Document, Relaxed] | None = None

    @classmethod
    def with_document(cls, field: Checkpoint, document: Document) -> "Desk":
        """Raises GpffError for atoms the network does not know, and for more than it can follow."""
        _check(field, document)
        return cls(field, History(document))

    @property
    def document(self) -> Document:
        return self.history.present

    @property
    def blob(self) -> Blob | None:
        """The cloud that some of the atoms are in, if there is one."""
        return self.document.blob

    @property
    def relaxed(self) -> Relaxed:
        """Forces on the free atoms and σ̂ of the current document."""
        if self._relaxed is None or self._relaxed[0] is not self.document:
            document = self.document
            self._relaxed = (document, look(self.field, document.composition, document.positions, document.frozen))
        return self._relaxed[1]

    def handle(self, edit: Edit) -> None:
        """Do what the viewer says the user did; refusals are left in `problem`."""
        self.problem = ""
        if not self._fits(edit):
            return  # made before an undo or a deletion reached the browser
        if (selected := selection_after(edit)) is not None:
            self.selected = selected
            return
        operation = _COMMANDS.get(edit["name"]) if edit["op"] == "key" else _OPERATIONS.get(edit["op"])
        if operation is None:
            return
        try:
            operation(self, edit)
        except GpffError as error:
            self.problem = str(error)

    def undo(self) -> None:
        self.history = self.history.undone()
        self._tidy()

    def redo(self) -> None:
        self.history = self.history.redone()
        self._tidy()

    def take(self, document: Document) -> None:
        """The same molecule comes back from elsewhere: an edit like others. Its locks stay, unless it brings some."""
        here = self.document
        frozen = document.frozen or here.frozen
        if frozen == here.frozen and np.array_equal(document.positions, here.positions):
            return
        self._do(replace(document, frozen=frozen))
        self._held = False

    def begin(self, document: Document) -> None:
        """Another molecule, in place of this one, which Undo brings back; GpffError, and it stays, if it cannot be."""
        _check(self.field, document)
        self._do(document)
        self.id, self.selected, self.problem = uuid.uuid4().hex, frozenset(), ""
        self._tidy()

    def freeze(self) -> None:
        """Freeze the picked atoms, or free them if all of them are frozen."""
        if not self.selected:
            raise GpffError("No atom is picked; click the atoms to freeze, then try again.")
        self._do(self.document.toggled(self.selected))

    def delete(self) -> None:
        """Take the picked atoms away."""
        if self.selected:
            self._do(self.document.without(self.selected))
            self.selected = frozenset()

    def jump(self) -> None:
        """Relax until nothing moves any more."""
        self._timed(self.document, lambda: self._settled(CALLS_OF_A_JUMP), undoable=True)

    def shake(self) -> None:
        """One picture with the shaking that is set, from where the molecule is."""
        self._timed(self.document, lambda: self._relaxed_from(self.document, self.document.frozen), undoable=True)

    def make_blob(self, sigma: float) -> None:
        """A cloud for the picked atoms."""
        self._do(replace(self.document, blob=Blob.around(self.document, self.selected, sigma)))

    def drop_blob(self) -> None:
        self._do(replace(self.document, blob=None))

    def drag_atoms(self, atoms: Sequence[int], places: ArrayLike) -> None:
        """The hand moves atoms to places (n, 3) and keeps them; GpffError if all of them are frozen."""
        moved = self._moved(atoms, places)
        pinned = moved.frozen | frozenset(atoms) if self.manner.hold else moved.frozen
        self._timed(moved, lambda: self._relaxed_from(moved, pinned), undoable=not self._held)
        self._held = True

    def release_atoms(self, atoms: Sequence[int], places: ArrayLike) -> None:
        """The hand lets go of atoms at places (n, 3); GpffError if all of them are frozen."""
        moved = self._moved(atoms, places)
        self._keep(moved, undoable=not self._held)
        self._held = False
        self._timed(moved, lambda: self._settled(CALLS_AFTER_RELEASE), undoable=False)

    def drag_blob(self, centre: ArrayLike, *, released: bool) -> None:
        """The hand moves the cloud; its atoms are denoised out of it anew."""
        if self.blob is None:
            return
        blob = replace(self.blob, centre=np.asarray(centre, dtype=float))
        moved = replace(self.document, blob=blob).with_atoms_at(blob.atoms, blob.places)
        calls = max(self.manner.calls, CALLS_AFTER_RELEASE) if released else self.manner.calls
        manner = replace(self.manner, calls=calls)
        self._timed(moved, lambda: self._relaxed_from(moved, moved.frozen, manner), undoable=not self._held)
        self._held = not released

    def _fits(self, edit: Edit) -> bool:
        n_atoms = len(self.document.composition)
        places = np.asarray(edit.get("positions") or edit.get("centre") or [], dtype=float)
        known = all(0 <= atom < n_atoms for atom in edit.get("atoms") or [])
        return known and bool((np.abs(places) < FARTHEST).all())

    def _moved(self, atoms: Sequence[int], places: ArrayLike) -> Document:
        """Frozen atoms stay, also in the hand."""
        targets = dict(zip(atoms, np.asarray(places, dtype=float), strict=True))
        free = {atom: place for atom, place in targets.items() if atom not in self.document.frozen}
        if not free:
            raise GpffError("Frozen atoms stay where they are; pick them and press F to free them.")
        return self.document.with_atoms_at(list(free), list(free.values()))

    def _relaxed_from(self, document: Document, pinned: Collection[int], manner: Manner | None = None) -> Relaxed:
        self._n_pictures += 1
        return relax(
            self.field,
            document.composition,
            document.positions,
            pinned,
            manner=manner or self.manner,
            seed=self._n_pictures,
        )

    def _settled(self, n_calls: int) -> Relaxed:
        document = self.document
        return settle(self.field, document.composition, document.positions, document.frozen, n_calls)

    def _timed(self, moved: Document, make: Callable[[], Relaxed], *, undoable: bool) -> None:
        """Put the document that was moved where relaxing takes it."""
        start = time.perf_counter()
        relaxed = make()
        self.seconds = time.perf_counter() - start
        document = moved.at(relaxed.positions)
        self._keep(document, undoable=undoable)
        self._relaxed = (document, relaxed)

    def _do(self, document: Document) -> None:
        self.history = self.history.edited(document, MOST_UNDOS)

    def _keep(self, document: Document, *, undoable: bool) -> None:
        if undoable:
            self._do(document)
        else:
            self.history = self.history.shown(document)

    def _tidy(self) -> None:
        """Nothing may name atoms that are not there, and the hand has let go."""
        self._held = False
        atoms = range(len(self.document.composition))
        self.selected = frozenset(atom for atom in self.selected if atom in atoms)


def _check(field: Checkpoint, document: Document) -> None:
    check_elements([document.composition], field.elements, field.name)
    if len(document.composition) > MAX_ATOMS:
        raise GpffError(
            f"The molecule has {len(document.composition)} atoms, and at most {MAX_ATOMS} can be moved at once; "
            "start with a smaller one."
        )


_Operation = Callable[[Desk, dict[str, Any]], None]

_OPERATIONS: Final[dict[str, _Operation]] = {
    "drag": lambda desk, edit: desk.drag_atoms(edit["atoms"], edit["positions"]),
    "move": lambda desk, edit: desk.release_atoms(edit["atoms"], edit["positions"]),
    "drag-shape": lambda desk, edit: desk.drag_blob(edit["centre"], released=False),
    "move-shape": lambda desk, edit: desk.drag_blob(edit["centre"], released=True),
}

_COMMANDS: Final[dict[str, _Operation]] = {
    "undo": lambda desk, _: desk.undo(),
    "redo": lambda desk, _: desk.redo(),
    "freeze": lambda desk, _: desk.freeze(),
    "delete": lambda desk, _: desk.delete(),
}
