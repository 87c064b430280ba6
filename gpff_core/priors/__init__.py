"""Where generation starts: distributions of atom positions. One file a prior, and one line in `PRIORS`."""

from typing import Final

from gpff_core.priors.blobs import Blobs
from gpff_core.priors.covariance import Covariance
from gpff_core.priors.curve import Curve
from gpff_core.priors.isotropic import Isotropic
from gpff_core.priors.motif import Motif
from gpff_core.priors.motifs import Motifs
from gpff_core.priors.point_cloud import PointCloud
from gpff_core.priors.protocol import Prior
from gpff_core.priors.shape import SHAPES, Shape
from gpff_core.priors.typical import Typical

PRIORS: Final[dict[str, type[Prior]]] = {
    "isotropic": Isotropic,
    "covariance": Covariance,
    "typical": Typical,
    "shape": Shape,
    "point-cloud": PointCloud,
    "curve": Curve,
    "blobs": Blobs,
    "motif": Motif,
}
"""Every prior that JSON can hold, by the name that files, the command line and the app know it by."""

__all__ = [
    "PRIORS",
    "SHAPES",
    "Blobs",
    "Covariance",
    "Curve",
    "Isotropic",
    "Motif",
    "Motifs",
    "PointCloud",
    "Prior",
    "Shape",
    "Typical",
]
