"""The typical cloud: as large and as flat as molecules of that many atoms are."""

import streamlit as st
import torch

from gpff_app.prior_studio.controls import in_step
from gpff_app.prior_studio.kind import Design, Kind, Panel
from gpff_app.prior_studio.pictures import as_ellipsoid
from gpff_core.priors import Prior, Typical
from gpff_core.priors.typical import typical_axes


def _build(design: Design) -> Prior:
    return Typical(float(design["size"]))


def _controls(panel: Panel) -> None:
    size = panel.design["size"]
    in_step(
        "Size (times that of QM9's molecules)",
        size,
        lambda chosen: panel.change(size=chosen),
        key="typical",
        top=4.0,
        step=0.05,
        explanation="1 is the usual size; more starts hotter, which leaves more to the network.",
    )
    n_atoms = len(panel.composition)
    x, y, z = (size * length for length in typical_axes(torch.tensor([n_atoms]).double())[0].tolist())
    st.caption(f"For {n_atoms} atoms the cloud's axes are {x:.2f}, {y:.2f} and {z:.2f} Å long (one σ).")


KIND = Kind(
    label="Typical molecule",
    summary="A cloud as large and as flat as molecules of this many atoms are in the training data.",
    prior=Typical,
    first=lambda: {"size": 1.0},
    build=_build,
    design_of=lambda prior: {"size": prior.size},
    controls=_controls,
    picture=as_ellipsoid,
)
