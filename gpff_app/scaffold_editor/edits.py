"""Edits: each function gives a new document; GpffError says in a sentence why an edit cannot be made."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_app.scaffold_editor.document import Document, packed
from gpff_app.scaffold_editor.placing import Floats, beside, bond_length, docked, open_direction, rotation, unit
from gpff_core.chemistry.formulas import HYDROGEN
from gpff_core.elements import SYMBOLS
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure


def freeze(document: Document, atoms: Iterable[int]) -> Document:
    """Keep these atoms beside those frozen already."""
    return replace(document, frozen=document.frozen | set(atoms))


def free(document: Document, atoms: Iterable[int]) -> Document:
    """Let these atoms give way; an attachment point among them is one no longer."""
    frozen = document.frozen - set(atoms)
    attachment = document.attachment if document.attachment in frozen else None
    return replace(document, frozen=frozen, attachment=attachment)


def freeze_only(document: Document, atoms: Iterable[int]) -> Document:
    """Keep exactly these atoms."""
    kept = set(atoms)
    return freeze(free(document, document.frozen - kept), kept)


def toggle_frozen(document: Document, atoms: Collection[int]) -> Document:
    """Freeze these atoms, or free them if all of them are frozen."""
    return free(document, atoms) if set(atoms) <= document.frozen else freeze(document, atoms)


def attach(document: Document, atom: int) -> Document:
    """Grow at an atom, which is frozen; at a hydrogen, it gives way and its neighbour is grown on."""
    if document.numbers[atom] == HYDROGEN and len(neighbours := document.neighbours(atom)) == 1:
        return attach(free(document, [atom]), neighbours[0])
    return replace(freeze(document, [atom]), attachment=atom, cloud=None)


def detach(document: Document) -> Document:
    """Grow from the middle of what is frozen again, with the cloud where that puts it."""
    return replace(document, attachment=None, cloud=None)


def move_cloud(document: Document, centre: Iterable[float] | None) -> Document:
    """Put the centre (Å) of the cloud of new atoms, or None where attachment point and scaffold put it."""
    if centre is None:
        return replace(document, cloud=None)
    x, y, z = (float(np.float32(value)) for value in centre)
    return replace(document, cloud=(x, y, z))


def move(document: Document, atoms: Iterable[int], positions: ArrayLike) -> Document:
    """Put atoms at positions (K, 3) in Å; all others stay to the last bit."""
    places = list(atoms)
    there = np.asarray(positions, dtype=np.float32)
    if there.shape != (len(places), 3) or any(atom not in range(len(document)) for atom in places):
        raise GpffError(f"{len(places)} atoms were moved to places that do not fit them; undo, and move them again.")
    everything = document.positions.copy()
    everything[places] = there
    return replace(document, coordinates=packed(everything))


def shift(document: Document, atoms: Iterable[int], by: Iterable[float]) -> Document:
    """Move atoms by a vector (3,) in Å."""
    chosen = _some(atoms)
    return move(document, chosen, document.positions[chosen].astype(np.float64) + np.asarray(list(by)))


def turn(document: Document, atoms: Iterable[int], axis: Iterable[float], degrees: float) -> Document:
    """Turn atoms about an axis (3,) through their centroid."""
    chosen = _some(atoms)
    here = document.positions[chosen].astype(np.float64)
    matrix = rotation(np.asarray(list(axis), dtype=np.float64), np.radians(degrees))
    return move(document, chosen, here.mean(0) + (here - here.mean(0)) @ matrix.T)


def delete(document: Document, atoms: Iterable[int]) -> Document:
    """Remove atoms; the others close ranks and keep their order."""
    gone = set(_some(atoms))
    kept = [atom for atom in range(len(document)) if atom not in gone]
    if not kept:
        raise GpffError("Nothing would be left; keep an atom, or open another structure.")
    place = {atom: i for i, atom in enumerate(kept)}
    return replace(
        document,
        numbers=tuple(document.numbers[atom] for atom in kept),
        coordinates=packed(document.positions[kept]),
        frozen=frozenset(place[atom] for atom in document.frozen if atom in place),
        selected=tuple(place[atom] for atom in document.selected if atom in place),
        attachment=place.get(document.attachment) if document.attachment is not None else None,
    )


def change_element(document: Document, atoms: Iterable[int], symbol: str) -> Document:
    """Make atoms another element where they stand."""
    chosen = _some(atoms)
    number = _number(symbol)
    return replace(document, numbers=tuple(number if i in chosen else z for i, z in enumerate(document.numbers)))


def add_atom(document: Document, symbol: str, at: int | None = None) -> Document:
    """A new frozen atom, chosen at once: bonded to `at`, in place of it if it is a hydrogen, or beside everything."""
    number = _number(symbol)
    if at is None:
        return _joined(document, [number], beside(document, np.zeros((1, 3))))
    host, direction, gone = _site(document, at)
    place = document.positions[host] + bond_length(document.numbers[host], number) * direction
    return _without(_joined(document, [number], place[None]), gone)


def add_fragment(document: Document, fragment: Structure, at: int | None = None) -> Document:
    """New frozen atoms, chosen at once: bonded to `at` by the fragment's first atom, or beside everything.

    A hydrogen on the fragment's first atom gives way to the bond, and so does `at` if it is a hydrogen.
    """
    positions = fragment.positions.astype(np.float64)
    if at is None:
        return _joined(document, fragment.composition.numbers, beside(document, positions))
    host, direction, gone = _site(document, at)
    kept, leaving = _opened(fragment)
    place = document.positions[host] + direction * bond_length(document.numbers[host], fragment.composition.numbers[0])
    site = _without(document, gone)
    there = docked(site, positions[kept], positions[leaving], place, direction)
    return _joined(site, [fragment.composition.numbers[atom] for atom in kept], there)


def _site(document: Document, at: int) -> tuple[int, Floats, tuple[int, ...]]:
    """The atom that a new one is bonded to, the direction of the bond (3,), and what gives way."""
    neighbours = document.neighbours(at)
    if document.numbers[at] == HYDROGEN and len(neighbours) == 1:
        (host,) = neighbours
        return host, unit(document.positions[at] - document.positions[host]), (at,)
    return at, open_direction(document, at), ()


def _opened(fragment: Structure) -> tuple[list[int], int]:
    """The fragment's atoms without the hydrogen of the first one that is nearest to it, and that hydrogen."""
    numbers, positions = fragment.composition.numbers, fragment.positions
    hydrogens = [atom for atom, number in enumerate(numbers) if number == HYDROGEN and atom]
    away = {atom: float(np.linalg.norm(positions[atom] - positions[0])) for atom in hydrogens}
    leaving = min(away, key=away.__getitem__, default=0)
    if not hydrogens or away[leaving] > 1.2 * bond_length(numbers[0], HYDROGEN):
        raise GpffError(
            "The fragment's first atom has no hydrogen that could give way to a bond; write the SMILES so that it "
            "begins with the atom to be bonded."
        )
    return [atom for atom in range(len(numbers)) if atom != leaving], leaving


def _joined(document: Document, numbers: Iterable[int], positions: NDArray[np.floating]) -> Document:
    """The document with more atoms at its end, frozen and chosen."""
    added = tuple(numbers)
    new = range(len(document), len(document) + len(added))
    return replace(
        document,
        numbers=document.numbers + added,
        coordinates=document.coordinates + packed(positions),
        frozen=document.frozen | set(new),
        selected=tuple(new),
    )


def _without(document: Document, gone: tuple[int, ...]) -> Document:
    return delete(document, gone) if gone else document


def _some(atoms: Iterable[int]) -> list[int]:
    chosen = list(atoms)
    if not chosen:
        raise GpffError("No atom is chosen; click one, then try again.")
    return chosen


def _number(symbol: str) -> int:
    if symbol not in SYMBOLS:
        raise GpffError(f"{symbol[:20]!r} is not an element; give a symbol such as C.")
    return SYMBOLS.index(symbol) + 1
