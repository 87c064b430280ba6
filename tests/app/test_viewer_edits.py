"""Edits reach a page once and in order, whatever the network between does; models are checked before they are shown."""

import numpy as np
import pytest

from gpff_app.viewer import Model3D, _Inbox, selection_after
from gpff_core.errors import GpffError


def edits(*ops: str, first: int = 1) -> list[dict]:
    return [{"op": op, "seq": first + place} for place, op in enumerate(ops)]


def test_an_edit_that_is_sent_again_is_dealt_with_once() -> None:
    inbox, done = _Inbox(), []
    inbox.take(edits("select", "move"), done.append)
    inbox.take(edits("select", "move", "key"), done.append)
    assert [edit["op"] for edit in done] == ["select", "move", "key"]
    assert inbox.answered == 3


def test_a_drag_that_is_overtaken_is_left_out() -> None:
    inbox, done = _Inbox(), []
    inbox.take(edits("drag", "drag-shape", "move", "drag"), done.append)
    assert [edit["op"] for edit in done] == ["move", "drag"]


def test_an_edit_that_fails_is_not_tried_again() -> None:
    inbox = _Inbox()

    def refuse(edit: dict) -> None:
        raise ValueError(edit["op"])

    with pytest.raises(ValueError, match="move"):
        inbox.take(edits("move"), refuse)
    assert inbox.answered == 1


@pytest.mark.parametrize(
    ("edit", "picked"),
    [
        ({"op": "select", "atom": 1, "atoms": [3, 1]}, {1, 3}),
        ({"op": "fragment", "atom": 1, "add": False, "atoms": [0, 1]}, {0, 1}),
        ({"op": "key", "name": "none", "atoms": []}, set()),
        ({"op": "key", "name": "delete", "atoms": [1]}, None),
        ({"op": "move", "atoms": [1], "positions": [[0, 0, 0]]}, None),
    ],
)
def test_what_is_picked_after_an_edit(edit: dict, picked: set[int] | None) -> None:
    assert selection_after(edit) == picked


def test_a_model_names_only_atoms_it_has_and_they_are_somewhere() -> None:
    assert Model3D("nothing", (), []).positions.shape == (0, 3)
    with pytest.raises(GpffError, match="Atom 2 is named, but the model has only 2 atoms"):
        Model3D("water", ("O", "H"), np.zeros((2, 3)), frozen=frozenset({2}))
    with pytest.raises(GpffError, match="2 finite triples are needed"):
        Model3D("water", ("O", "H"), np.zeros((3, 3)))
    with pytest.raises(GpffError, match="2 finite triples are needed"):
        Model3D("water", ("O", "H"), np.full((2, 3), np.nan))
