"""The round cloud: one width, which is a temperature."""

from gpff_app.prior_studio.controls import heat
from gpff_app.prior_studio.kind import Design, Kind, Panel
from gpff_app.prior_studio.pictures import as_ellipsoid
from gpff_core.priors import Isotropic, Prior


def _build(design: Design) -> Prior:
    return Isotropic(float(design["sigma"]))


def _controls(panel: Panel) -> None:
    heat(panel, "Width σ (Å)", panel.design["sigma"], lambda sigma: {"sigma": sigma}, key="round", top=12.0)


KIND = Kind(
    label="Round cloud",
    summary="Random positions in a ball: says how hot the start is, and nothing about shape.",
    prior=Isotropic,
    first=lambda: {"sigma": 1.5},
    build=_build,
    design_of=lambda prior: {"sigma": prior.sigma},
    controls=_controls,
    picture=as_ellipsoid,
)
