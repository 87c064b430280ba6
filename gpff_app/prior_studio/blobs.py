"""A few round clouds in space that share the atoms among them; each can be dragged in 3D."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.prior_studio.controls import choices, in_step, temperature
from gpff_app.prior_studio.kind import Design, Kind, Panel, Picture
from gpff_app.prior_studio.pictures import ellipsoid
from gpff_app.prior_studio.tables import table
from gpff_core.errors import GpffError
from gpff_core.priors import Blobs, Prior

COLUMNS: Final = {
    "x (Å)": "Where the blob's centre is.",
    "y (Å)": "Where the blob's centre is.",
    "z (Å)": "Where the blob's centre is.",
    "σ (Å)": "Standard deviation of every coordinate about the centre; its temperature is kT = 2σ².",
    "weight": "Its share of the atoms, relative to the other blobs' weights.",
}
READY_MADE: Final[dict[str, list[list[float]]]] = {
    "Dumbbell": [[-2.2, 0, 0, 0.9, 1], [2.2, 0, 0, 0.9, 1]],
    "Three in a row": [[-3, 0, 0, 0.8, 1], [0, 0, 0, 0.8, 1], [3, 0, 0, 0.8, 1]],
    "Propeller": [[2.4, 0, 0, 0.8, 1], [-1.2, 2.08, 0, 0.8, 1], [-1.2, -2.08, 0, 0.8, 1]],
    "Head and tail": [[-1.8, 0, 0, 1.3, 3], [2.2, 0, 0, 0.6, 1]],
}
"""x, y, z, σ, weight."""


def heated(rows: Sequence[Sequence[float]], factor: float) -> Mapping[str, Any]:
    """Every blob's σ multiplied; the centres stay."""
    if not 0 < factor <= 100:
        raise GpffError(f"The widths are multiplied by {factor:g}; give a positive number up to 100.")
    return {"blobs": [[x, y, z, round(sigma * factor, 4), weight] for x, y, z, sigma, weight in rows]}


def with_one_more(rows: Sequence[Sequence[float]]) -> Mapping[str, Any]:
    """A blob like the last one, beside it."""
    x, y, z, sigma, weight = rows[-1] if rows else (0.0, 0.0, 0.0, 1.0, 1.0)
    return {"blobs": [*map(list, rows), [x, round(y + 2 * sigma, 3), z, sigma, weight]]}


def moved(design: Design, name: str, centre: Sequence[float]) -> Mapping[str, Any]:
    """The design after the blob of that name was dragged."""
    place = int(name.removeprefix("blob "))
    rows = [list(row) for row in design["blobs"]]
    if not 0 <= place < len(rows):
        raise GpffError("The blob that was moved is no longer there; move another.")
    rows[place][:3] = [round(float(x), 3) for x in centre]
    return {"blobs": rows}


def _build(design: Design) -> Prior:
    return Blobs(
        tuple((weight, x, y, z, sigma) for x, y, z, sigma, weight in (map(float, row) for row in design["blobs"]))
    )


def _controls(panel: Panel) -> None:
    rows = panel.design["blobs"]
    choices(panel, "Begin with", {name: partial(_ready, name) for name in READY_MADE}, key="blobs")
    st.caption("Type in the table, or drag a blob in the 3D view. Tick rows and press Delete to take them away.")
    table(
        COLUMNS, rows, lambda typed: panel.change(blobs=typed), key="blobs table", defaults=(None, 0.0, 0.0, 0.8, 1.0)
    )
    st.button(
        "Add a blob",
        icon=":material/add:",
        key="blobs add",
        on_click=panel.attempt,
        args=[lambda: with_one_more(panel.latest()["blobs"])],
    )
    mean = _mean_sigma(rows)
    in_step(
        "Heat all: mean σ (Å)",
        mean,
        lambda sigma: panel.attempt(lambda: heated(rows, sigma / mean)),
        key="blobs heat",
        top=4.0,
        step=0.05,
        explanation="Multiplies every blob's σ; the centres stay where they are.",
    )
    hot = ", ".join(f"{temperature(sigma):.2f}" for *_, sigma, _ in rows[:8])
    st.caption(f"Temperatures kT = 2σ² of the blobs: {hot} Å²{' …' if len(rows) > 8 else ''}")


def _mean_sigma(rows: Sequence[Sequence[float]]) -> float:
    sigmas, weights = np.array([row[3:] for row in rows], dtype=float).T
    return round(float(np.sqrt(np.average(sigmas**2, weights=weights))), 4)


def _ready(name: str) -> Mapping[str, Any]:
    return {"blobs": [list(row) for row in READY_MADE[name]]}


def _picture(design: Design, prior: Prior) -> Picture:
    shapes = [
        ellipsoid(np.eye(3) * sigma**2, (x, y, z), name=f"blob {place}", movable=True)
        for place, (x, y, z, sigma, _) in enumerate(design["blobs"])
    ]
    return Picture(shapes)


KIND = Kind(
    label="Blobs",
    summary="A few round clouds that share the atoms by weight: lobes, arms, or the places of two fragments.",
    prior=Blobs,
    first=lambda: _ready("Dumbbell"),
    build=_build,
    design_of=lambda prior: {"blobs": [[x, y, z, sigma, weight] for weight, x, y, z, sigma in prior.blobs]},
    controls=_controls,
    picture=_picture,
    moved=moved,
)
