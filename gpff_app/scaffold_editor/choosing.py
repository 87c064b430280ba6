"""Choosing atoms: each function gives the document with another selection and nothing else changed."""

from collections.abc import Iterable
from dataclasses import replace

from rdkit import Chem

from gpff_app.scaffold_editor.document import Document
from gpff_core.elements import SYMBOLS
from gpff_core.errors import GpffError


def select(document: Document, atoms: Iterable[int]) -> Document:
    """Exactly these atoms, in this order."""
    return replace(document, selected=tuple(dict.fromkeys(atoms)))


def select_all(document: Document) -> Document:
    return select(document, range(len(document)))


def select_none(document: Document) -> Document:
    return select(document, ())


def invert(document: Document) -> Document:
    return select(document, (atom for atom in range(len(document)) if atom not in document.selected))


def select_element(document: Document, symbol: str) -> Document:
    """All atoms of an element; GpffError if there are none."""
    atoms = [atom for atom, own in enumerate(document.symbols) if own == symbol]
    if not atoms:
        known = " ".join(sorted(set(document.symbols), key=SYMBOLS.index))
        raise GpffError(f"There is no {symbol} in this structure; it has {known}.")
    return select(document, atoms)


def select_ring(document: Document) -> Document:
    """The rings that the chosen atoms are in; all rings if none is chosen."""
    molecule = document.source.molecule
    Chem.FastFindRings(molecule)
    rings = [set(ring) for ring in Chem.GetSymmSSSR(molecule)]
    if not rings:
        raise GpffError("There is no ring in this structure; choose atoms in another way.")
    chosen = set(document.selected)
    wanted = [ring for ring in rings if ring & chosen] if chosen else rings
    if not wanted:
        raise GpffError("None of the chosen atoms is in a ring; choose an atom of a ring, or none for all rings.")
    return select(document, sorted(set().union(*wanted)))


def select_matching(document: Document, text: str) -> Document:
    """Atoms by indices from 0, by SMARTS, or "all", as the command line's --freeze names them."""
    return select(document, document.source.select(text))


def select_fragment(document: Document, atoms: Iterable[int], *, add: bool = False) -> Document:
    """Everything that is connected to these atoms; with `add`, beside what is chosen already."""
    seeds = set(atoms)
    pieces = [piece for piece in fragments(document) if seeds & set(piece)]
    if not pieces:
        raise GpffError("No atom is chosen; click one of the fragment, then try again.")
    return select(document, (*(document.selected if add else ()), *sorted(set().union(*pieces))))


def select_neighbours(document: Document) -> Document:
    """The chosen atoms and all that are bonded to them."""
    if not document.selected:
        raise GpffError("No atom is chosen; click one, then try again.")
    return select(document, (*document.selected, *(n for atom in document.selected for n in document.neighbours(atom))))


def fragments(document: Document, among: frozenset[int] | None = None) -> list[tuple[int, ...]]:
    """The connected pieces of the structure, or of some of its atoms, each ascending."""
    left = set(range(len(document))) if among is None else set(among)
    pieces = []
    while left:
        front = {min(left)}
        piece: set[int] = set()
        while front:
            piece |= front
            front = {n for atom in front for n in document.neighbours(atom)} & left - piece
        pieces.append(tuple(sorted(piece)))
        left -= piece
    return pieces
