"""The figures of schedules and of comparisons. A schedule has a letter, a colour, a symbol and a dash everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from gpff_app.noise_lab.ideal import IdealWalk, Levels
from gpff_core.evaluation.metrics import Fraction
from gpff_core.field import sigma_at, temperature

COLOURS: Final = ("#0d8a80", "#d9822b", "#5b6ee1", "#c2436f")
SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up")
DASHES: Final = ("solid", "dash", "dot", "dashdot")
WHISKER: Final = "#8a979d"  # to be seen on a light and on a dark page
PATTERNS: Final = ("", "/", ".", "x")
MANY_STEPS: Final = 60
"""From so many steps on, symbols hide the line."""

HEIGHT: Final = 330
X_AXES: Final = {"calls": "Network calls per molecule", "step": "Step"}

_LOG_SIGMA: Final = {"type": "log", "dtick": 1}


@dataclass(frozen=True, eq=False)
class Line:
    """A schedule as it is drawn: its place among all decides colour, symbol and dash."""

    place: int
    title: str
    walk: IdealWalk

    @property
    def style(self) -> dict[str, Any]:
        return {
            "name": self.title,
            "legendgroup": self.title,
            "line": {"color": COLOURS[self.place], "dash": DASHES[self.place], "width": 2},
            "marker": {"symbol": SYMBOLS[self.place], "size": 7, "color": COLOURS[self.place]},
        }

    def x(self, axis: str, n: int) -> list[int]:
        """Where n steps stand on the x axis."""
        return [int(place) for place in (self.walk.calls_at(n) if axis == "calls" else 1 + np.arange(n))]


def schedules_figure(lines: Sequence[Line], axis: str) -> go.Figure:
    """Noise level σ (Å) against step or calls, with the temperature kT = 2σ² (Å²) as second axis."""
    figure = go.Figure()
    for line in lines:
        asked, reached = line.walk.asked, line.walk.reached
        figure.add_scatter(x=line.x(axis, len(asked)), y=drawable(asked), mode=_mode(len(asked)), **line.style)
        if not np.allclose(asked, reached, rtol=0.02, atol=1e-3):
            figure.add_scatter(
                x=line.x(axis, len(reached)),
                y=drawable(reached),
                mode="lines",
                name=f"{line.title}: reached",
                legendgroup=line.title,
                line={"color": COLOURS[line.place], "dash": "dot", "width": 1},
            )
    _decorate(figure, axis, "Noise level σ (Å)")
    lowest = min(
        (value for line in lines for value in (*line.walk.asked, *line.walk.reached) if value > 0), default=0.1
    )
    highest = max((value for line in lines for value in (*line.walk.asked, *line.walk.reached)), default=1.0)
    with_temperatures(figure, lowest, highest)
    return figure


def added_figure(lines: Sequence[Line], axis: str) -> go.Figure:
    """Standard deviation (Å) of the noise that comes in before each look at the structure."""
    figure = go.Figure()
    for line in lines:
        added = line.walk.added
        quiet = not (added > 0).any()
        style = line.style | {"showlegend": quiet, "name": f"{line.title}: adds none" if quiet else line.title}
        figure.add_scatter(x=line.x(axis, len(added)), y=drawable(added), mode=_mode(len(added)), **style)
    _decorate(figure, axis, "Noise added (Å)")
    return figure


def trajectories_figure(lines: Sequence[Line], measured: Sequence[Levels], axis: str) -> go.Figure:
    """σ̂ (Å) read off the structures of real runs, each (M, T), as median and quartiles, against what was asked for.

    The last of the T columns is the result itself. A molecule that rests counts with its last level: left out, the
    median would rise while the last ones are still on their way.
    """
    figure = go.Figure()
    for line, levels in zip(lines, measured, strict=True):
        if not np.isfinite(levels).any():
            continue
        low, middle, high = _quartiles(levels)
        x = line.x(axis, len(middle))
        colour = COLOURS[line.place]
        figure.add_scatter(
            x=[*x, *x[::-1]],
            y=drawable([*high, *low[::-1]]),
            mode="lines",
            fill="toself",
            fillcolor=_translucent(colour),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=line.title,
        )
        style = line.style | {"line": {"color": colour, "width": 2}}
        figure.add_scatter(x=x, y=drawable(middle), mode=_mode(len(middle)), **style)
        figure.add_scatter(
            x=line.x(axis, len(line.walk.asked)),
            y=drawable(line.walk.asked),
            mode="lines",
            name=f"{line.title}: asked for",
            legendgroup=line.title,
            line={"color": colour, "dash": "dash", "width": 1.5},
        )
    _decorate(figure, axis, "Noise level σ̂ (Å)")
    return figure


def validity_figure(titles: Sequence[str], valid: Sequence[Fraction], places: Sequence[int]) -> go.Figure:
    """Share of valid molecules with one binomial standard error, of the schedules at these places."""
    figure = go.Figure()
    figure.add_bar(
        x=[100 * share.value for share in valid],
        y=list(titles),
        orientation="h",
        width=0.55,
        marker={
            "color": [COLOURS[place] for place in places],
            "pattern": {"shape": [PATTERNS[place] for place in places], "size": 6},
        },
        error_x={
            "type": "data",
            "array": [100 * share.error for share in valid],
            "thickness": 2,
            "width": 6,
            "color": WHISKER,
        },
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    figure.update_layout(height=70 + 46 * len(titles), margin={"l": 10, "r": 10, "t": 10, "b": 40}, showlegend=False)
    figure.update_xaxes(range=[0, 104], title="Valid molecules (%)")
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure


def with_temperatures(figure: go.Figure, lowest: float, highest: float) -> None:
    """A second axis on the right of a logarithmic σ axis, which follows it: the temperature kT = 2σ² of each level."""
    first, last = (np.log10(temperature(level)) for level in (lowest, highest))
    powers = range(int(np.floor(first)), int(np.ceil(last)) + 1)
    figure.update_layout(
        yaxis2={
            "matches": "y",
            "overlaying": "y",
            "side": "right",
            "type": "log",
            "showgrid": False,
            "title": "Temperature kT = 2σ² (Å²)",
            "tickvals": [sigma_at(10.0**power) for power in powers],
            "ticktext": [f"{10.0**power:g}" for power in powers],
        }
    )
    # An axis without a trace is not drawn; this one has nothing to show.
    figure.add_scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip")


def drawable(values: ArrayLike) -> list[float | None]:
    """Values for a logarithmic axis, which has no place for 0."""
    return [float(value) if value > 0 else None for value in np.asarray(values, dtype=float)]


def _mode(n: int) -> str:
    return "lines+markers" if n < MANY_STEPS else "lines"


def _decorate(figure: go.Figure, axis: str, y_title: str) -> None:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )
    figure.update_xaxes(title=X_AXES[axis], rangemode="tozero")
    figure.update_yaxes(title=y_title, **_LOG_SIGMA, automargin=True)
    figure.update_traces(hovertemplate="%{x}: %{y:.3g} Å<extra>%{fullData.name}</extra>", selector={"type": "scatter"})


def _quartiles(levels: Levels) -> tuple[Levels, Levels, Levels]:
    """Of all molecules (M, T), frame by frame; at rest (NaN) one has the last level it had."""
    known = np.isfinite(levels)
    last = np.maximum.accumulate(np.where(known, np.arange(levels.shape[1]), 0), axis=1)
    held = np.take_along_axis(levels, last, axis=1)[:, : np.flatnonzero(known.any(axis=0))[-1] + 1]
    low, middle, high = np.quantile(held, (0.25, 0.5, 0.75), axis=0)
    return low, middle, high


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
