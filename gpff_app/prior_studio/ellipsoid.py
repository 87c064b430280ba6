"""The ellipsoid: a full covariance, changed by its axes, its turns, its matrix, a place in the triangle or a molecule.

The design's `matrix` (xx, yy, zz, xy, xz, yz in Å²) is what counts; `lengths` and `angles` say it as a person last did.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st
import torch

from gpff_app import kept
from gpff_app.prior_studio.controls import choices, heat, in_step, numbers_in_a_row
from gpff_app.prior_studio.kind import Design, Kind, Panel
from gpff_app.prior_studio.molecule_input import molecule_input
from gpff_app.prior_studio.orientation import axes_of
from gpff_app.prior_studio.pictures import as_ellipsoid
from gpff_app.prior_studio.triangle import Place, place_of_covariance, shares_at
from gpff_app.prior_studio.triangle_chart import clickable_triangle
from gpff_core.formats.structures import Structure
from gpff_core.priors import SHAPES, Covariance, Prior
from gpff_core.priors.typical import typical_axes

ENTRIES: Final = ("xx", "yy", "zz", "xy", "xz", "yz")
_ROWS: Final = (("xx", "xy", "xz"), ("xy", "yy", "yz"), ("xz", "yz", "zz"))
_DIGITS: Final = 6  # of Å²: what is typed stays as it was typed, and a command line stays readable

Settings = Mapping[str, Any]


def of_axes(lengths: Sequence[float], angles: Sequence[float]) -> Settings:
    """From standard deviations (Å) and turns about x, y, z (°)."""
    (a, b, c), (x, y, z) = lengths, angles
    return {
        "matrix": _entries(Covariance.from_axes((a, b, c), (x, y, z))),
        "lengths": list(lengths),
        "angles": list(angles),
    }


def of_matrix(entries: Sequence[float], angles: Sequence[float]) -> Settings:
    """From the matrix itself, with axes named as near to the turns `angles` as they can be."""
    covariance = Covariance(*entries)
    lengths, turns = axes_of(np.array(covariance.covariance), angles)
    return {"matrix": list(entries), "lengths": lengths, "angles": turns}


def of_shares(shares: Sequence[float], design: Design) -> Settings:
    """The same size and turns with other shares of the variance, the largest along the axis that is longest now."""
    lengths = np.array(design["lengths"])
    total = float(np.square(lengths).sum())
    rank = (-lengths).argsort(kind="stable").argsort()
    wanted = np.sqrt(total * np.sort(shares)[::-1])[rank]
    return of_axes([round(float(length), 4) for length in wanted], design["angles"])


def of_size(sigma: float, design: Design) -> Settings:
    """The same shape with a root mean square coordinate of σ (Å)."""
    lengths = np.array(design["lengths"])
    factor = sigma / float(np.sqrt(np.square(lengths).mean()))
    return of_axes([float(length) for length in lengths * factor], design["angles"])


def of_molecule(molecule: Structure, design: Design) -> Settings:
    """The size, shape and orientation of a molecule."""
    covariance = Covariance.of_positions(molecule.positions)
    return of_matrix(_entries(covariance), design["angles"])


def _entries(covariance: Covariance) -> list[float]:
    return [round(getattr(covariance, entry), _DIGITS) + 0.0 for entry in ENTRIES]


def _build(design: Design) -> Prior:
    return Covariance(*(float(entry) for entry in design["matrix"]))


def _controls(panel: Panel) -> None:
    design = panel.design
    _presets(panel)
    left, right = st.columns(2, gap="medium")
    with left:
        _triangle(panel)
    with right:
        for place, axis in enumerate(("First", "Second", "Third")):
            _axis(panel, place, axis)
        numbers_in_a_row(
            "Turned about x, y, z (°)",
            "xyz",
            design["angles"],
            lambda angles: panel.attempt(lambda: of_axes(design["lengths"], angles)),
            key="ellipsoid angle",
            step=15.0,
            decimals=1,
            explanation="Rotations one after another about the fixed axes x, then y, then z.",
        )
    heat(panel, "Size σ (Å)", _size(design), lambda sigma: of_size(sigma, panel.design), key="ellipsoid")
    with st.expander("The matrix itself (Å²)"):
        _matrix(panel)
    with st.expander("From a molecule"):
        molecule_input(panel, lambda molecule, _: of_molecule(molecule, design), key="ellipsoid")


def _presets(panel: Panel) -> None:
    options = {name.capitalize(): partial(of_shares, shares, panel.design) for name, shares in SHAPES.items()}
    usual = [round(length, 4) for length in typical_axes(torch.tensor([len(panel.composition)]).double())[0].tolist()]
    options[f"As {len(panel.composition)} atoms"] = partial(of_axes, usual, panel.design["angles"])
    choices(panel, "Presets", options, key="ellipsoid")


def _triangle(panel: Panel) -> None:
    def click(place: Place) -> None:
        panel.attempt(lambda: of_shares(shares_at(place), panel.design))

    clickable_triangle(place_of_covariance(_build(panel.design).covariance), click, key="ellipsoid triangle")


def _axis(panel: Panel, place: int, axis: str) -> None:
    def put(length: float) -> None:
        lengths = list(panel.design["lengths"])
        lengths[place] = length
        panel.attempt(lambda: of_axes(lengths, panel.design["angles"]))

    in_step(
        f"{axis} axis (Å)",
        panel.design["lengths"][place],
        put,
        key=f"ellipsoid axis {place}",
        top=6.0,
        explanation="Half an axis of the ellipsoid: one standard deviation along it. Slide, or type any length.",
    )


def _matrix(panel: Panel) -> None:
    """Three rows of three; the lower half mirrors the upper one."""
    st.caption("Variances on the diagonal, covariances beside it; the lower half follows the upper one.")
    held = dict(zip(ENTRIES, panel.design["matrix"], strict=True))
    keys = {entry: f"ellipsoid matrix {entry}" for entry in ENTRIES}

    def put() -> None:
        entries = [st.session_state[keys[entry]] for entry in ENTRIES]
        panel.attempt(lambda: of_matrix(entries, panel.design["angles"]))

    for i, row in enumerate(_ROWS):
        for j, (column, entry) in enumerate(zip(st.columns(3, gap="small"), row, strict=True)):
            mirrored = j < i
            key = f"{keys[entry]} mirrored" if mirrored else keys[entry]
            kept.show(key, float(held[entry]))
            column.number_input(f"{entry} (Å²)", step=0.1, format="%.4f", key=key, disabled=mirrored, on_change=put)


def _size(design: Design) -> float:
    return round(float(np.sqrt(np.mean(design["matrix"][:3]))), _DIGITS)


def _design_of(prior: Covariance) -> Design:
    return dict(of_matrix([getattr(prior, entry) for entry in ENTRIES], (0.0, 0.0, 0.0)))


KIND = Kind(
    label="Ellipsoid",
    summary="A cloud with three lengths and an orientation: the full covariance of every atom's position.",
    prior=Covariance,
    first=lambda: dict(of_axes((3.0, 1.2, 0.5), (0.0, 0.0, 0.0))),
    build=_build,
    design_of=_design_of,
    controls=_controls,
    picture=as_ellipsoid,
)
