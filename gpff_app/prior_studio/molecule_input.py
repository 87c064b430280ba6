"""A known molecule as the source of a prior: handed over from another page, as SMILES, or as a file."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from gpff_app.prior_studio.kind import Panel
from gpff_app.prior_studio.uploads import MOLECULE_TYPES, molecule_of
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure


def molecule_input(panel: Panel, settings_of: Callable[[Structure, str], Mapping[str, Any]], *, key: str) -> None:
    """Draw the ways to give a molecule; `settings_of(molecule, its name)` goes into the design."""
    if panel.molecule is not None:
        name, molecule = panel.molecule
        st.button(
            f"Take {plain(name)}, which was handed over",
            key=f"{key} handed over",
            on_click=lambda: panel.attempt(lambda: settings_of(molecule, name)),
        )
    smiles, file = f"{key} smiles", f"{key} molecule"

    def take_smiles() -> None:
        text = st.session_state[smiles].strip()
        if text:
            panel.attempt(lambda: settings_of(Structure(*structure_from_smiles(text)), text))

    def take_file() -> None:
        uploaded = st.session_state[file]
        if uploaded is not None:
            panel.attempt(lambda: _of_file(uploaded, settings_of))

    st.text_input(
        "SMILES",
        key=smiles,
        placeholder="for example c1ccccc1C, then Enter",
        on_change=take_smiles,
        help="A 3D geometry is made by RDKit (ETKDG and MMFF94s).",
    )
    st.file_uploader(
        "or a file",
        type=MOLECULE_TYPES,
        max_upload_size=settings().max_upload_mb,
        key=file,
        on_change=take_file,
        help="The first molecule of the file is taken.",
    )


def _of_file(uploaded: Any, settings_of: Callable[[Structure, str], Mapping[str, Any]]) -> Mapping[str, Any]:
    name, molecule = molecule_of(uploaded)
    return settings_of(molecule, name)


def require_room(molecule: Structure, most: int, what: str) -> None:
    """Refuse a molecule with more atoms than can be dealt with."""
    if len(molecule.composition) > most:
        raise GpffError(
            f"{what} has {len(molecule.composition)} atoms, and at most {most} can be used; give a smaller molecule."
        )
