"""Edits of a scaffold: what they change, what they leave alone to the last bit, and where they put atoms."""

from itertools import combinations

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdMolTransforms

from gpff_app.scaffold_editor import choosing, edits
from gpff_app.scaffold_editor.document import Document, document
from gpff_app.scaffold_editor.growth import frozen_pieces
from gpff_app.scaffold_editor.measures import measure, set_measure
from gpff_app.scaffold_editor.placing import GAP, bond_length
from gpff_app.scaffold_editor.sources import FRAGMENTS, fragment, open_text
from gpff_core.chemistry.formulas import HYDROGEN
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError

RING = frozenset(range(6))


def smiles(edited: Document) -> str:
    opinion = verdict(edited.numbers, edited.positions)
    assert opinion.valid, opinion.reason
    return opinion.smiles


def test_freezing_frees_toggles_and_replaces(benzene: Document) -> None:
    ring = edits.freeze(benzene, RING)
    assert ring.frozen == RING
    assert ring.free == frozenset(range(6, 12))
    assert edits.free(ring, [0, 6]).frozen == RING - {0}
    assert edits.toggle_frozen(ring, [4, 5]).frozen == RING - {4, 5}
    assert edits.toggle_frozen(ring, [5, 6]).frozen == RING | {6}
    assert edits.freeze_only(ring, [5, 6]).frozen == {5, 6}


def test_an_attachment_point_is_frozen_and_ends_when_freed(benzene: Document) -> None:
    grown = edits.attach(benzene, 2)
    assert (grown.attachment, grown.frozen) == (2, {2})
    assert edits.free(grown, [2]).attachment is None
    assert edits.freeze_only(grown, [3]).attachment is None
    assert edits.detach(grown).frozen == {2}


def test_growing_at_a_hydrogen_lets_it_give_way(benzene: Document) -> None:
    grown = edits.attach(edits.freeze(benzene, range(12)), 8)
    assert grown.attachment == 2
    assert grown.frozen == frozenset(range(12)) - {8}


def test_a_moved_cloud_goes_back_with_a_new_attachment_point(benzene: Document) -> None:
    moved = edits.move_cloud(edits.attach(benzene, 2), (1, 2, 3))
    assert moved.cloud == (1, 2, 3)
    assert edits.attach(moved, 3).cloud is None
    assert edits.move_cloud(moved, None).cloud is None


def test_moving_atoms_leaves_the_others_to_the_last_bit(benzene: Document) -> None:
    moved = edits.shift(benzene, [3, 9], (0.1, -0.2, 5))
    assert moved.positions[3] - benzene.positions[3] == pytest.approx([0.1, -0.2, 5], abs=1e-6)
    rest = [atom for atom in range(12) if atom not in (3, 9)]
    assert moved.positions[rest].tobytes() == benzene.positions[rest].tobytes()


def test_turning_is_rigid_and_about_the_centroid(pair: Document) -> None:
    cyanide = [12, 13, 14]
    turned = edits.turn(pair, cyanide, (0, 0, 1), 90)
    before, after = pair.positions[cyanide], turned.positions[cyanide]
    assert after.mean(0) == pytest.approx(before.mean(0), abs=1e-5)
    arm, turned_arm = before[1] - before[0], after[1] - after[0]
    assert turned_arm == pytest.approx([-arm[1], arm[0], arm[2]], abs=1e-5)
    with pytest.raises(GpffError, match="No atom is chosen"):
        edits.turn(pair, [], (0, 0, 1), 90)


def test_deleting_renumbers_what_points_at_atoms(benzene: Document) -> None:
    before = choosing.select(edits.attach(edits.freeze(benzene, [1, 5, 7]), 5), [7, 2, 0])
    after = edits.delete(before, [0, 6])
    assert len(after) == 10
    assert after.frozen == {0, 4, 5}
    assert after.attachment == 4
    assert after.selected == (5, 1)
    assert after.positions[4].tobytes() == benzene.positions[5].tobytes()
    assert edits.delete(before, [5]).attachment is None
    with pytest.raises(GpffError, match="Nothing would be left"):
        edits.delete(benzene, range(12))


