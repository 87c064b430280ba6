"""What is grown on a document's frozen atoms: how many atoms of what, and what a chemist should be told about it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from gpff_app.scaffold_editor.choosing import fragments
from gpff_app.scaffold_editor.document import Document, Point
from gpff_app.scaffold_editor.sources import symbols
from gpff_core.chemistry.formulas import HYDROGEN, MAX_ATOMS, hill_ordered, parse_formula
from gpff_core.chemistry.scaffolds import composition_to_add
from gpff_core.composition import Composition
from gpff_core.errors import GpffError

MOST_NAMED: Final = 6
"""Atoms that a line names before it breaks off."""


@dataclass(frozen=True)
class Wish:
    """What a person asks for.

    `formula` is of what comes on top of the frozen atoms, or of the `whole` molecule. With `saturate` hydrogens are
    added until nothing new is unsaturated, less two for each of `n_unsaturated` rings and double bonds.
    """

    formula: str
    whole: bool = False
    saturate: bool = True
    n_unsaturated: int = 0


def added(document: Document, wish: Wish) -> Composition:
    """The atoms that are generated; GpffError says what does not fit."""
    if not document.frozen:
        raise GpffError("No atom is frozen yet; click atoms that should stay, then press Freeze.")
    if wish.whole:
        new = composition_to_add(document.source.scaffold(document.frozen), parse_formula(wish.formula))
    elif wish.saturate:
        new = _saturated(document, parse_formula(wish.formula), wish.n_unsaturated)
    else:
        new = parse_formula(wish.formula)
    n_atoms = len(document.frozen) + len(new)
    if n_atoms > MAX_ATOMS:
        raise GpffError(
            f"Scaffold and added atoms are {n_atoms} atoms, and at most {MAX_ATOMS} are allowed; add fewer."
        )
    return new


def check_known(document: Document, elements: Collection[int]) -> None:
    """GpffError for atoms that a network of these elements cannot take: frozen ones, or any while none is frozen."""
    kept = {document.numbers[atom] for atom in document.frozen or range(len(document))}
    if unknown := kept - set(elements):
        raise GpffError(
            f"The network does not know {symbols(unknown)}, only {symbols(elements)}; free or delete those atoms, or "
            "make them another element."
        )


def advice(document: Document, new: Composition) -> str:
    """What is doubtful about the wish as a whole; "" if nothing is."""
    if document.source.is_valid and not open_bonds(document):
        return (
            "Every frozen atom has all its bonds, so nothing can be joined to them; free a hydrogen where the new part "
            "should grow, or choose an attachment point there."
        )
    return document.source.advice(document.frozen, new)


def whole_composition(document: Document, new: Composition) -> Composition:
    """The molecules that come out: frozen atoms and new ones, in Hill's order."""
    kept = [document.numbers[atom] for atom in document.frozen]
    return hill_ordered(Counter([*kept, *new.numbers]))


def facts(document: Document, new: Composition) -> str:
    """What will be made, in a line."""
    whole = whole_composition(document, new)
    return f"{new.formula} is added to {len(document.frozen)} frozen atoms: {whole.formula}, {len(whole)} atoms"


def open_places(document: Document) -> str:
    """Where the frozen atoms can be bonded anew, in a line; "" if nowhere. Saturate counts these bonds."""
    places = document.source.open_valences(document.frozen)
    if not places:
        return ""
    named = [f"{document.label(atom)}{f' ({order})' if order > 1 else ''}" for atom, order in places.items()]
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED], "…"]
    bonds = f"Bonds to what is not frozen: {sum(places.values())}, at {', '.join(named)}."
    return f"{bonds} Hydrogens fill those that the new part leaves open."


def kept_and_dropped(document: Document) -> str:
    """What becomes of the atoms that are there once some are frozen, in a line."""
    if not document.free:
        return f"All {len(document)} atoms are kept."
    counts = Counter(document.symbols[atom] for atom in sorted(document.free))
    gone = ", ".join(f"{count} {symbol}" for symbol, count in counts.items())
    return f"{len(document.frozen)} atoms kept, {len(document.free)} not frozen and so dropped: {gone}."


def frozen_pieces(document: Document) -> list[tuple[int, ...]]:
    """The connected pieces of what is frozen; two or more are joined by a linker."""
    return fragments(document, document.frozen)


def cloud_centre(document: Document) -> Point | None:
    """Where the cloud of new atoms starts (Å); None while nothing is frozen."""
    if document.cloud is not None or not document.frozen:
        return document.cloud
    given = document.source.scaffold(document.frozen, attachment=document.attachment)
    x, y, z = given.positions.mean(0).tolist() if given.centre is None else given.centre
    return x, y, z


def open_bonds(document: Document) -> list[tuple[int, int]]:
    """Bonds (frozen atom, free atom) that are cut: where the new part can be joined."""
    return [
        (a, b) if a in document.frozen else (b, a)
        for a, b, _ in document.bonds
        if (a in document.frozen) != (b in document.frozen)
    ]


def _saturated(document: Document, heavy: Composition, n_unsaturated: int) -> Composition:
    wanted = document.source.hydrogens_to_saturate(document.frozen, heavy)
    if wanted is None:
        raise GpffError(
            "How many hydrogens saturate the scaffold cannot be told, because the structure as drawn is not a valid "
            "molecule; undo what was deleted and free those atoms instead, or switch off Saturate and write H yourself."
        )
    if wanted < 2 * n_unsaturated:
        raise GpffError(
            f"{heavy.formula} has no room for {n_unsaturated} rings or double bonds here; at most {wanted // 2} fit."
        )
    n_hydrogens = max(heavy.numbers.count(HYDROGEN), wanted - 2 * n_unsaturated)
    counts = Counter(heavy.numbers)
    counts[HYDROGEN] = n_hydrogens
    return hill_ordered(+counts)
