"""The round cloud: one width, which is a temperature."""

from gpff_app.prior_studio.controls import heat, in_step
from gpff_app.prior_studio.kind import Design, Kind, Panel
from gpff_app.prior_studio.pictures import as_ellipsoid
from gpff_core.priors import Isotropic, Prior


def _build(design: Design) -> Prior:
    return Isotropic(float(design["sigma"]), float(design["spacing"]))


def _controls(panel: Panel) -> None:
    heat(panel, "Width σ (Å)", panel.design["sigma"], lambda sigma: {"sigma": sigma}, key="round", top=12.0)
    in_step(
        "Spacing of the atoms (Å)",
        panel.design["spacing"],
        lambda chosen: panel.change(spacing=chosen),
        key="round spacing",
        top=2.0,
        low=0.0,
        explanation="Atoms of the cloud that are nearer to each other than this are moved apart first, which saves a "
        "run of few steps that work; 0 leaves them where they are.",
    )


KIND = Kind(
    label="Round cloud",
    summary="Random positions in a ball: says how hot the start is, and nothing about shape.",
    prior=Isotropic,
    first=lambda: {"sigma": 1.5, "spacing": 0.0},
    build=_build,
    design_of=lambda prior: {"sigma": prior.sigma, "spacing": prior.spacing},
    controls=_controls,
    picture=as_ellipsoid,
)
