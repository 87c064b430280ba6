"""Opening a structure: quick starts, names and SMILES, files, drawings."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from gpff_app.scaffold_editor import state
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.quick_starts import QUICK_STARTS, QuickStart
from gpff_app.scaffold_editor.sources import SCAFFOLDS, open_drawing, open_file, open_text
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.errors import GpffError, shown
from gpff_core.formats.structures import MissingHydrogensError
from gpff_core.formats.uploads import STRUCTURE_SUFFIXES
from gpff_core.networks.checkpoint import Checkpoint

try:  # large, and needed by nobody who types SMILES
    from streamlit_ketcher import st_ketcher
except ImportError:
    st_ketcher = None

ADD_HYDROGENS: Final = "Add the missing hydrogens"

_FOUND: Final = "scaffold editor found"  # structures of a file of which one is to be chosen
_NAME, _TEXT, _WHICH = "open name", "open text", "open which"
_BARE: Final = "scaffold editor bare"  # a file whose molecules lack hydrogens
# How many were begun: each has a sheet of its own, or it would open at once.
_DRAWINGS: Final = "scaffold editor drawings"


def quick_starts() -> None:
    """Three cards on the empty page."""
    st.markdown("Start with an example: everything is set, and **Generate** on the left is the one button to press.")
    for column, start in zip(st.columns(len(QUICK_STARTS)), QUICK_STARTS, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{start.title}**")
            st.caption(start.text)
            st.button(
                start.title, icon=start.icon, on_click=_begin, args=[start], key=f"start {start.title}", width="stretch"
            )


def open_panel(field: Checkpoint) -> None:
    """All ways to open something else, for the network to grow on."""
    name, text = st.columns(2)
    name.selectbox(
        "Common scaffold",
        list(SCAFFOLDS),
        index=None,
        placeholder="benzene, pyrazole …",
        key=state.fresh(_NAME),
        on_change=_open_name,
        help="Embedded in 3D by RDKit, with hydrogens.",
    )
    text.text_input(
        "Name or SMILES",
        key=state.fresh(_TEXT),
        on_change=_open_text,
        placeholder="c1ccccc1.C#N",
        help="Press Enter. Molecules separated by a dot are put side by side, for a linker to join.",
    )
    st.file_uploader(
        "File",
        type=[suffix[1:] for suffix in STRUCTURE_SUFFIXES],
        key="open file",
        on_change=_open_file,
        args=[field.elements],
        max_upload_size=settings().max_upload_mb,
        help="SDF, MOL, XYZ, extended XYZ, PDB or CIF of molecules. Atoms keep their order and coordinates.",
    )
    _add_hydrogens()
    _choose()
    if st_ketcher is None:
        st.caption(
            "To draw in 2D here, have `streamlit-ketcher==0.0.1` installed beside the app; until then a SMILES, or a "
            "drawing saved as MOL file, does the same."
        )


def draw_button() -> None:
    """A button that opens an empty sheet to draw on, where that component is installed.

    Not for a popover, which would lie over the sheet.
    """
    if st_ketcher is not None and st.button("Draw in 2D", icon=":material/draw:", key="draw"):
        st.session_state[_DRAWINGS] = st.session_state.get(_DRAWINGS, 0) + 1
        _draw()


def _begin(start: QuickStart) -> None:
    state.open_document(start.make())
    for name, value in start.settings.items():
        st.session_state[state.key(name)] = value


def _open_name() -> None:
    if (name := st.session_state[state.fresh(_NAME)]) is not None and _try(lambda: [open_text(name)]):
        state.done_with(_NAME)


def _open_text() -> None:
    if (text := st.session_state[state.fresh(_TEXT)].strip()) and _try(lambda: [open_text(text)]):
        state.done_with(_TEXT)


def _open_file(elements: tuple[int, ...]) -> None:
    for place in (_FOUND, _BARE):
        st.session_state.pop(place, None)
    if (file := st.session_state["open file"]) is not None:
        _read(file.name, file.getvalue(), elements)


def _read(file_name: str, data: bytes, elements: tuple[int, ...], **how: Any) -> None:
    try:
        _take(open_file(file_name, data, elements, **how))
    except MissingHydrogensError:
        st.session_state[_BARE] = (file_name, data, elements)
        state.say(
            f"Hydrogens are missing in {shown(file_name)}; press {ADD_HYDROGENS!r} below the file to have them put in."
        )
    except GpffError as error:
        state.say(str(error))


def _try(read: Callable[[], list[Document]]) -> bool:
    try:
        _take(read())
    except GpffError as error:
        state.say(str(error))
        return False
    return True


def _take(found: list[Document]) -> None:
    """Open what was found, or offer the choice where it is several."""
    st.session_state.pop(_BARE, None)
    st.session_state[_FOUND] = found if len(found) > 1 else None
    state.done_with(_WHICH)
    state.open_document(found[0])


def _add_hydrogens() -> None:
    if (bare := st.session_state.get(_BARE)) is not None:
        st.button(
            ADD_HYDROGENS,
            icon=":material/add:",
            on_click=_read,
            args=bare,
            kwargs={"add_hydrogens": True},
            key="add hydrogens",
            help="As many as the bonds in the file ask for; the atoms that are there stay where they are.",
        )


def _choose() -> None:
    found: list[Document] | None = st.session_state.get(_FOUND)
    if not found:
        return
    st.selectbox(
        f"The file holds {len(found)} structures",
        range(len(found)),
        format_func=lambda place: f"{place + 1}: {plain(found[place].composition.formula)}",
        key=state.fresh(_WHICH),
        on_change=lambda: state.open_document(found[st.session_state[state.fresh(_WHICH)]]),
    )


@st.dialog("Draw in 2D", width="large")
def _draw() -> None:
    st.caption("**Apply**, below the drawing, opens it in 3D; atoms keep the order in which they were drawn.")
    block = st_ketcher(molecule_format="MOLFILE", height=480, key=f"ketcher {st.session_state[_DRAWINGS]}")
    if not block:
        return
    try:
        _take([open_drawing(block)])
    except GpffError as error:
        st.error(plain(str(error)))
    else:
        st.rerun()
