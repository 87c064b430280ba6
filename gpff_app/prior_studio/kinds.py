"""Every kind of prior the studio can design."""

from typing import Final

from gpff_app.prior_studio import blobs, curve, ellipsoid, motif, points, round_cloud, shape, surface, typical
from gpff_app.prior_studio.kind import Kind
from gpff_core.priors import Prior

KINDS: Final[dict[str, Kind]] = {
    "ellipsoid": ellipsoid.KIND,
    "shape": shape.KIND,
    "round": round_cloud.KIND,
    "typical": typical.KIND,
    "points": points.KIND,
    "curve": curve.KIND,
    "surface": surface.KIND,
    "blobs": blobs.KIND,
    "motif": motif.KIND,
}


def kind_of(prior: Prior) -> str:
    """The name of the first kind that can design such a prior; the inside of a surface comes back as points."""
    return next(name for name, kind in KINDS.items() if kind.prior is type(prior))
