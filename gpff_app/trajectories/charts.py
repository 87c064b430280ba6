"""Plots of the figures of one or two trajectories against the frame, one above the other on one axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gpff_app.trajectories.figures import Column

COLOURS: Final = ("#0d8a80", "#d9822b")
DASHES: Final = ("solid", "dash")
MARKS: Final = ("circle", "diamond")
ROW_HEIGHT: Final = 105
VERDICT_ROW: Final = 34
"""Pixels; the verdicts take so many for each trajectory."""

IN_LEGEND: Final = "rmsd"
"""The column whose curves stand in the legend: one that every trajectory has."""

MOST_POINTS: Final = 2000
"""Points of a curve; a longer one is thinned evenly, its last point kept."""


@dataclass(frozen=True, eq=False)
class Curves:
    """What is plotted of one trajectory; columns have one number a frame, None where it is unknown.

    `sigma` and `force` are in Å if they are `by_network`, else what the file calls so, in a unit it does not say.
    `smiles` and `reasons` are those of the frames that are judged so far.
    """

    name: str
    sigma: Column | None
    force: Column | None
    by_network: bool
    energy: Column
    rmsd: Column
    smiles: Sequence[str] = ()
    reasons: Sequence[str] = ()


@dataclass(frozen=True)
class _Row:
    """A plot: which column, its axis title, whether the axis is logarithmic.

    With `by_network` only of those whose column is, or is not, of the network.
    """

    column: str
    title: str
    logarithmic: bool
    by_network: bool | None = None

    def values(self, curve: Curves) -> Column | None:
        """What is drawn of a trajectory here; None for nothing."""
        if self.by_network not in (None, curve.by_network):
            return None
        values: Column | None = getattr(curve, self.column)
        return values


QUANTITIES: Final = (
    _Row("sigma", "σ̂ (Å)", True, by_network=True),
    _Row("sigma", "sigma from<br>the file", False, by_network=False),
    _Row("force", "force (Å)", True, by_network=True),
    _Row("force", "forces from<br>the file", True, by_network=False),
    _Row("energy", "pseudo-<br>energy (Å²)", True),
)
"""All that may be plotted against the frame, apart from the RMSD; what nobody has said is left out."""


def chart(curves: Sequence[Curves], rmsd_to: str) -> go.Figure:
    """All plots; `rmsd_to` says in words what the RMSD is measured from."""
    rows = _rows(curves, rmsd_to)
    judged = any(curve.reasons for curve in curves)
    heights = [float(ROW_HEIGHT)] * len(rows) + [VERDICT_ROW * len(curves) + 14.0] * judged
    figure = make_subplots(rows=len(heights), cols=1, shared_xaxes=True, vertical_spacing=0.035, row_heights=heights)
    for place, row in enumerate(rows, 1):
        for which, curve in enumerate(curves):
            _add_curve(figure, place, which, curve, row, named=len(curves) > 1)
        figure.update_yaxes(title_text=row.title, type="log" if row.logarithmic else "linear", row=place, col=1)
        if row.logarithmic:
            figure.update_yaxes(exponentformat="power", dtick=_decades_a_tick(curves, row), row=place, col=1)
    if judged:
        _add_verdicts(figure, len(heights), curves)
    n_frames = max(len(curve.energy) for curve in curves)
    figure.update_xaxes(range=[-0.02 * n_frames - 0.5, 1.02 * n_frames - 0.5], showspikes=False)
    figure.update_xaxes(title_text="frame", row=len(heights), col=1)
    figure.update_layout(
        height=int(sum(heights)) + 70,
        margin={"l": 70, "r": 14, "t": 26, "b": 44},
        hovermode="x",
        dragmode="zoom",
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    return figure


def _rows(curves: Sequence[Curves], rmsd_to: str) -> list[_Row]:
    rows = [row for row in QUANTITIES if any(row.values(curve) is not None for curve in curves)]
    return [*rows, _Row("rmsd", f"RMSD to<br>{rmsd_to} (Å)", False)]


def _decades_a_tick(curves: Sequence[Curves], row: _Row) -> int:
    """So many that an axis has three or four ticks."""
    columns = [row.values(curve) for curve in curves]
    values = np.concatenate([column[column > 0] for column in columns if column is not None])
    return max(1, round(float(np.log10(values.max() / values.min())) / 3)) if len(values) else 1


def _add_curve(figure: go.Figure, place: int, which: int, curve: Curves, row: _Row, *, named: bool) -> None:
    values = row.values(curve)
    if values is None:
        return
    frames = _thinned(len(values))
    shown = values[frames]
    if row.logarithmic:
        shown = np.where(shown > 0, shown, np.nan)  # a logarithm has no place for 0
    figure.add_trace(
        go.Scatter(
            x=frames,
            y=shown,
            name=curve.name,
            legendgroup=curve.name,
            showlegend=named and row.column == IN_LEGEND,
            mode="lines+markers",
            line={"color": COLOURS[which], "dash": DASHES[which], "width": 2},
            marker={"size": 5, "symbol": MARKS[which]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate="%{y:.3g}<extra>" + f"{curve.name if named else ''}</extra>",
        ),
        row=place,
        col=1,
    )


def _add_verdicts(figure: go.Figure, place: int, curves: Sequence[Curves]) -> None:
    """Two kinds of marks, valid and not, with what is behind them on pointing."""
    for valid in (True, False):
        x, y, texts = [], [], []
        for curve in curves:
            frames = [k for k in _thinned(len(curve.reasons)) if bool(curve.smiles[k]) is valid]
            x += frames
            y += [curve.name] * len(frames)
            texts += [curve.smiles[k] or curve.reasons[k] for k in frames]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="markers",
                showlegend=False,
                marker={
                    "symbol": "square" if valid else "x-thin",
                    "size": 7,
                    "color": "#2e9e5b" if valid else "#8a979d",
                    "line": {"width": 0 if valid else 1.5, "color": "#8a979d"},
                },
                customdata=texts,
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},
                hovertemplate="%{customdata}<extra>" + ("valid" if valid else "not valid") + "</extra>",
            ),
            row=place,
            col=1,
        )
    names = [curve.name for curve in reversed(curves)]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names, row=place, col=1)
    figure.update_yaxes(range=[-0.6, len(names) - 0.4], showgrid=False, row=place, col=1)
    if len(names) == 1:
        figure.update_yaxes(title_text="valid", showticklabels=False, row=place, col=1)


def _thinned(n: int) -> list[int]:
    if n <= MOST_POINTS:
        return list(range(n))
    return sorted(set(np.linspace(0, n - 1, MOST_POINTS).round().astype(int).tolist()))
