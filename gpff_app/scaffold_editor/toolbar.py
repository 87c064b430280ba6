"""The buttons above the 3D view: one for every edit, with the names that the keys have."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from gpff_app.history import History
from gpff_app.scaffold_editor import choosing, edits, state
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.measures import measure, set_measure
from gpff_app.scaffold_editor.open_panel import draw_button, open_panel
from gpff_app.scaffold_editor.sources import FRAGMENTS, SCAFFOLDS, fragment
from gpff_core.networks.checkpoint import Checkpoint

ELEMENTS: Final = ("C", "N", "O", "H")
_SMARTS: Final = "smarts"
CLICKS: Final = {"freezes": "Freeze", "chooses": "Choose"}


def toolbar(history: History[Document], field: Checkpoint) -> None:
    """Two rows: what chooses atoms, and what is done to them."""
    document = history.present
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        with st.popover("Open", icon=":material/folder_open:", help="Another structure; Undo brings this one back."):
            open_panel(field)
        draw_button()
        _button("Undo", "undo", "Ctrl+Z", state.undo, disabled=not history.past)
        _button("Redo", "redo", "Ctrl+Shift+Z or Ctrl+Y", state.redo, disabled=not history.future)
        st.markdown(":small[Choose]")
        _choosing(document)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.segmented_control(
            "A click",
            list(CLICKS),
            key=state.key("click", first="freezes"),
            persist_state="session",
            required=True,
            format_func=lambda click: f"Click {click}",
            label_visibility="collapsed",
            help="Whether a click in 3D freezes or frees the atom at once, or only chooses it. Either way the buttons "
            "beside this act on the atom that was clicked; Shift-click for several.",
        )
        _doing(document)


def _choosing(document: Document) -> None:
    _button("All", None, "Ctrl+A", lambda: state.change(choosing.select_all))
    _button("Invert", None, "Ctrl+I", lambda: state.change(choosing.invert), "Choose what is not, and the reverse")
    _button("None", None, "Esc", lambda: state.change(choosing.select_none))
    _button("Ring", None, "", lambda: state.change(choosing.select_ring), "The rings of the chosen atoms, or all rings")
    _button(
        "Fragment",
        None,
        "double-click",
        lambda: state.change(lambda document: choosing.select_fragment(document, document.selected)),
        "All that is connected to the chosen atoms",
    )
    with st.popover("Choose by …", help="By element, SMARTS, indices or neighbours."):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(":small[Element]")
            for symbol in dict.fromkeys(document.symbols):
                st.button(
                    symbol, key=f"element {symbol}", on_click=state.change, args=[choosing.select_element, symbol]
                )
        st.text_input(
            "SMARTS or numbers from 0",
            key=state.fresh(_SMARTS),
            on_change=_choose_matching,
            placeholder="c1ccccc1 or 0,1,4-7",
            help="Press Enter. A SMARTS pattern, or atoms counted from 0 as *Labels* in the view and the command "
            "line's --freeze count them.",
        )
        st.button(
            "Neighbours too",
            key="neighbours",
            on_click=state.change,
            args=[choosing.select_neighbours],
            width="stretch",
        )


def _doing(document: Document) -> None:
    _button("Freeze", "lock", "F", lambda: state.change_selected(edits.freeze), "Keep the chosen atoms where they are")
    _button("Free", "lock_open", "F", lambda: state.change_selected(edits.free), "Let the chosen atoms give way")
    _button(
        "Grow here",
        "anchor",
        "",
        _grow_here,
        "New atoms start beside the chosen atom: the attachment point. A hydrogen gives way, and its neighbour is it",
    )
    _button("Delete", "delete", "Del", lambda: state.change_selected(edits.delete), "Remove the chosen atoms")
    with st.popover("Add", icon=":material/add:", help="An atom or a group."):
        _adding()
    with st.popover("Element", help="Make the chosen atoms another element."):
        for symbol in ELEMENTS:
            st.button(symbol, key=f"become {symbol}", on_click=_become, args=[symbol], width="stretch")
    with st.popover("Move", icon=":material/open_with:", help="By numbers: shift, turn, set a distance or an angle."):
        _moving(document)


def _adding() -> None:
    st.caption("Bonded to the chosen atom; a hydrogen gives way. With none chosen, beside the molecule.")
    with st.container(horizontal=True, gap="xsmall"):
        for symbol in ELEMENTS:
            st.button(f"+ {symbol}", key=f"add {symbol}", on_click=_add_atom, args=[symbol])
    st.selectbox(
        "Group, scaffold or SMILES",
        [*FRAGMENTS, *(name for name in SCAFFOLDS if name not in FRAGMENTS)],
        key="fragment",
        accept_new_options=True,
        help="A SMILES is bonded by its first atom.",
    )
    st.button("Add the group", key="add fragment", on_click=_add_fragment, width="stretch")


def _moving(document: Document) -> None:
    for column, axis in zip(st.columns(3), "xyz", strict=True):
        column.number_input(f"{axis} (Å)", value=0.0, step=0.5, key=f"shift {axis}")
    st.button("Shift the chosen atoms", key="shift", on_click=_shift, width="stretch")
    about, angle = st.columns(2)
    about.selectbox("About", ["x", "y", "z"], key="turn axis", help="An axis through the chosen atoms' centre.")
    angle.number_input("Angle (°)", value=90.0, step=15.0, key="turn angle")
    st.button("Turn the chosen atoms", key="turn", on_click=_turn, width="stretch")
    now = measure(document)
    if now is None:
        st.caption("Choose 2, 3 or 4 atoms to set their distance, angle or dihedral.")
        return
    names = ", ".join(document.label(atom) for atom in document.selected)
    place = f"measure {names} {now.value:.4f}"
    st.number_input(f"{now.name} {names} ({now.unit})", value=round(now.value, 3), step=0.1, key=place)
    st.button(
        f"Set the {now.name.lower()}",
        key="set measure",
        on_click=lambda: state.change(set_measure, st.session_state[place]),
        width="stretch",
        help="The atom picked last moves, with all that hangs on it.",
    )


def _button(
    name: str, icon: str | None, keys: str, action: Callable[[], None], text: str = "", *, disabled: bool = False
) -> None:
    said = f"{text or name} ({keys})" if keys else text
    st.button(
        name,
        icon=f":material/{icon}:" if icon else None,
        key=f"edit {name}",
        help=said,
        on_click=action,
        disabled=disabled,
    )


def _choose_matching() -> None:
    text = st.session_state[state.fresh(_SMARTS)].strip()
    if text and state.attempt(choosing.select_matching, text):
        state.done_with(_SMARTS)


def _grow_here() -> None:
    state.change_selected(lambda document, atoms: edits.attach(document, atoms[-1]))


def _become(symbol: str) -> None:
    state.change_selected(lambda document, atoms: edits.change_element(document, atoms, symbol))


def _add_atom(symbol: str) -> None:
    state.change(lambda document: edits.add_atom(document, symbol, _site(document)))


def _add_fragment() -> None:
    name = st.session_state["fragment"]
    state.change(lambda document: edits.add_fragment(document, fragment(name), _site(document)))


def _site(document: Document) -> int | None:
    return document.selected[-1] if document.selected else None


def _shift() -> None:
    by = [st.session_state[f"shift {axis}"] for axis in "xyz"]
    state.change_selected(lambda document, atoms: edits.shift(document, atoms, by))


def _turn() -> None:
    axis = [float(name == st.session_state["turn axis"]) for name in "xyz"]
    degrees = st.session_state["turn angle"]
    state.change_selected(lambda document, atoms: edits.turn(document, atoms, axis, degrees))
