"""Pulling at a molecule: what the hand, the network, the way back and the frozen atoms do, on the shipped network."""

import json

import numpy as np
import pytest

from gpff_app.real_time.desk import MOST_UNDOS, Desk
from gpff_app.real_time.document import Blob, Document
from gpff_app.real_time.relaxing import Manner, look, relax, settle
from gpff_app.real_time.session import document_of_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_path

LACTONE = "CC1CC(=O)OC1CO"
METHYL = 0


@pytest.fixture(scope="module")
def trained() -> Checkpoint:
    return load_checkpoint(checkpoint_path(DEFAULT_CHECKPOINT))


@pytest.fixture
def desk(trained: Checkpoint) -> Desk:
    return Desk.with_document(trained, document_of_smiles(LACTONE))


def smiles(document: Document) -> str:
    return verdict(document.composition.numbers, document.positions).smiles


def drag(atom: int, place: np.ndarray, op: str = "drag") -> dict:
    return {"op": op, "seq": 1, "atoms": [atom], "positions": [place.tolist()]}


def outwards(desk: Desk, atom: int, far: float) -> np.ndarray:
    place = desk.document.positions[atom].astype(float)
    return place + far * place / np.linalg.norm(place)


def test_a_shaken_molecule_relaxes_to_itself(desk: Desk) -> None:
    start = desk.document
    rough = start.positions + np.random.default_rng(0).normal(scale=0.15, size=start.positions.shape).astype(np.float32)
    relaxed = relax(desk.field, start.composition, rough, manner=Manner(calls=8))
    assert smiles(start.at(rough)) != LACTONE
    assert smiles(start.at(relaxed.positions)) == smiles(start)
    assert relaxed.sigma < 0.2 * look(desk.field, start.composition, rough).sigma


def test_pinned_atoms_come_out_bit_for_bit_and_the_others_settle(desk: Desk) -> None:
    start, pinned = desk.document, (1, 4, 9)
    rough = start.positions + np.random.default_rng(1).normal(scale=0.1, size=start.positions.shape).astype(np.float32)
    relaxed = settle(desk.field, start.composition, rough, pinned, 30)
    assert np.array_equal(relaxed.positions[list(pinned)], rough[list(pinned)])
    free = [i for i in range(len(rough)) if i not in pinned]
    assert (np.linalg.norm(relaxed.positions[free] - rough[free], axis=1) > 0.01).all()
    assert relaxed.n_calls < 30, "it ends when nothing moves any more"
    assert not relaxed.forces[list(pinned)].any(), "what cannot move has no force left on it"
    assert relaxed.forces[free].any()
    seen = look(desk.field, start.composition, relaxed.positions, pinned)
    assert (seen.sigma, seen.forces.tolist()) == (relaxed.sigma, relaxed.forces.tolist())


def test_forces_and_noise_are_those_of_the_atoms_that_are_free(desk: Desk) -> None:
    """A frozen atom that is far from where it belongs: the picture shows what that does to the others."""
    desk.handle({"op": "select", "seq": 1, "atoms": [METHYL]})
    desk.freeze()
    assert not desk.relaxed.forces[METHYL].any()
    assert desk.relaxed.forces[1].any()


def test_what_the_hand_holds_is_where_the_hand_is_and_the_rest_follows(desk: Desk) -> None:
    before = desk.document.positions
    place = outwards(desk, METHYL, 0.8)
    desk.handle(drag(METHYL, place))
    after = desk.document.positions
    assert np.array_equal(after[METHYL], place.astype(np.float32))
    assert smiles(desk.document) == smiles(document_of_smiles(LACTONE))
    assert np.linalg.norm(after.mean(0) - before.mean(0)) > 0.4, "the molecule comes along"


def test_without_holding_the_atom_slips_back(desk: Desk) -> None:
    place = outwards(desk, METHYL, 0.8)
    desk.manner = Manner(hold=False)
    desk.handle(drag(METHYL, place))
    assert np.linalg.norm(desk.document.positions[METHYL] - place) > 0.2


