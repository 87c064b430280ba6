"""A rod, a disc, a ball or anything between: shares of the variance, a size, and whether the shape is held."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from gpff_app import kept
from gpff_app.prior_studio.controls import choices, heat, numbers_in_a_row
from gpff_app.prior_studio.kind import Design, Kind, Panel
from gpff_app.prior_studio.pictures import as_ellipsoid
from gpff_app.prior_studio.triangle import Place, place_of_variances, shares_at
from gpff_app.prior_studio.triangle_chart import clickable_triangle
from gpff_core.priors import SHAPES, Prior, Shape
from gpff_core.priors.settings import Point


def of_shares(shares: Sequence[float]) -> Mapping[str, Any]:
    return {"ratios": [round(float(share), 4) for share in shares]}


def _build(design: Design) -> Prior:
    x, y, z = (float(ratio) for ratio in design["ratios"])
    return Shape((x, y, z), float(design["sigma"]), hold=bool(design["hold"]))


def _controls(panel: Panel) -> None:
    design = panel.design

    def click(place: Place) -> None:
        panel.attempt(lambda: of_shares(shares_at(place)))

    choices(
        panel,
        "Presets",
        {name.capitalize(): partial(of_shares, shares) for name, shares in SHAPES.items()},
        key="shape",
    )
    clickable_triangle(place_of_variances(design["ratios"]), click, key="shape triangle")
    numbers_in_a_row(
        "Shares of the variance along x, y, z",
        "xyz",
        design["ratios"],
        lambda ratios: panel.change(ratios=ratios),
        key="shape share",
        step=0.05,
        decimals=3,
        explanation="They need not add up to 1: only their ratios count.",
    )
    heat(panel, "Size σ (Å)", design["sigma"], lambda sigma: {"sigma": sigma}, key="shape")
    kept.show("shape hold", design["hold"])
    st.toggle(
        "Hold the shape",
        key="shape hold",
        on_change=lambda: panel.change(hold=st.session_state["shape hold"]),
        help="Impose the shape again before every network call, on whatever axes the molecule then has, and not only "
        "at the start.",
    )


def _design_of(prior: Shape) -> Design:
    ratios: Point = prior.ratios
    return {"ratios": list(ratios), "sigma": prior.sigma, "hold": prior.hold}


KIND = Kind(
    label="Rod, disc, ball",
    summary="A shape by name or by a click in the triangle, which can be held until the molecule is finished.",
    prior=Shape,
    first=lambda: {"ratios": list(SHAPES["rod"]), "sigma": 1.8, "hold": False},
    build=_build,
    design_of=_design_of,
    controls=_controls,
    picture=as_ellipsoid,
)
