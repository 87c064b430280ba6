"""The figures that explain the method."""

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from gpff_app.noise_lab.bond import BondScan, Values
from gpff_app.noise_lab.figures import drawable
from gpff_app.noise_lab.noised import NoisedMolecule
from gpff_core.field import temperature

NETWORK: Final = "#0d8a80"
EXACT: Final = "#d9822b"
HERE: Final = "#c2436f"
GUIDE: Final = "#8a979d"  # to be seen on a light and on a dark page
ELEMENTS: Final = {"H": ("#dfe5e8", 22), "C": ("#5c666b", 32), "N": ("#456cf0", 32), "O": ("#e2493a", 32)}
"""Colour and size in pixels of a drawn atom."""

REACH: Final = 3.0
"""Å to both sides in the picture of heat."""

_MARGIN: Final = {"l": 10, "r": 10, "t": 10, "b": 10}
_LEGEND: Final = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


def bond_figure(scan: BondScan, place: int) -> go.Figure:
    """Pseudo-energy against bond length, exact and by the network, with the jump from the length at `place`."""
    figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.04)
    _curves(figure, scan, scan.energy, scan.energy_network, "Å²", row=1)
    r, energy, landing = scan.lengths[place], scan.energy_network[place], scan.landing[place]
    point = {"x": [r], "y": [energy], "name": "here", "showlegend": False}
    figure.add_scatter(**point, mode="markers", marker={"size": 12, "color": HERE, "symbol": "diamond"}, row=1, col=1)
    _arrow(figure, r, landing, energy, "X + F/2")
    figure.add_vline(x=scan.r0, line={"dash": "dot", "width": 1, "color": GUIDE})
    _atoms(figure, scan, r, landing)
    figure.update_layout(height=430, margin=_MARGIN, legend=_LEGEND)
    figure.update_yaxes(title="Pseudo-energy ‖X − X₀‖² (Å²)", rangemode="tozero", row=1, col=1)
    figure.update_xaxes(title=f"Bond length {'–'.join(scan.symbols)} (Å)", row=2, col=1)
    figure.update_xaxes(range=[-0.35, float(scan.lengths[-1]) + 0.35])
    return figure


def force_figure(scan: BondScan, place: int) -> go.Figure:
    """Pseudo-force along the bond, and the length after one jump, against the bond length."""
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06)
    _curves(figure, scan, scan.force, scan.force_network, "Å", row=1)
    r = scan.lengths[place]
    here = {"mode": "markers", "marker": {"size": 11, "color": HERE, "symbol": "diamond"}, "showlegend": False}
    figure.add_scatter(x=[r], y=[scan.force_network[place]], name="here", **here, row=1, col=1)
    _curves(figure, scan, np.full_like(scan.lengths, scan.r0), scan.landing, "Å", row=2)
    figure.add_scatter(x=[r], y=[scan.landing[place]], name="here", **here, row=2, col=1)
    figure.update_layout(height=430, margin=_MARGIN, legend=_LEGEND)
    figure.update_yaxes(title="Force along the bond (Å)", row=1, col=1)
    figure.update_yaxes(title="Length after one jump (Å)", range=[0, float(scan.landing.max()) + 0.4], row=2, col=1)
    figure.update_xaxes(title=f"Bond length {'–'.join(scan.symbols)} (Å)", row=2, col=1)
    return figure


def heat_figure(sigma: float) -> go.Figure:
    """One coordinate in its parabola at temperature kT = 2σ²: where it is likely to be."""
    x = np.linspace(-REACH, REACH, 241)
    likely = np.exp(-(x**2) / temperature(sigma))
    figure = go.Figure()
    figure.add_scatter(x=x, y=x**2, name="E = (x − x₀)²", line={"color": EXACT, "dash": "dash"})
    figure.add_scatter(
        x=x, y=REACH**2 * likely, name="how likely at this heat", fill="tozeroy", line={"color": HERE, "width": 1.5}
    )
    kt = temperature(sigma)
    if kt < REACH**2:
        figure.add_hline(y=kt, line={"dash": "dot", "width": 1, "color": GUIDE}, annotation_text=f"kT = {kt:.2g} Å²")
    figure.update_layout(height=330, margin=_MARGIN, legend=_LEGEND)
    figure.update_xaxes(title="Coordinate from equilibrium (Å)")
    figure.update_yaxes(title="Pseudo-energy (Å²)", range=[0, REACH**2])
    return figure


def error_figure(example: NoisedMolecule, place: int) -> go.Figure:
    """Error of the predicted equilibrium against σ; on the dotted line, jumping is no better than staying."""
    figure = go.Figure()
    _band(figure, example.levels, example.error, "X̂₀, one call", NETWORK, "circle")
    _identity(figure, example.levels, "X as it is: error = σ")
    _here(figure, example.levels[place], float(example.error[place, 0]))
    _both_logarithmic(figure, "Error of a coordinate (Å)")
    return figure


