"""The triangle of principal-moment ratios as a chart: to click a shape in, and to see where molecules landed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from gpff_app.prior_studio.triangle import CORNERS, Place, grid, inside

HEIGHT: Final = 270
TRIANGLE_HELP: Final = (
    "Every shape has a place between rod, disc and ball. I₁ ≤ I₂ ≤ I₃ are the principal moments of inertia of the "
    "structure: I₁/I₃ (NPR1) is near 0 for a rod and 1 for a ball, I₂/I₃ (NPR2) is 0.5 for a disc. They are ratios and "
    "have no unit."
)
AXIS_TITLES: Final = ("NPR1 = I₁ / I₃", "NPR2 = I₂ / I₃")
_PRIOR_COLOUR: Final = "#0d8a80"
_VALID_COLOUR: Final = "#5b6ee1"
_OTHER_COLOUR: Final = "#d9822b"
_GRID: Final = "grid"
_LABELS: Final = {"rod": (14, "left"), "disc": (-14, "center"), "ball": (14, "right")}
"""How far above its corner a name stands, in pixels, and which end of it."""


@dataclass(frozen=True)
class Landing:
    """A molecule's way through the triangle: where its start was, where it is, and whether it is valid."""

    name: str
    start: Place
    end: Place
    valid: bool


def clickable_triangle(prior: Place, click: Callable[[Place], None], *, key: str) -> None:
    """The triangle with the prior in it; `click` is told a place that was clicked."""

    def clicked() -> None:
        points = st.session_state[key]["selection"]["points"]
        if points:
            click((float(points[0]["x"]), float(points[0]["y"])))

    places = grid()
    figure = _figure(prior)
    figure.add_scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers",
        marker={"size": 9, "opacity": 0, "color": _PRIOR_COLOUR},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        name=_GRID,
        hovertemplate="click for this shape<extra></extra>",
        showlegend=False,
    )
    st.markdown(":small[Click a shape]", help=TRIANGLE_HELP)
    st.plotly_chart(
        figure,
        key=key,
        on_select=clicked,
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Triangle between rod, disc and ball; a click changes the cloud's shape",
    )


def landings_triangle(prior: Place, landings: Sequence[Landing], *, key: str) -> None:
    """Where molecules started and where they landed."""
    figure = _figure(prior)
    ways: list[list[float | None]] = [[], []]
    for landing in landings:
        for axis in (0, 1):
            ways[axis] += [landing.start[axis], landing.end[axis], None]
    figure.add_scatter(
        x=ways[0],
        y=ways[1],
        mode="lines",
        line={"width": 1, "color": "rgba(128,140,150,0.6)"},
        name="way",
        hoverinfo="skip",
        showlegend=False,
    )
    _marks(figure, [(landing.name, landing.start) for landing in landings], "start", "circle-open", "#808c96", 7)
    for valid, name, symbol, colour in (
        (True, "valid molecule", "circle", _VALID_COLOUR),
        (False, "not valid", "x", _OTHER_COLOUR),
    ):
        ends = [(landing.name, landing.end) for landing in landings if landing.valid is valid]
        _marks(figure, ends, name, symbol, colour, 10)
    figure.update_layout(height=HEIGHT + 60, showlegend=True, legend={"orientation": "h", "y": -0.3, "x": 0})
    st.plotly_chart(
        figure, key=key, config={"displayModeBar": False}, alt="Where the molecules landed between rod, disc and ball"
    )


def _figure(prior: Place) -> Any:
    """The outline with its corners named, and the prior."""
    around = [CORNERS[name] for name in ("rod", "disc", "ball", "rod")]
    figure = go.Figure()
    figure.add_scatter(
        x=[x for x, _ in around],
        y=[y for _, y in around],
        mode="lines",
        line={"color": "rgba(128,140,150,0.9)", "width": 1.5},
        fill="toself",
        fillcolor="rgba(128,140,150,0.10)",
        hoverinfo="skip",
        showlegend=False,
    )
    for name, (x, y) in CORNERS.items():
        above, anchor = _LABELS[name]
        figure.add_annotation(x=x, y=y, text=f"<b>{name}</b>", showarrow=False, yshift=above, xanchor=anchor)
    x, y = inside(prior)
    _marks(figure, [("this prior", (x, y))], "prior", "diamond", _PRIOR_COLOUR, 14)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 22, "b": 8},
        dragmode=False,
        clickmode="event+select",
        showlegend=False,
        hovermode="closest",
    )
    figure.update_xaxes(title=AXIS_TITLES[0], range=[-0.05, 1.05], fixedrange=True, zeroline=False)
    figure.update_yaxes(title=AXIS_TITLES[1], range=[0.44, 1.08], fixedrange=True, zeroline=False)
    return figure


def _marks(figure: Any, places: Sequence[tuple[str, Place]], name: str, symbol: str, colour: str, size: int) -> None:
    figure.add_scatter(
        x=[place[0] for _, place in places],
        y=[place[1] for _, place in places],
        text=[text for text, _ in places],
        mode="markers",
        marker={"symbol": symbol, "size": size, "color": colour, "line": {"width": 1.5}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        name=name,
        hovertemplate="%{text}<br>NPR1 %{x:.2f}, NPR2 %{y:.2f}<extra></extra>",
    )
