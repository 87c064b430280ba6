"""The curve: atoms along a line through corners one draws, types or uploads."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import streamlit as st

from gpff_app import kept
from gpff_app.prior_studio import point_sets
from gpff_app.prior_studio.controls import choices
from gpff_app.prior_studio.drawing_board import drawing_board
from gpff_app.prior_studio.kind import Design, Kind, Panel, Picture
from gpff_app.prior_studio.pictures import dots, line
from gpff_app.prior_studio.points import points_table, points_upload, size_and_spread
from gpff_core.priors import Curve, Prior

READY_MADE: Final[dict[str, tuple[Callable[[], point_sets.Rows], bool]]] = {
    "Line": (point_sets.straight, False),
    "Arc": (point_sets.arc, False),
    "Wave": (point_sets.wave, False),
    "Helix": (point_sets.helix, False),
    "Ring": (point_sets.ring, True),
}


def _build(design: Design) -> Prior:
    return Curve.of(design["points"], float(design["spread"]), bool(design["closed"]))


def _controls(panel: Panel) -> None:
    choices(panel, "Begin with", {name: partial(_ready, *ready) for name, ready in READY_MADE.items()}, key="curve")
    kept.show("curve closed", panel.design["closed"])
    st.toggle(
        "Closed",
        key="curve closed",
        on_change=lambda: panel.change(closed=st.session_state["curve closed"]),
        help="The curve returns from its last corner to the first: for macrocycles and rings.",
    )
    size_and_spread(panel, key="curve")
    draw, typed, upload = st.tabs(["Draw", "Table", "File"])
    with draw:
        drawing_board(panel, key="curve", joined=True)
    with typed:
        points_table(panel, key="curve")
    with upload:
        points_upload(panel, key="curve")


def _ready(make: Callable[[], point_sets.Rows], closed: bool) -> Mapping[str, Any]:
    return {"points": make(), "closed": closed}


def _picture(design: Design, prior: Prior) -> Picture:
    corners = dots(design["points"], tint="prior", radius=0.16)
    return Picture([line(design["points"], closed=design["closed"]), corners])


KIND = Kind(
    label="Curve",
    summary="Atoms evenly along a line through space: chains, arcs, helices, macrocycles.",
    prior=Curve,
    first=lambda: {"points": point_sets.arc(), "spread": 0.3, "closed": False},
    build=_build,
    design_of=lambda prior: {
        "points": [list(point) for point in prior.points],
        "spread": prior.spread,
        "closed": prior.closed,
    },
    controls=_controls,
    picture=_picture,
)
