"""The motif: a known molecule or fragment, heated a little or a lot."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.prior_studio import point_sets
from gpff_app.prior_studio.controls import heat
from gpff_app.prior_studio.kind import Design, Kind, Panel, Picture
from gpff_app.prior_studio.molecule_input import molecule_input, require_room
from gpff_app.text import plain
from gpff_core.chemistry.formulas import MAX_ATOMS
from gpff_core.formats.structures import Structure, structure
from gpff_core.molecules import Composition
from gpff_core.priors import Motif, Prior

_BENZENE: Final = [
    (round(1.395 * np.cos(k), 4) + 0.0, round(1.395 * np.sin(k), 4) + 0.0, 0.0) for k in np.pi / 3 * np.arange(6)
]


def of_molecule(molecule: Structure, name: str) -> Mapping[str, Any]:
    """A molecule as it is, about the origin."""
    require_room(molecule, MAX_ATOMS, "The motif")
    centred = molecule.positions - molecule.positions.mean(0)
    return {
        "name": name[:40],
        "numbers": list(molecule.composition.numbers),
        "positions": point_sets.rows(centred),
    }


def places_taken(numbers: Sequence[int], composition: Composition) -> int:
    """How many atoms of a molecule find an atom of the motif (of the same element) whose place they take."""
    return (Counter(numbers) & Counter(composition.numbers)).total()


def _build(design: Design) -> Prior:
    composition = Composition(tuple(int(number) for number in design["numbers"]))
    return Motif.from_structure(composition, design["positions"], float(design["sigma"]))


def _controls(panel: Panel) -> None:
    design = panel.design
    formula = Composition(tuple(design["numbers"])).formula
    st.markdown(f"**{plain(str(design['name']))}** · {formula} · {len(design['numbers'])} atoms")
    heat(
        panel,
        "Noise σ (Å)",
        design["sigma"],
        lambda sigma: {"sigma": sigma},
        key="motif",
        top=3.0,
        low=0.0,
        explanation="0 starts at the structure itself; 0.3 Å makes variations of it; 1.5 Å forgets most of it.",
    )
    n_placed, n_atoms = places_taken(design["numbers"], panel.composition), len(panel.composition)
    st.caption(
        f"{n_placed} of the {n_atoms} atoms of {panel.composition.formula} take the motif's places, element by "
        f"element; {n_atoms - n_placed} find none and start around its centre. To keep atoms exactly where they are, "
        "freeze them in the Scaffold editor instead."
    )
    st.button(f"Try it on {formula}", key="motif formula", on_click=panel.try_on, args=[formula])
    molecule_input(panel, of_molecule, key="motif")


def _picture(design: Design, prior: Prior) -> Picture:
    return Picture(atoms=structure(design["numbers"], design["positions"]))


KIND = Kind(
    label="Known molecule (motif)",
    summary="A molecule or fragment you know, with as much noise as you like: variations on a theme.",
    prior=Motif,
    first=lambda: {
        "name": "benzene ring",
        "numbers": [6] * 6,
        "positions": [list(place) for place in _BENZENE],
        "sigma": 0.3,
    },
    build=_build,
    design_of=lambda prior: {
        "name": "loaded motif",
        "numbers": list(prior.numbers),
        "positions": [list(place) for place in prior.positions],
        "sigma": prior.sigma,
    },
    controls=_controls,
    picture=_picture,
)
