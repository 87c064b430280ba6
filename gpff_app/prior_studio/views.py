"""The atoms of a design as the 3D viewer takes them."""

import numpy as np

from gpff_app.prior_studio.kind import Picture
from gpff_app.viewer import Model3D


def model_of(picture: Picture) -> Model3D:
    """The atoms of a picture for the viewer; none where there are only shapes."""
    if picture.atoms is None:
        return Model3D("prior", (), np.zeros((0, 3)))
    return Model3D("prior", picture.atoms.composition.symbols, picture.atoms.positions)
