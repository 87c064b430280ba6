"""The editor's document and its history: what they keep, what they refuse, what can be taken back."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gpff_app.history import MOST_STEPS, History
from gpff_app.scaffold_editor.choosing import select, select_all
from gpff_app.scaffold_editor.document import FARTHEST, Document, document, document_from_json
from gpff_app.scaffold_editor.edits import attach, delete, freeze, move_cloud
from gpff_app.scaffold_editor.steps import after, history_as_json, history_from_json
from gpff_core.errors import GpffError


@given(arrays(np.float32, (4, 3), elements=st.floats(-99, 99, width=32)), st.frozensets(st.integers(0, 3)))
def test_json_brings_a_document_back_to_the_last_bit(positions: np.ndarray, frozen: frozenset[int]) -> None:
    before = document("any name", [6, 1, 8, 7], positions, frozen=frozen, selected=(3, 0))
    after = document_from_json(json.loads(json.dumps(before.as_json())))
    assert after == before
    assert after.positions.tobytes() == positions.tobytes()


def test_attachment_and_moved_cloud_survive_json(benzene: Document) -> None:
    before = move_cloud(attach(benzene, 3), (0.1, -2.5, 1e-3))
    assert document_from_json(json.loads(json.dumps(before.as_json()))) == before


DAMAGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "not an object": lambda given: 3,
    "a part missing": lambda given: {k: v for k, v in given.items() if k != "frozen"},
    "coordinates that are not base64": lambda given: given | {"coordinates": "<img onerror=x>"},
    "too few coordinates": lambda given: given | {"coordinates": given["coordinates"][:16]},
    "an atom that is not there": lambda given: given | {"frozen": [99]},
    "an atom chosen twice": lambda given: given | {"selected": [1, 1]},
    "an atom that is no number": lambda given: given | {"selected": ["1"]},
    "truth for a number": lambda given: given | {"numbers": [True] * 12},
    "an unknown element": lambda given: given | {"numbers": [200] * 12},
    "an attachment point that is free": lambda given: given | {"attachment": 1},
    "a cloud with two coordinates": lambda given: given | {"cloud": [1.0, 2.0]},
    "a cloud that is nowhere": lambda given: given | {"cloud": [1.0, 2.0, float("nan")]},
    "a huge number": lambda given: given | {"cloud": [1.0, 2.0, 10 * FARTHEST]},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_document_is_refused_in_a_sentence(benzene: Document, damage: Callable[..., object]) -> None:
    with pytest.raises(GpffError, match=r"^[A-Z0-9].*\.$"):
        document_from_json(damage(benzene.as_json()))


def test_infinite_coordinates_and_crowds_are_refused() -> None:
    with pytest.raises(GpffError, match="within 1000 Å"):
        document("x", [6], [[0, 0, np.inf]])
    with pytest.raises(GpffError, match="at most 200"):
        document("x", [6] * 201, np.zeros((201, 3)))


def test_bonds_are_perceived_with_their_orders(benzene: Document, pair: Document) -> None:
    assert sorted(order for a, b, order in benzene.bonds if max(a, b) < 6) == [1, 1, 1, 2, 2, 2]
    assert (12, 13, 3) in pair.bonds, "each molecule of several has its bond orders"
    assert benzene.neighbours(6) == [0]


def test_undo_and_redo_walk_the_same_way_back_and_forth(benzene: Document) -> None:
    steps = [benzene, freeze(benzene, [0]), freeze(benzene, [0, 1]), delete(benzene, [11])]
    history = History(steps[0])
    for step in steps[1:]:
        history = after(history, step)
    back = [history := history.undone() for _ in steps]
    assert [each.present for each in back] == [steps[2], steps[1], steps[0], steps[0]]
    forth = [history := history.redone() for _ in steps]
    assert [each.present for each in forth] == [steps[1], steps[2], steps[3], steps[3]]


def test_a_new_edit_forgets_what_was_taken_back(benzene: Document) -> None:
    history = after(after(History(benzene), freeze(benzene, [0])).undone(), freeze(benzene, [5]))
    assert history.redone() == history
    assert history.undone().present == benzene


def test_choosing_atoms_is_no_step_and_forgets_nothing(benzene: Document) -> None:
    history = after(History(benzene), freeze(benzene, [0])).undone()
    chosen = after(history, select_all(benzene))
    assert chosen.present.selected == tuple(range(12))
    assert chosen.undone() == chosen
    assert chosen.redone().present.frozen == {0}


def test_chosen_atoms_can_be_deleted_and_brought_back(benzene: Document) -> None:
    chosen = after(History(benzene), select(benzene, [11]))
    history = after(chosen, delete(chosen.present, [11]))
    assert len(history.present) == 11
    assert history.undone().present == chosen.present


def test_history_is_bounded_and_survives_json(benzene: Document) -> None:
    history = History(benzene)
    for place in range(MOST_STEPS + 10):
        history = after(history, move_cloud(benzene, (place, 0, 0)))
    history = history.undone().undone()
    assert len(history.past) == MOST_STEPS - 2
    text = json.dumps(history_as_json(history))
    assert history_from_json(json.loads(text)) == history
    assert len(text) < 100_000


@pytest.mark.parametrize("given", [None, [], {}, {"present": {}, "past": [], "future": []}, {"past": 1, "future": []}])
def test_a_damaged_history_is_refused_in_a_sentence(given: object) -> None:
    with pytest.raises(GpffError, match="damaged; open the structure again"):
        history_from_json(given)


def test_documents_are_not_changed_by_edits(benzene: Document) -> None:
    before = replace(benzene)
    select(freeze(benzene, [1]), [2])
    assert benzene == before
    with pytest.raises(ValueError, match="read-only"):
        benzene.positions[0] = 0
