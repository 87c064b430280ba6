"""Figures of the commands that measure: Plotly, as a self-contained page and, where Kaleido finds a browser, as SVG.

Plotly is imported here alone in the library, and only when a figure is wanted: machines that train may not have it.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

COLOURS: Final = (
    "#3b5bdb",
    "#e8590c",
    "#2b8a3e",
    "#9c36b5",
    "#0b7285",
    "#c92a2a",
    "#5f3dc4",
    "#495057",
    "#a61e4d",
    "#66a80f",
)
MARKERS: Final = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "star",
    "hexagon",
    "triangle-down",
    "pentagon",
)
_WHITE: Final = {
    "template": "plotly_white",
    "width": 860,
    "height": 460,
    "margin": {"l": 60, "r": 20, "t": 40, "b": 50},
}


def write_training_figure(lines: Sequence[Mapping[str, Any]], target: Path) -> None:
    """Loss, and sampled validity where it was measured, against minutes of training, from the lines of a run's log."""
    losses = [line for line in lines if "loss" in line]
    validities = [line for line in lines if "validity" in line]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "name": "training loss (error² / σ²)",
            "x": [line["elapsed"] / 60 for line in losses],
            "y": [line["loss"] for line in losses],
            "line": {"color": COLOURS[0]},
        },
        {
            "type": "scatter",
            "name": "valid of sampled validation formulas",
            "mode": "lines+markers",
            "x": [line["elapsed"] / 60 for line in validities],
            "y": [line["validity"] for line in validities],
            "yaxis": "y2",
            "line": {"color": COLOURS[1]},
            "marker": {"symbol": MARKERS[1], "size": 8},
        },
    ]
    layout = {
        "xaxis": {"title": {"text": "minutes of training"}},
        "yaxis": {"title": {"text": "loss"}, "type": "log", "dtick": "D2"},
        "yaxis2": {
            "title": {"text": "validity"},
            "overlaying": "y",
            "side": "right",
            "range": [0, 1.02],
            "tickformat": ".0%",
            "tickmode": "linear",
            "dtick": 0.2,
            "showgrid": False,
        },
        "legend": {"orientation": "h", "y": 1.12},
    }
    write_figure(traces, layout, target)


def write_figure(traces: list[dict[str, Any]], layout: dict[str, Any], target: Path) -> None:
    """Write the figure in the format of the target's suffix, .html or .svg; where it cannot be drawn, say so and go on.

    The numbers are what a run of hours is for, and they are already on disk.
    """
    try:
        import plotly.graph_objects as go
    except ModuleNotFoundError:
        print(f"gpff_core: {target.name} was not drawn, because Plotly is not installed.", file=sys.stderr)
        return
    figure = go.Figure(traces, layout | _WHITE)
    if target.suffix == ".html":
        figure.write_html(target, include_plotlyjs=True)
        return
    try:
        figure.write_image(target)
    except Exception as error:  # Kaleido is missing, or it finds no browser, or that browser fails
        cause = next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__).rstrip(".")
        print(
            f"gpff_core: {target.name} was not drawn ({cause}); install kaleido and Chromium to have it.",
            file=sys.stderr,
        )
