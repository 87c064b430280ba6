"""The gallery of results: a component with one card a molecule, to look at and to select from."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import streamlit as st

from gpff_app.component import component
from gpff_app.drawing import drawing
from gpff_core.chemistry.novelty import Novelty
from gpff_core.samples import Sample

_show = component("gallery")

_NOVELTY_TEXT: Final = {
    Novelty.NOVEL: "new: not in the training data",
    Novelty.KNOWN: "known: in the training data",
    Novelty.UNDETERMINED: "",
}


def gallery(
    samples: Sequence[Sample],
    unfinished: Collection[int],
    *,
    key: str,
    focus: int | None,
    on_focus: Callable[[int | None], None],
) -> None:
    """Show samples as cards; the indices of those that are ticked are in `st.session_state[key]["selected"]`.

    `unfinished` are the indices of those that a stopped run left on their way: they are not judged.
    `focus` marks the card of the molecule that is shown in 3D, and `on_focus` is called with the one clicked.
    """

    def focus_chosen() -> None:
        on_focus(st.session_state[key]["focus"]["molecule"])

    _show(
        key=key,
        data={"cards": cards(samples, unfinished), "focus": focus},
        default={"selected": []},
        on_selected_change=lambda: None,
        on_focus_change=focus_chosen,
    )


def cards(samples: Sequence[Sample], unfinished: Collection[int] = ()) -> list[dict[str, Any]]:
    """What each card says; the second of two equal molecules names the first."""
    first: dict[str, int] = {}
    described = []
    for sample in samples:
        smiles = sample.verdict.smiles
        same_as = first.setdefault(smiles, sample.index) if sample.verdict.valid else sample.index
        described.append(
            {
                "index": sample.index,
                "valid": sample.verdict.valid,
                "unfinished": sample.index in unfinished,
                "smiles": smiles,
                "reason": sample.verdict.reason,
                "novel": sample.novelty is Novelty.NOVEL,
                "novelty": _NOVELTY_TEXT[sample.novelty],
                "sameAs": None if same_as == sample.index else same_as,
                "scaffold": sample.scaffold if sample.verdict.valid else "",
                "drawing": drawing(smiles) if sample.verdict.valid else "",
            }
        )
    return described
