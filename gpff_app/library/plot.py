"""A plot of two properties, coloured by a third; what is drawn around in it is what the table shows."""

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go
import streamlit as st

from gpff_app.library.columns import COLUMNS, NOVELTY, NUMBERS
from gpff_app.library.filters import key
from gpff_app.library.query import Query
from gpff_app.library.state import LibraryState
from gpff_app.library.store import Library

GROUPS: Final = ("novelty", "shape", "scaffold")
"""Words that colour points by group; each group has a symbol of its own as well."""

SYMBOLS: Final = ("circle", "diamond", "square", "cross", "triangle-up", "x")
HEIGHT: Final = 470
EMPTY_GROUP: Final = "none"


def plot(library: Library, query: Query, state: LibraryState) -> None:
    """Axes to choose, the plot, and its selection into the state."""
    x, y, colour = _axes()
    points = library.points(query, [x, y, colour])
    if not points:
        st.info(f"None of these structures has {NUMBERS[x].label} and {NUMBERS[y].label}: only valid ones have both.")
        return
    place = f"library plot {x} {y} {colour} {state.plot}"

    def chosen() -> None:
        drawn = st.session_state[place]["selection"]
        ids = [int(point["customdata"][0]) for point in drawn["points"]]
        state.plotted = tuple(ids) if ids or drawn["box"] or drawn["lasso"] else None

    st.plotly_chart(
        figure(points, x, y, colour),
        key=place,
        on_select=chosen,
        selection_mode=("box", "lasso"),
        config={"displaylogo": False, "modeBarButtonsToRemove": ["autoScale2d"]},
    )
    counted = f"{len(points)} structure{'s' * (len(points) != 1)}"
    st.caption(f"{counted}. Drag a box or a lasso around some: the table then shows only those.")


def figure(points: Sequence[tuple[Any, ...]], x: str, y: str, colour: str) -> go.Figure:
    """Points (identifier, x, y, colour, SMILES); groups by colour and symbol, numbers by a colour bar."""
    if colour in GROUPS:
        names = dict.fromkeys(point[3] or EMPTY_GROUP for point in sorted(points, key=lambda point: str(point[3])))
        traces = [
            _trace(
                [point for point in points if (point[3] or EMPTY_GROUP) == name],
                name=NOVELTY.get(name, name),
                symbol=SYMBOLS[n % 6],
            )
            for n, name in enumerate(names)
        ]
    else:
        traces = [_trace(points, colours=[point[3] for point in points], title=COLUMNS[colour].title)]
    made = go.Figure(traces)
    made.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        xaxis_title=NUMBERS[x].title,
        yaxis_title=NUMBERS[y].title,
        dragmode="select",
        legend={"orientation": "h", "y": 1.08, "title": COLUMNS[colour].label},
    )
    return made


def _axes() -> tuple[str, str, str]:
    numbers = list(NUMBERS)
    across, up, colour = st.columns(3, gap="small")
    label = {name: column.title for name, column in COLUMNS.items()}.__getitem__
    return (
        across.selectbox("Across", numbers, format_func=label, key=key("view across", "logp"), persist_state="session"),
        up.selectbox("Up", numbers, format_func=label, key=key("view up", "qed"), persist_state="session"),
        colour.selectbox(
            "Colour", [*GROUPS, *numbers], format_func=label, key=key("view colour", "novelty"), persist_state="session"
        ),
    )


def _trace(
    points: Sequence[tuple[Any, ...]],
    *,
    name: str = "",
    symbol: str = "circle",
    colours: Sequence[float] | None = None,
    title: str = "",
) -> go.Scattergl:
    marker: dict[str, Any] = {"size": 6, "opacity": 0.75, "symbol": symbol}
    if colours is not None:
        marker |= {"color": colours, "colorscale": "Viridis", "colorbar": {"title": title, "thickness": 12}}
    return go.Scattergl(
        x=[point[1] for point in points],
        y=[point[2] for point in points],
        customdata=[[point[0], point[4] or "not valid"] for point in points],
        mode="markers",
        name=name[:40],
        marker=marker,
        hovertemplate="%{customdata[1]}<br>%{x:.3g}, %{y:.3g} (structure %{customdata[0]})<extra></extra>",
    )
