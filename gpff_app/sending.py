"""Where a molecule can go from here: buttons that open another page with it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import streamlit as st

from gpff_app import handover
from gpff_core.formats.structures import Structure


@dataclass(frozen=True)
class Destination:
    """A page that can do something with a molecule."""

    page: str
    text: str
    icon: str
    explanation: str


DESTINATIONS: Final = (
    Destination("scaffold_editor", "Grow on it", ":material/construction:", "Freeze atoms, generate the rest anew."),
    Destination("generate", "Vary it", ":material/shuffle:", "Start others from this very molecule, with some noise."),
    Destination("real_time", "Pull at it", ":material/touch_app:", "Drag atoms while the molecule relaxes."),
    Destination("prior_studio", "Take its shape", ":material/blur_on:", "Start others from a cloud shaped so."),
)


def send_buttons(structure: Structure, name: str, *, key: str, frozen: Collection[int] = ()) -> None:
    """A row of small buttons, one a destination, where the molecule is called `name` and `frozen` atoms stay so."""
    with st.container(horizontal=True, gap="xsmall"):
        for place in DESTINATIONS:
            if st.button(place.text, icon=place.icon, help=place.explanation, key=f"{key} to {place.page}"):
                handover.send(place.page, structure=structure, name=name, frozen=frozenset(frozen))
