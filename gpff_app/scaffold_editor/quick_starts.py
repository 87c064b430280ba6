"""Beginnings that set everything up, so that one button is left to press."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gpff_app.scaffold_editor import choosing, edits
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.growth import open_bonds
from gpff_app.scaffold_editor.sources import open_text


@dataclass(frozen=True)
class QuickStart:
    """`make` gives the document, `settings` what the panel that says what to grow is set to."""

    title: str
    text: str
    icon: str
    make: Callable[[], Document]
    settings: Mapping[str, Any]


def _grow() -> Document:
    """Benzene, frozen but for one hydrogen."""
    benzene = open_text("benzene")
    hydrogen = benzene.numbers.index(1)
    return edits.attach(edits.freeze(benzene, range(len(benzene))), hydrogen)


def _link() -> Document:
    """Furan and hydrogen cyanide, as far apart and turned as in a molecule that holds both."""
    whole = open_text("N#CCCc1ccoc1")
    kept = [*whole.source.select("[C;X2]#N"), *whole.source.select("c1ccoc1")]
    kept += [atom for atom in range(len(whole)) if whole.numbers[atom] == 1 and set(whole.neighbours(atom)) & set(kept)]
    cut = [place[0] for place in open_bonds(edits.freeze(whole, kept))]
    apart = edits.delete(whole, set(range(len(whole))) - set(kept))
    order = sorted(kept)
    for atom in cut:
        apart = edits.add_atom(apart, "H", order.index(atom))
    hydrogens = range(len(kept), len(apart))
    frozen = edits.freeze_only(choosing.select_none(apart), set(range(len(apart))) - set(hydrogens))
    return replace(frozen, name="furan and nitrile")


def _replace() -> Document:
    """Phenol whose hydroxyl group gives way."""
    phenol = open_text("Oc1ccccc1")
    ring = phenol.source.select("c1ccccc1")
    kept = [*ring, *(n for atom in ring for n in phenol.neighbours(atom) if phenol.numbers[n] == 1)]
    (site,) = {a for a, _ in open_bonds(edits.freeze(phenol, kept))}
    return replace(edits.attach(edits.freeze(phenol, kept), site), name="phenol")


_ADD: Final = {"what": "add", "saturate": True, "held": "Frozen"}

QUICK_STARTS: Final = (
    QuickStart(
        "Grow on benzene",
        "Eleven atoms of benzene stay; two carbons and an oxygen grow where its twelfth was.",
        ":material/add_circle:",
        _grow,
        {**_ADD, "formula": "C2O", "n_unsaturated": 0},
    ),
    QuickStart(
        "Link two fragments",
        "A furan ring and a nitrile stay; a chain of two carbons is found that joins them.",
        ":material/link:",
        _link,
        {**_ADD, "formula": "C2", "n_unsaturated": 0},
    ),
    QuickStart(
        "Replace a substituent",
        "The ring of phenol stays; its OH gives way to groups of carbon, nitrogen and oxygen.",
        ":material/find_replace:",
        _replace,
        {**_ADD, "formula": "CNO", "n_unsaturated": 1},
    ),
)
