"""The point cloud: points drawn on a board, typed, uploaded, taken from a molecule, or ready-made."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from gpff_app.prior_studio import point_sets
from gpff_app.prior_studio.controls import SPREAD_HELP, choices, heat, in_step
from gpff_app.prior_studio.drawing_board import drawing_board
from gpff_app.prior_studio.kind import Design, Kind, Panel, Picture
from gpff_app.prior_studio.molecule_input import molecule_input
from gpff_app.prior_studio.pictures import dots
from gpff_app.prior_studio.tables import table
from gpff_app.prior_studio.uploads import POINT_TYPES, points_of
from gpff_app.settings import settings
from gpff_core.priors import PointCloud, Prior

MOST_IN_TABLE: Final = 500
READY_MADE: Final[dict[str, Callable[[], point_sets.Rows]]] = {
    "Ring": point_sets.ring,
    "Sphere": point_sets.sphere,
    "Sheet": point_sets.sheet,
    "Tube": point_sets.tube,
}


def _build(design: Design) -> Prior:
    return PointCloud.of(design["points"], float(design["spread"]))


def _controls(panel: Panel) -> None:
    choices(panel, "Begin with", {name: partial(_ready, make) for name, make in READY_MADE.items()}, key="points")
    size_and_spread(panel, key="points")
    draw, typed, upload = st.tabs(["Draw", "Table", "File or molecule"])
    with draw:
        drawing_board(panel, key="points")
    with typed:
        points_table(panel, key="points")
    with upload:
        points_upload(panel, key="points")
        molecule_input(panel, lambda molecule, _: {"points": point_sets.rows(molecule.positions)}, key="points")


def resized(design: Design, size: float) -> Mapping[str, Any]:
    """The points about the origin, with a root mean square coordinate of `size` Å."""
    return {"points": point_sets.resized(design["points"], size)}


def size_and_spread(panel: Panel, *, key: str, resize: Callable[[Design, float], Mapping[str, Any]] = resized) -> None:
    """How large the drawing is, and how hot."""
    in_step(
        "Size of the whole (Å)",
        round(point_sets.size_of(panel.design["points"]), 3),
        lambda size: panel.attempt(lambda: resize(panel.design, size)),
        key=f"{key} size",
        top=6.0,
        explanation="Root mean square coordinate of the points about their centre; a change moves the centre to the "
        "origin. A molecule of 20 atoms has about 1.5 Å.",
    )
    heat(
        panel,
        "Spread σ (Å)",
        panel.design["spread"],
        lambda spread: {"spread": spread},
        key=f"{key} spread",
        top=3.0,
        low=0.05,
        explanation=SPREAD_HELP,
    )


def points_table(panel: Panel, *, key: str) -> None:
    """The points as numbers, where they are few enough to type."""
    points = panel.design["points"]
    if len(points) > MOST_IN_TABLE:
        st.caption(f"{len(points)} points are too many for a table; upload them as a file instead.")
        return
    st.caption(f"{len(points)} points. Type in the last row to add one; tick rows and press Delete to take them away.")
    columns = {f"{axis} (Å)": f"Coordinate along {axis}." for axis in "xyz"}
    table(columns, points, lambda typed: panel.change(points=typed), key=f"{key} table", defaults=(None, None, 0.0))


def points_upload(panel: Panel, *, key: str) -> None:
    """Points from a file, in Å."""
    place = f"{key} file"

    def take() -> None:
        uploaded = st.session_state[place]
        if uploaded is not None:
            panel.attempt(lambda: {"points": point_sets.rows(points_of(uploaded))})

    st.file_uploader(
        "Points from a file",
        type=POINT_TYPES,
        max_upload_size=settings().max_upload_mb,
        key=place,
        on_change=take,
        help="Three coordinates in Å a line (.csv, .txt), an array (.npy), or the atoms of an .xyz file.",
    )


def _ready(make: Callable[[], point_sets.Rows]) -> Mapping[str, Any]:
    return {"points": make()}


def _picture(design: Design, prior: Prior) -> Picture:
    return Picture([dots(design["points"], tint="prior", radius=0.16)])


KIND = Kind(
    label="Points",
    summary="Atoms on points in space that you draw, type or upload, evenly over all of them.",
    prior=PointCloud,
    first=lambda: {"points": point_sets.ring(), "spread": 0.3},
    build=_build,
    design_of=lambda prior: {"points": [list(point) for point in prior.points], "spread": prior.spread},
    controls=_controls,
    picture=_picture,
)
