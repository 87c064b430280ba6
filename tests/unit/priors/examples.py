"""A prior of every kind and more, and batches to draw them for."""

import math

import torch

from gpff_core.molecules import AtomBatch, Composition, Pins
from gpff_core.priors import SHAPES, Blobs, Covariance, Curve, Isotropic, Motif, PointCloud, Prior, Shape, Typical

TILTED = Covariance(4.0, 1.0, 2.0, xy=0.8, xz=-1.5, yz=0.3)
CORNERS = ((0.0, 0.0, 0.0), (4.0, 0.0, 0.0), (4.0, 3.0, 0.0), (4.0, 3.0, 5.0))
METHANOL = Motif(
    (6, 8, 1, 1, 1, 1),
    (
        (-0.047, 0.664, 0.0),
        (-0.047, -0.758, 0.0),
        (-1.093, 0.97, 0.0),
        (0.878, -1.046, 0.0),
        (0.438, 1.071, 0.889),
        (0.438, 1.071, -0.889),
    ),
    0.4,
)

FLOATING: list[Prior] = [
    Isotropic(0.7),
    Covariance(9.0, 1.0, 0.25),
    TILTED,
    Covariance.from_axes((3.0, 1.0, 0.5), (20, 40, 60)),
    Shape(SHAPES["rod"], 1.5),
    Shape((1.0, 2.0, 3.0), 0.8, hold=True),
    Typical(1.2),
]
PLACED: list[Prior] = [
    PointCloud(tuple((float(i % 5), float(i // 5 % 5), 2.0 * (i // 25)) for i in range(100)), 0.2),
    Curve(CORNERS, 0.1),
    Curve(CORNERS, 0.1, closed=True),
    Blobs(((1.0, 0.0, 0.0, 0.0, 0.5), (3.0, 5.0, -1.0, 2.0, 1.0), (2.0, 0.0, 4.0, 0.0, 0.3))),
    METHANOL,
]
EVERY = [*FLOATING, *PLACED]

MOLECULES = [Composition((6, 1, 1, 1, 1)), Composition((2,)), Composition((8, 1, 1)), Composition((6, 8, 1, 7, 1, 1))]


def pinned(molecules: list[Composition], frozen: list[list[int]], anchor: float = 50.0) -> AtomBatch:
    """A batch in which some atoms of each molecule are frozen, at x = y = z = `anchor`."""
    free = AtomBatch.from_compositions(molecules)
    stiffness = torch.zeros(free.n_atoms, 1)
    for indices, places in zip(frozen, free.split(torch.arange(free.n_atoms)), strict=True):
        stiffness[places[indices]] = math.inf
    return AtomBatch(free.numbers, free.molecule, Pins(stiffness, torch.full((free.n_atoms, 3), anchor)))