def test_one_pull_is_one_undo_however_many_pictures_it_had(desk: Desk) -> None:
    before = desk.document
    for far in (0.2, 0.4, 0.6):
        desk.handle(drag(METHYL, outwards(desk, METHYL, far)))
    desk.handle(drag(METHYL, desk.document.positions[METHYL], op="move"))
    after = desk.document
    desk.handle({"op": "key", "name": "undo", "seq": 2, "atoms": []})
    assert desk.document is before
    assert not desk.history.past
    desk.handle({"op": "key", "name": "redo", "seq": 3, "atoms": []})
    assert desk.document is after
    desk.handle(drag(METHYL, outwards(desk, METHYL, 0.2)))
    desk.handle({"op": "key", "name": "undo", "seq": 4, "atoms": []})
    assert desk.document is after, "the next pull is another edit"


def test_frozen_atoms_stay_bit_for_bit_also_in_the_hand(desk: Desk) -> None:
    before = desk.document.positions
    desk.handle({"op": "select", "seq": 1, "atom": 3, "atoms": [METHYL, 3]})
    desk.handle({"op": "key", "name": "freeze", "seq": 2, "atoms": [METHYL, 3]})
    assert desk.document.frozen == {METHYL, 3}
    desk.handle(drag(METHYL, outwards(desk, METHYL, 1.0), op="move"))
    assert "Frozen atoms stay where they are" in desk.problem
    assert np.array_equal(desk.document.positions, before)
    both = {"op": "move", "seq": 3, "atoms": [METHYL, 6], "positions": (before[[METHYL, 6]] + 0.3).tolist()}
    desk.handle(both)
    assert np.array_equal(desk.document.positions[[METHYL, 3]], before[[METHYL, 3]])
    assert not np.array_equal(desk.document.positions[6], before[6])
    assert desk.problem == ""
    desk.freeze()
    assert desk.document.frozen == frozenset()


def test_a_jump_keeps_what_is_frozen_and_ends_in_rest(desk: Desk) -> None:
    desk.selected = frozenset({0, 1, 2})
    desk.freeze()
    before = desk.document.positions
    desk.jump()
    assert np.array_equal(desk.document.positions[:3], before[:3])
    assert desk.relaxed.sigma < 0.01
    assert desk.relaxed is desk.relaxed


def test_shaking_gives_another_picture_every_time_and_plain_relaxation_the_same(desk: Desk) -> None:
    start = desk.document
    pictures = []
    for shaking in (0.6, 0.6, 0.0, 0.0):
        desk.manner = Manner(calls=2, shaking=shaking)
        desk.history = desk.history.edited(start)
        desk.shake()
        pictures.append(desk.document.positions)
    assert np.abs(pictures[0] - pictures[1]).max() > 0.05
    assert np.array_equal(pictures[2], pictures[3])


def test_atoms_are_denoised_out_of_a_cloud_wherever_it_is_dragged(desk: Desk) -> None:
    methyl = [METHYL, *_hydrogens_of(desk.document, METHYL)]
    desk.selected = frozenset(range(len(desk.document.composition))) - set(methyl)
    desk.freeze()
    scaffold = sorted(desk.document.frozen)
    before = desk.document.positions
    desk.selected = frozenset(methyl)
    desk.make_blob(0.5)
    assert desk.blob is not None
    assert desk.blob.atoms == tuple(sorted(methyl))
    goal = desk.blob.centre + np.array([0.0, 0.0, 1.5])
    desk.handle({"op": "drag-shape", "seq": 1, "id": "blob", "centre": goal.tolist()})
    desk.handle({"op": "move-shape", "seq": 2, "id": "blob", "centre": goal.tolist()})
    after = desk.document.positions
    assert np.array_equal(after[scaffold], before[scaffold])
    assert np.abs(after[methyl] - before[methyl]).max() > 0.1, "its atoms come out of the cloud"
    assert desk.relaxed.sigma < 0.1, "and are part of the molecule again"
    desk.undo()
    assert np.array_equal(desk.document.positions, before), "one pull is one undo"
    assert desk.blob is not None
    assert np.linalg.norm(desk.blob.centre - goal) == pytest.approx(1.5), "the cloud goes back with its atoms"
    desk.redo()
    assert np.allclose(desk.blob.centre, goal)
    assert np.array_equal(desk.document.positions, after)
    desk.undo()
    desk.undo()
    assert desk.blob is None, "making the cloud was an edit, too"


