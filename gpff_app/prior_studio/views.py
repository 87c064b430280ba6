"""What the 3D view of the studio is given: shapes and atoms of a design, and what stands for a prior beside a run."""

from typing import Any

import numpy as np

from gpff_app.prior_studio.kind import Picture
from gpff_app.prior_studio.pictures import ellipsoid
from gpff_app.viewer import Model3D
from gpff_core.priors import Prior


def shapes_of(prior: Prior) -> list[dict[str, Any]]:
    """What stands for any prior beside a run: its covariance."""
    return [ellipsoid(prior.covariance, centre_of(prior))]


def centre_of(prior: Prior) -> list[float]:
    """Where a prior's cloud is: at the origin, unless it is placed in space."""
    points = getattr(prior, "points", None) or getattr(prior, "positions", None)
    if points:
        return [float(x) for x in np.mean(points, axis=0)]
    blobs = np.array(getattr(prior, "blobs", [(1.0, 0.0, 0.0, 0.0, 1.0)]))
    return np.average(blobs[:, 1:4], axis=0, weights=blobs[:, 0]).tolist()


def model_of(picture: Picture) -> Model3D:
    """The atoms of a picture for the viewer; none where there are only shapes."""
    if picture.atoms is None:
        return Model3D("prior", (), np.zeros((0, 3)))
    return Model3D("prior", picture.atoms.composition.symbols, picture.atoms.positions)
