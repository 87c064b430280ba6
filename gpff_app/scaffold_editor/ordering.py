"""From a document and what is to be added to an order, and to the cloud that the editor shows."""

import math
import re
from dataclasses import replace
from typing import Any, Final

import numpy as np

from gpff_app.run import Order
from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.growth import cloud_centre
from gpff_app.scaffold_editor.sources import opened
from gpff_app.scaffold_order import ScaffoldOrder
from gpff_app.watching import half_axes
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors import Blobs, Isotropic, Prior
from gpff_core.recipe import Recipe
from gpff_core.samples import Sample
from gpff_core.scaffold import Scaffold

CLOUD: Final = "cloud"
"""What the cloud is called among the viewer's shapes."""

N_SHOWN: Final = 150
"""Points that show a prior with a place of its own."""


def order_of(
    source: Document, new: Composition, stiffness: float, n_molecules: int, recipe: Recipe, checkpoint: str
) -> Order:
    """Grow `new` on the frozen atoms; GpffError says what does not fit.

    The attachment point is where a cloud goes, unless it was moved or has a place of its own.
    """
    placed = source.cloud is not None or recipe.build_prior().placed
    attachment = None if placed else source.attachment
    scaffold = ScaffoldOrder(
        source.structure, tuple(sorted(source.frozen)), new, attachment, stiffness, file_name(source)
    )
    return Order(scaffold.whole(), n_molecules, with_cloud(recipe, source), checkpoint, scaffold)


def with_cloud(recipe: Recipe, source: Document) -> Recipe:
    """The recipe, started from where the cloud was moved to."""
    if source.cloud is None:
        return recipe
    prior = recipe.build_prior()
    if not isinstance(prior, Isotropic):
        raise GpffError(
            "The cloud was moved, and only a round one can be; put it back, or choose Round as the starting cloud."
        )
    return replace(recipe, prior=Blobs(((1.0, *source.cloud, prior.sigma),)))


def file_name(source: Document) -> str:
    """What the document is called on the command line: letters and digits of its name."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", source.name).strip("-")[:40]
    return f"{plain or 'scaffold'}.xyz"


def cloud_shapes(source: Document, prior: Prior, new: Composition | None) -> list[dict[str, Any]]:
    """The prior as the viewer draws it: an ellipsoid that can be moved, or points where it has a place of its own."""
    centre = cloud_centre(source)
    if centre is None:
        return []
    if prior.placed:
        return (
            [] if new is None else [{"kind": "points", "points": _points(prior, new), "radius": 0.1, "tint": "prior"}]
        )
    axes = half_axes(prior.covariance)
    cloud = {"kind": "ellipsoid", "id": CLOUD, "centre": list(centre), "axes": axes, "tint": "prior", "movable": True}
    return [cloud]


def next_scaffold(sample: Sample, scaffold: Scaffold | None) -> Document:
    """A result as a document: what was the scaffold stays frozen, and what is new is chosen."""
    n_given = 0 if scaffold is None else len(scaffold)
    name = f"{sample.composition.formula} {sample.index + 1}"
    fresh = opened(Structure(sample.composition, sample.positions), name)
    return replace(fresh, frozen=frozenset(range(n_given)), selected=tuple(range(n_given, len(fresh))))


def what_stays(taken: Document) -> str:
    """What is frozen of a result that was taken up, in a sentence."""
    return (
        f"The {len(taken.frozen)} atoms of the scaffold are still frozen. The {len(taken.selected)} new ones are "
        "chosen, and give way unless you press F."
    )


def stiffness_of(springs: bool, value: float | None) -> float:
    """Infinite for frozen atoms, else the springs' stiffness."""
    return math.inf if not springs or value is None else value


def _points(prior: Prior, new: Composition) -> np.ndarray:
    n_molecules = max(1, N_SHOWN // len(new))
    batch = AtomBatch.from_compositions([new] * n_molecules)
    return prior.sample(batch, Noise(0, tuple(range(n_molecules)))).numpy()