def test_a_cloud_ends_when_its_atoms_are_frozen(desk: Desk) -> None:
    desk.selected = frozenset({0, 1})
    desk.make_blob(0.5)
    desk.selected = frozenset({3})
    desk.freeze()
    assert desk.blob is not None
    desk.selected = frozenset({1})
    desk.freeze()
    assert desk.blob is None


def test_a_cloud_needs_free_atoms(desk: Desk) -> None:
    with pytest.raises(GpffError, match="No free atom is picked"):
        desk.make_blob(0.8)
    frozen = desk.document.toggled([2])
    with pytest.raises(GpffError, match="No free atom is picked"):
        Blob.around(frozen, [2], 0.8)


def test_deleting_renumbers_and_edits_of_the_old_molecule_are_left_out(desk: Desk) -> None:
    n_atoms = len(desk.document.composition)
    desk.selected = frozenset({5})
    desk.freeze()
    desk.handle({"op": "select", "seq": 1, "atom": 1, "atoms": [0, 1]})
    desk.handle({"op": "key", "name": "delete", "seq": 2, "atoms": [0, 1]})
    assert len(desk.document.composition) == n_atoms - 2
    assert desk.document.frozen == {3}
    after = desk.document
    desk.handle(drag(n_atoms - 1, np.zeros(3)))
    assert desk.document is after
    desk.handle(drag(0, np.array([1e9, 0, 0])))
    assert desk.document is after, "nor is an atom thrown out of the world"
    desk.selected = frozenset(range(n_atoms - 2))
    with pytest.raises(GpffError, match="leave at least one"):
        desk.delete()


def test_a_document_survives_json_to_the_last_bit(desk: Desk) -> None:
    document = desk.document.toggled([1, 2])
    again = Document.from_json(json.loads(json.dumps(document.as_json())))
    assert np.array_equal(again.positions, document.positions)
    assert (again.name, again.composition, again.frozen) == (document.name, document.composition, document.frozen)
    for damage in ({"frozen": [99]}, {"numbers": [6]}, {"positions": "far away"}, {"numbers": None}):
        with pytest.raises(GpffError):
            Document.from_json(document.as_json() | damage)


def test_what_the_network_does_not_know_is_refused(trained: Checkpoint) -> None:
    chlorine = Document("HCl", parse_formula("HCl"), np.array([[0, 0, 0], [0, 0, 1.27]], np.float32))
    with pytest.raises(GpffError, match="Cl cannot be generated"):
        Desk.with_document(trained, chlorine)
    with pytest.raises(GpffError, match="1 to 30"):
        Manner(calls=0)
    with pytest.raises(GpffError, match="λ is 9 Å"):
        Manner(shaking=9)


def _hydrogens_of(document: Document, atom: int) -> list[int]:
    distances = np.linalg.norm(document.positions - document.positions[atom], axis=1)
    return [i for i, z in enumerate(document.composition.numbers) if z == 1 and distances[i] < 1.2]


def test_two_hundred_pulls_can_be_taken_back(desk: Desk) -> None:
    start = desk.document
    for _ in range(MOST_UNDOS + 5):
        desk.selected = frozenset({3})
        desk.freeze()
    assert len(desk.history.past) == MOST_UNDOS == 200
    assert start not in desk.history.past, "the oldest are forgotten"