def test_elements_change_where_atoms_stand(benzene: Document) -> None:
    changed = edits.delete(edits.change_element(benzene, [0], "N"), [6])
    assert smiles(changed) == "c1ccncc1"
    assert changed.coordinates[:12] == benzene.coordinates[:12]
    with pytest.raises(GpffError, match="'Xx' is not an element"):
        edits.change_element(benzene, [0], "Xx")


@pytest.mark.parametrize(("molecule", "site", "symbol"), [("benzene", 6, "O"), ("C", 1, "C"), ("C", 4, "O")])
def test_an_atom_takes_the_place_of_a_hydrogen(molecule: str, site: int, symbol: str) -> None:
    before = open_text(molecule)
    after = edits.add_atom(before, symbol, site)
    assert len(after) == len(before)
    new = len(after) - 1
    host = before.neighbours(site)[0]
    assert after.selected == (new,)
    assert new in after.frozen
    expected = bond_length(before.numbers[host], after.numbers[new])
    assert np.linalg.norm(after.positions[new] - before.positions[host]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("molecule", ["C", "CC", "C=C", "O", "N", "c1ccccc1", "C#C", "CO"])
def test_hydrogens_put_back_make_the_molecule_again(molecule: str) -> None:
    """The sensible place for an atom is where the one was that is missing."""
    whole = open_text(molecule)
    for hydrogen in [atom for atom, number in enumerate(whole.numbers) if number == HYDROGEN][:4]:
        host = whole.neighbours(hydrogen)[0]
        back = edits.add_atom(edits.delete(whole, [hydrogen]), "H", host)
        assert smiles(back) == smiles(whole)
        arms = [back.positions[n] - back.positions[host] for n in back.neighbours(host)]
        assert len(arms) == len(whole.neighbours(host))
        for a, b in combinations(arms, 2):
            angle = np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
            assert angle > 95


def test_four_hydrogens_around_a_carbon_are_methane() -> None:
    atom = document("carbon", [6], np.zeros((1, 3)))
    for _ in range(4):
        atom = edits.add_atom(atom, "H", 0)
    assert smiles(atom) == "C"
    arms = atom.positions[1:] / np.linalg.norm(atom.positions[1:], axis=1, keepdims=True)
    angles = np.degrees(np.arccos([a @ b for a, b in combinations(arms, 2)]))
    assert angles == pytest.approx([109.47] * 6, abs=8)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_every_fragment_replaces_a_hydrogen_of_benzene(benzene: Document, name: str) -> None:
    grown = edits.add_fragment(benzene, fragment(name), 6)
    expected = Chem.CanonSmiles(f"c1ccccc1{FRAGMENTS[name]}" if name != "phenyl" else "c1ccccc1-c1ccccc1")
    assert smiles(grown) == expected
    assert grown.positions[:6].tobytes() == benzene.positions[:6].tobytes()
    assert set(grown.selected) <= grown.frozen


def test_a_fragment_whose_first_atom_is_full_cannot_be_bonded(benzene: Document) -> None:
    with pytest.raises(GpffError, match="no hydrogen that could give way"):
        edits.add_fragment(benzene, fragment("N#CC"), 6)


def test_without_a_site_things_are_put_beside_the_molecule(benzene: Document) -> None:
    two = edits.add_fragment(benzene, fragment("morpholine"))
    assert len(choosing.fragments(two)) == 2
    gaps = np.linalg.norm(two.positions[:12, None] - two.positions[None, 12:], axis=2)
    assert GAP - 0.01 <= gaps.min() <= GAP + 4
    assert len(choosing.fragments(edits.add_atom(two, "O"))) == 3


def test_atoms_are_chosen_by_what_they_are(pair: Document) -> None:
    assert choosing.select_element(pair, "N").selected == (13,)
    assert choosing.select_ring(pair).selected == tuple(range(6))
    assert choosing.select_fragment(pair, [13]).selected == (12, 13, 14)
    assert choosing.select_fragment(choosing.select(pair, [0]), [13], add=True).selected == (0, 12, 13, 14)
    assert choosing.select_matching(pair, "C#N").selected == (12, 13)
    assert choosing.select_matching(pair, "0,13-14").selected == (0, 13, 14)
    assert choosing.invert(choosing.select(pair, range(1, 15))).selected == (0,)
    assert choosing.select_neighbours(choosing.select(pair, [0])).selected == (0, 1, 5, 6)
    assert choosing.select_none(choosing.select_all(pair)).selected == ()


def test_only_the_ring_of_a_chosen_atom_is_chosen() -> None:
    biaryl = open_text("c1ccccc1-c1ccncc1")
    assert choosing.select_ring(choosing.select(biaryl, [1])).selected == tuple(range(6))
    assert len(choosing.select_ring(biaryl).selected) == 12


def test_choices_that_name_nothing_are_refused(pair: Document) -> None:
    with pytest.raises(GpffError, match="There is no O in this structure; it has H C N"):
        choosing.select_element(pair, "O")
    with pytest.raises(GpffError, match="None of the chosen atoms is in a ring"):
        choosing.select_ring(choosing.select(pair, [13]))
    with pytest.raises(GpffError, match="There is no ring"):
        choosing.select_ring(open_text("CC"))
    with pytest.raises(GpffError, match="No atom is chosen"):
        choosing.select_fragment(pair, [])


def test_frozen_pieces_count_only_bonds_between_frozen_atoms(pair: Document) -> None:
    assert frozen_pieces(edits.freeze(pair, [0, 1, 3, 12, 13])) == [(0, 1), (3,), (12, 13)]


def test_measures_are_those_of_geometry() -> None:
    ethane = open_text("CC")
    picked = choosing.select(ethane, [2, 0, 1, 5])
    assert measure(choosing.select(ethane, [0, 1])).value == pytest.approx(1.51, abs=0.03)
    assert measure(choosing.select(ethane, [2, 0, 1])).value == pytest.approx(110.5, abs=2)
    assert abs(abs(measure(picked).value) % 120 - 60) < 3
    assert measure(choosing.select(ethane, [0])) is None


@pytest.mark.parametrize(("picked", "value"), [((0, 1), 1.8), ((2, 0, 1), 95.0), ((2, 0, 1, 5), -33.0)])
def test_measures_are_set_by_moving_one_side(picked: tuple[int, ...], value: float) -> None:
    before = choosing.select(open_text("CC"), picked)
    after = set_measure(before, value)
    assert measure(after).value == pytest.approx(value, abs=1e-3)
    near = [0, 2, 3, 4]
    assert after.positions[near].tobytes() == before.positions[near].tobytes()
    far = [1, 5, 6, 7]
    inner = [np.linalg.norm(x.positions[far][:, None] - x.positions[far][None], axis=2) for x in (before, after)]
    assert inner[0] == pytest.approx(inner[1], abs=1e-5)


@pytest.mark.parametrize("turn", [-150, -60, 45, 170])
def test_the_sign_of_a_dihedral_is_iupacs(turn: float) -> None:
    """Looking from the first atom's bond along the middle one, clockwise is positive; RDKit says the same."""
    there = np.radians(turn)
    x = [[1, 0, 0], [0, 0, 0], [0, 0, 1.4], [np.cos(there), np.sin(there), 1.4]]
    measured = measure(document("chain", [1, 8, 8, 1], x, selected=(0, 1, 2, 3))).value
    conformer = Chem.Conformer(4)
    conformer.SetPositions(np.array(x))
    assert measured == pytest.approx(rdMolTransforms.GetDihedralDeg(conformer, 0, 1, 2, 3), abs=1e-4)
    assert measured == pytest.approx(turn, abs=1e-4)


def test_a_measure_between_two_molecules_moves_the_second_as_a_whole(pair: Document) -> None:
    before = choosing.select(pair, [0, 12])
    after = set_measure(before, 4.0)
    assert measure(after).value == pytest.approx(4, abs=1e-4)
    assert after.positions[:12].tobytes() == before.positions[:12].tobytes()
    moved = after.positions[12:] - before.positions[12:]
    assert moved == pytest.approx(np.tile(moved[0], (3, 1)), abs=1e-5)


@pytest.mark.parametrize(
    ("picked", "value", "sentence"),
    [((0, 1), 2.0, "part of a ring"), ((0, 3), 2.0, "not bonded"), ((0, 6), 0.1, "0.5 to 100"), ((0,), 1.0, "two")],
)
def test_measures_that_cannot_be_set_are_refused(
    benzene: Document, picked: tuple[int, ...], value: float, sentence: str
) -> None:
    with pytest.raises(GpffError, match=sentence):
        set_measure(choosing.select(benzene, picked), value)
