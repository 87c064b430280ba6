"""What is grown on a scaffold: as many hydrogens as a chemist would draw, and a word where something cannot be."""

import numpy as np
import pytest

from gpff_app.scaffold_editor import edits
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.growth import (
    Wish,
    added,
    advice,
    check_known,
    cloud_centre,
    kept_and_dropped,
    open_bonds,
    open_places,
    whole_composition,
)
from gpff_app.scaffold_editor.sources import open_text
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError


def ring_open_at(document: Document, *hydrogens: int) -> Document:
    """All of benzene frozen but some hydrogens."""
    return edits.freeze(document, [atom for atom in range(12) if atom not in hydrogens])


@pytest.mark.parametrize(
    ("wish", "new", "whole"),
    [
        (Wish("C"), "CH3", "C7H8"),
        (Wish("CNO", n_unsaturated=1), "CH2NO", "C7H7NO"),
        (Wish("H"), "H", "C6H6"),
        (Wish("CH3", saturate=False), "CH3", "C7H8"),
        (Wish("C8H8O", whole=True), "C2H3O", "C8H8O"),
    ],
)
def test_what_is_added_to_benzene_with_one_open_place(benzene: Document, wish: Wish, new: str, whole: str) -> None:
    scaffold = ring_open_at(benzene, 6)
    atoms = added(scaffold, wish)
    assert (atoms, whole_composition(scaffold, atoms)) == (parse_formula(new), parse_formula(whole))
    assert advice(scaffold, atoms) == ""


def test_a_linker_between_two_molecules_brings_the_hydrogens_of_a_chain(pair: Document) -> None:
    scaffold = edits.freeze(pair, set(range(15)) - {6, 14})
    atoms = added(scaffold, Wish("C2"))
    assert whole_composition(scaffold, atoms) == parse_formula("C9H9N")  # PhCH2CH2CN
    assert advice(scaffold, atoms) == ""
    assert open_bonds(scaffold) == [(0, 6), (12, 14)]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (Wish("C", n_unsaturated=2), "no room for 2 rings or double bonds here; at most 1"),
        (Wish("Xx"), "not an element"),
        (Wish("C999", saturate=False), "at most 200"),
        (Wish("C190"), "at most 200"),
        (Wish("C6H6", whole=True), "nothing to generate|has more"),
        (Wish("C5H8", whole=True), "has more C than C5H8"),
    ],
)
def test_wishes_that_do_not_fit_are_refused(benzene: Document, wish: Wish, sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence):
        added(edits.freeze(benzene, range(12)) if wish.formula == "C6H6" else ring_open_at(benzene, 6), wish)


def test_elements_that_the_network_does_not_know_are_named_while_they_are_to_stay(benzene: Document) -> None:
    chlorine = edits.change_element(benzene, [6], "Cl")
    for document in (chlorine, edits.freeze(chlorine, range(12))):
        with pytest.raises(GpffError, match="does not know Cl, only H, C, N, O; free or delete"):
            check_known(document, (1, 6, 7, 8))
    check_known(edits.freeze(chlorine, range(6)), (1, 6, 7, 8))


def test_what_is_not_frozen_is_said_to_be_dropped(benzene: Document) -> None:
    phenol = edits.add_atom(benzene, "O", 6)
    kept = edits.freeze_only(phenol, range(6))
    assert kept_and_dropped(kept) == "6 atoms kept, 6 not frozen and so dropped: 5 H, 1 O."
    assert kept_and_dropped(edits.freeze(benzene, range(12))) == "All 12 atoms are kept."


def test_nothing_grows_before_something_is_frozen(benzene: Document) -> None:
    with pytest.raises(GpffError, match="No atom is frozen yet"):
        added(benzene, Wish("C"))
    assert cloud_centre(benzene) is None


def test_a_scaffold_without_an_open_place_is_noticed(benzene: Document) -> None:
    closed = edits.freeze(benzene, range(12))
    assert "free a hydrogen" in advice(closed, parse_formula("CH2"))


def test_an_odd_number_of_hydrogens_is_noticed(benzene: Document) -> None:
    scaffold = ring_open_at(benzene, 6)
    said = advice(scaffold, parse_formula("CH4"))
    assert "CH4 brings 4 hydrogens to the scaffold; 3 make a neutral molecule" in said


@pytest.mark.parametrize(
    ("kept", "new", "places"),
    [
        ((0, 1, 2, 9, 10), "CH3", "1, at C1."),
        ((0, 1, 2), "CH5", "3, at N0 (2), C1."),
        ((0, 1, 9, 10), "CH5", "3, at C1 (3)."),
        ((1, 2), "CH4", "2, at C1 (2)."),
    ],
    ids=["CONH2", "CON", "CNH2", "CO"],
)
def test_hydrogens_fill_the_bonds_that_the_frozen_part_of_an_amide_has_to_the_rest(
    kept: tuple[int, ...], new: str, places: str
) -> None:
    """Benzamide: N 0, C 1, O 2, and the amide's hydrogens 9 and 10."""
    scaffold = edits.freeze(open_text("NC(=O)c1ccccc1"), kept)
    assert added(scaffold, Wish("C")) == parse_formula(new)
    assert f"Bonds to what is not frozen: {places}" in open_places(scaffold)


def test_hydrogens_are_not_guessed_on_a_radical(benzene: Document) -> None:
    radical = edits.delete(benzene, [6])
    with pytest.raises(GpffError, match="free those atoms instead"):
        added(edits.freeze(radical, range(6)), Wish("C"))


def test_the_cloud_starts_at_the_centre_at_the_attachment_point_or_where_it_was_put(benzene: Document) -> None:
    scaffold = ring_open_at(benzene, 6)
    kept = sorted(scaffold.frozen)
    assert cloud_centre(scaffold) == pytest.approx(benzene.positions[kept].mean(0).tolist(), abs=1e-6)
    grown = edits.attach(scaffold, 0)
    bond, to_cloud = benzene.positions[6] - benzene.positions[0], np.array(cloud_centre(grown)) - benzene.positions[0]
    assert np.linalg.norm(to_cloud) == pytest.approx(1.5, abs=1e-5)
    assert bond @ to_cloud / np.linalg.norm(bond) / 1.5 > 0.99, "where the freed hydrogen was"
    assert cloud_centre(edits.move_cloud(grown, (1, 2, 3))) == (1, 2, 3)
