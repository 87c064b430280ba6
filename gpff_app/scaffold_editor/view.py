"""The 3D view of the document, and what is done with what a hand does in it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from gpff_app.scaffold_editor import choosing, edits, state
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.measures import measure
from gpff_app.scaffold_editor.ordering import CLOUD
from gpff_app.text import plain
from gpff_app.viewer import Model3D, viewer

HEIGHT: Final = 520


def editor_view(document: Document, shapes: list[dict[str, Any]]) -> None:
    """The document in 3D; every edit made there changes it."""
    model = Model3D(
        document.origin,
        document.symbols,
        document.positions,
        document.bonds,
        document.frozen,
        frozenset(document.selected),
    )
    if document.attachment is not None:
        here = document.positions[document.attachment].tolist()
        shapes = [*shapes, {"kind": "marker", "centre": here, "label": "grows here", "tint": "mark"}]
    viewer(
        model=model,
        key="scaffold model",
        editing=True,
        on_edit=edited,
        click_freezes=_click_freezes(),
        keys_for=document.origin if state.note() else "",
        shapes=shapes,
        height=HEIGHT,
    )


def status(document: Document) -> None:
    """A line: what was refused, else what is edited, what is chosen, and what that measures; and what was noted."""
    if said := state.said():
        st.markdown(f":red[:material/error: {plain(said)}]", width="stretch")
        return
    words = [f"**{plain(document.name)}**", document.composition.formula]
    words.append(f"{len(document.frozen)} of {len(document)} atoms frozen")
    if not document.source.is_valid:
        words.append(":material/warning: not a valid molecule as it stands")
    if document.selected:
        words.append(f"chosen: {_names(document)}")
    if (now := measure(document)) is not None:
        words.append(f"{now.name.lower()} {now.value:.2f} Å" if now.unit == "Å" else f"{now.value:.1f}°")
    line = " · ".join(words)
    if noted := state.note():
        line = f"{line}  \n:small[{plain(noted)}]"
    st.markdown(line, width="stretch", help="Atoms are counted from 0." if document.selected else None)


def edited(edit: Mapping[str, Any]) -> None:
    """Do to the document what was done in the viewer."""
    if (do := _EDITS.get(edit["op"])) is not None:
        do(edit)


def _names(document: Document) -> str:
    shown = ", ".join(document.label(atom) for atom in document.selected[:4])
    return shown if len(document.selected) <= 4 else f"{len(document.selected)} atoms"


def _click_freezes() -> bool:
    return st.session_state.get(state.key("click")) == "freezes"


def _select(edit: Mapping[str, Any]) -> None:
    """What is clicked is chosen, also where a click freezes: so Delete, Grow here and Add know what is meant."""
    if _click_freezes() and edit["atom"] is not None:
        state.change(lambda document: choosing.select(edits.toggle_frozen(document, [edit["atom"]]), edit["atoms"]))
    else:
        state.change(choosing.select, edit["atoms"])


def _fragment(edit: Mapping[str, Any]) -> None:
    if _click_freezes():
        state.change(_freeze_fragment, edit["atom"])
    state.change(choosing.select, edit["atoms"])


def _freeze_fragment(document: Document, atom: int) -> Document:
    """All of the fragment becomes as the first of the two clicks has made the atom."""
    atoms = choosing.select_fragment(document, [atom]).selected
    alike = edits.freeze if atom in document.frozen else edits.free
    return alike(document, atoms)


def _move(edit: Mapping[str, Any]) -> None:
    state.change(edits.move, edit["atoms"], edit["positions"])


def _move_shape(edit: Mapping[str, Any]) -> None:
    if edit["id"] == CLOUD:
        state.change(edits.move_cloud, edit["centre"])


def _key(edit: Mapping[str, Any]) -> None:
    name, atoms = edit["name"], edit["atoms"]
    if name in ("undo", "redo"):
        {"undo": state.undo, "redo": state.redo}[name]()
    elif name in ("all", "invert", "none"):
        state.change(choosing.select, atoms)
    else:
        state.change(choosing.select, atoms)
        state.change_selected({"delete": edits.delete, "freeze": edits.toggle_frozen}[name])


_EDITS: Final[dict[str, Callable[[Mapping[str, Any]], None]]] = {
    "select": _select,
    "fragment": _fragment,
    "move": _move,
    "move-shape": _move_shape,
    "key": _key,
}
