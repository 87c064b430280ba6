"""Where a browser session keeps its desk. The molecule itself is a kept value: session files and links hold it."""

from typing import Any, Final

import streamlit as st

from gpff_app import handover, kept
from gpff_app.real_time.desk import Desk
from gpff_app.real_time.document import Document
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.formats.structures import Structure
from gpff_core.networks.checkpoint import Checkpoint

PAGE: Final = "real_time"
FIRST_SMILES: Final = "Cc1ccccc1O"

_DESK: Final = "real_time desk"
_WRITTEN: Final = "real_time molecule as last written"


def current_desk(field: Checkpoint) -> Desk:
    """The desk with what is on it: handed over, restored, or a molecule to begin with; GpffError if it cannot be."""
    if "structure" in (given := handover.take(PAGE)):
        _receive(field, Document.of(given["structure"], given.get("name", ""), given.get("frozen", ())))
    desk: Desk | None = st.session_state.get(_DESK)
    saved: dict[str, Any] | None = st.session_state.get(_molecule())
    if saved is not None and saved != st.session_state.get(_WRITTEN):  # a session or a link was opened
        desk = begin(field, Document.from_json(saved))
    if desk is None:
        desk = begin(field, document_of_smiles(FIRST_SMILES))
    if desk.field is not field:
        desk = begin(field, desk.document)
    return desk


def begin(field: Checkpoint, document: Document) -> Desk:
    """Put another molecule on the desk; GpffError, and the old one stays, if the network cannot take it."""
    desk: Desk | None = st.session_state.get(_DESK)
    if desk is None or desk.field is not field:
        desk = st.session_state[_DESK] = Desk.with_document(field, document)
    else:
        desk.begin(document)
    save(desk)
    return desk


def _receive(field: Checkpoint, document: Document) -> None:
    """Take what another page handed over: with the way back where it is the molecule that was here before."""
    desk: Desk | None = st.session_state.get(_DESK)
    if desk is None or desk.field is not field or not document.is_same_molecule(desk.document):
        begin(field, document)
    else:
        desk.take(document)
        save(desk)


def save(desk: Desk) -> None:
    """Let session files and links hold the molecule as it is now."""
    st.session_state[_WRITTEN] = st.session_state[_molecule()] = desk.document.as_json()


def document_of_smiles(smiles: str) -> Document:
    return Document.of(Structure(*structure_from_smiles(smiles)), smiles.strip())


def _molecule() -> str:
    return kept.key(PAGE, "molecule")
