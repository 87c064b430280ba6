"""A board to draw points on: a plane through space whose grid one clicks."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from gpff_app.prior_studio.kind import Panel

Points = Sequence[Sequence[float]]

PLANES: Final[dict[str, tuple[int, int, int]]] = {"xy": (0, 1, 2), "xz": (0, 2, 1), "yz": (1, 2, 0)}
"""The axes to the right and up, and the one through the board."""

REACH: Final = 6.0  # Å
SPACING: Final = 0.5  # Å
SAME_PLACE: Final = 0.1  # Å
MOST_ON_BOARD: Final = 500
_COLOUR: Final = "#0d8a80"


def drawing_board(panel: Panel, *, key: str, joined: bool = False) -> None:
    """Draw the board with the design's points near its plane; a click adds a point, or takes away the one there.

    `joined` draws a line from each point to the next.
    """
    points: Points = panel.design["points"]
    left, right = st.columns(2, gap="small", vertical_alignment="bottom")
    plane = left.segmented_control("Plane", list(PLANES), default="xy", required=True, key=f"{key} plane")
    height = right.number_input(
        f"at {'xyz'[PLANES[plane][2]]} (Å)",
        value=0.0,
        step=SPACING,
        key=f"{key} height",
        help="Where the board cuts the axis through it. Points up to 0.25 Å from it are drawn full, others faint.",
    )
    chart = f"{key} board"

    def clicked() -> None:
        picked = st.session_state[chart]["selection"]["points"]
        if picked:
            place = place_on_board(float(picked[0]["x"]), float(picked[0]["y"]), plane, height)
            panel.change(points=toggled(panel.latest()["points"], place))

    st.plotly_chart(
        _board(points, plane, height, joined=joined),
        key=chart,
        on_select=clicked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="A plane through space; a click adds a point",
    )


def place_on_board(right: float, up: float, plane: str, height: float) -> list[float]:
    """The point (x, y, z) in Å of a place on the board."""
    point = [0.0, 0.0, 0.0]
    for axis, value in zip(PLANES[plane], (right, up, height), strict=True):
        point[axis] = value
    return point


def toggled(points: Points, place: Sequence[float]) -> list[list[float]]:
    """The points with one more, or without the one that is there already."""
    apart = [point for point in map(list, points) if np.linalg.norm(np.subtract(point, place)) > SAME_PLACE]
    return apart if len(apart) < len(points) else [*apart, list(place)]


def _board(points: Points, plane: str, height: float, *, joined: bool) -> Any:
    right, up, through = PLANES[plane]
    steps = np.arange(-REACH, REACH + SPACING / 2, SPACING)
    x, y = (grid.ravel() for grid in np.meshgrid(steps, steps))
    figure = go.Figure()
    figure.add_scatter(
        x=x, y=y, mode="markers", marker={"size": 3, "color": "rgba(128,140,150,0.45)"}, hoverinfo="none"
    )
    cloud = np.asarray(points, dtype=float).reshape(-1, 3)[:MOST_ON_BOARD]
    if joined:
        figure.add_scatter(x=cloud[:, right], y=cloud[:, up], mode="lines", line={"color": _COLOUR}, hoverinfo="skip")
    near = np.abs(cloud[:, through] - height) <= SPACING / 2
    for shown, opacity in ((cloud[~near], 0.3), (cloud[near], 1.0)):
        figure.add_scatter(
            x=shown[:, right],
            y=shown[:, up],
            mode="markers",
            marker={"size": 10, "color": _COLOUR, "opacity": opacity},
            hovertemplate="%{x:.2f}, %{y:.2f} Å<extra></extra>",
        )
    figure.update_traces(
        selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}}, selector={"mode": "markers"}
    )
    figure.update_layout(
        height=320,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        clickmode="event+select",
        hovermode="closest",
        showlegend=False,
    )
    reach = [-REACH - SPACING, REACH + SPACING]
    figure.update_xaxes(title=f"{'xyz'[right]} (Å)", range=reach, fixedrange=True, constrain="domain")
    figure.update_yaxes(title=f"{'xyz'[up]} (Å)", range=reach, fixedrange=True, scaleanchor="x", constrain="domain")
    return figure