def estimate_figure(example: NoisedMolecule, place: int) -> go.Figure:
    """σ̂ read off the structure, raw and calibrated, against the σ that was put in."""
    figure = go.Figure()
    _band(figure, example.levels, example.raw, "raw ‖F‖ / (2√n)", EXACT, "square")
    _band(figure, example.levels, example.calibrated, "calibrated σ̂", NETWORK, "circle")
    _identity(figure, example.levels, "exact: σ̂ = σ")
    _here(figure, example.levels[place], float(example.calibrated[place, 0]))
    _both_logarithmic(figure, "Estimate σ̂ (Å)")
    return figure


def _curves(figure: go.Figure, scan: BondScan, exact: Values, network: Values, unit: str, row: int) -> None:
    label = f"%{{x:.2f}} Å: %{{y:.3f}} {unit}<extra>%{{fullData.name}}</extra>"
    common: dict[str, Any] = {"x": scan.lengths, "hovertemplate": label, "showlegend": row == 1}
    figure.add_scatter(**common, y=exact, name="exact", line={"color": EXACT, "dash": "dash"}, row=row, col=1)
    figure.add_scatter(**common, y=network, name="the network", line={"color": NETWORK, "width": 2.5}, row=row, col=1)


def _arrow(figure: go.Figure, start: float, end: float, y: float, text: str) -> None:
    """An arrow along x in data coordinates."""
    place = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    figure.add_annotation(
        x=end, y=y, ax=start, ay=y, **place, text="", arrowhead=2, arrowsize=1.2, arrowwidth=2.5, arrowcolor=HERE
    )
    middle = {"x": (start + end) / 2, "y": y, "xref": "x", "yref": "y"}
    figure.add_annotation(**middle, text=text, showarrow=False, yshift=12, font={"color": HERE})


def _atoms(figure: go.Figure, scan: BondScan, r: float, landing: float) -> None:
    """The two atoms as given, after the jump, and at equilibrium; the first is drawn at 0."""
    for name, length in (("equilibrium", scan.r0), ("after the jump", landing), ("given", r)):
        colours, sizes = zip(*(ELEMENTS[symbol] for symbol in scan.symbols), strict=True)
        figure.add_scatter(
            x=[0, length],
            y=[name, name],
            mode="lines+markers+text",
            text=list(scan.symbols),
            textfont={"color": ["#17242b" if symbol == "H" else "#ffffff" for symbol in scan.symbols]},
            marker={
                "color": colours,
                "size": [0.65 * size for size in sizes],
                "line": {"width": 1, "color": "#17242b"},
            },
            line={"color": GUIDE, "width": 4},
            showlegend=False,
            hovertemplate=f"{name}: {length:.2f} Å<extra></extra>",
            row=2,
            col=1,
        )


def _band(figure: go.Figure, levels: Values, values: Values, name: str, colour: str, symbol: str) -> None:
    """The median over directions of the noise (K, D), with whiskers to the least and the most."""
    middle, low, high = np.median(values, axis=1), values.min(axis=1), values.max(axis=1)
    figure.add_scatter(
        x=levels,
        y=drawable(middle),
        error_y={"type": "data", "symmetric": False, "array": high - middle, "arrayminus": middle - low, "width": 0},
        mode="lines+markers",
        name=name,
        line={"color": colour, "width": 2},
        marker={"symbol": symbol, "size": 6},
        hovertemplate="σ = %{x:.3g} Å: %{y:.3g} Å<extra>%{fullData.name}</extra>",
    )


def _identity(figure: go.Figure, levels: Values, name: str) -> None:
    figure.add_scatter(x=levels, y=levels, name=name, mode="lines", line={"dash": "dot", "width": 1.5, "color": GUIDE})


def _here(figure: go.Figure, x: float, y: float) -> None:
    """The structure that is shown in 3D: that of the first of the noises, and not their median."""
    marker = {"size": 13, "symbol": "diamond", "color": HERE}
    hover = "σ = %{x:.3g} Å: %{y:.3g} Å<extra>%{fullData.name}</extra>"
    figure.add_scatter(x=[x], y=[y], name="the one in 3D", mode="markers", marker=marker, hovertemplate=hover)


def _both_logarithmic(figure: go.Figure, y_title: str) -> None:
    figure.update_layout(height=330, margin=_MARGIN, legend=_LEGEND)
    figure.update_xaxes(title="Noise level σ put in (Å)", type="log", dtick=1)
    figure.update_yaxes(title=y_title, type="log", dtick=1)
