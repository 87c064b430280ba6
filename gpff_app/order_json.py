"""Orders as plain values that JSON can hold, and back."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gpff_app.run import Order
from gpff_app.scaffold_order import ScaffoldOrder
from gpff_core.formats.structures import Structure, structure
from gpff_core.molecules import Composition
from gpff_core.priors.serialisation import prior_as_json, prior_from_json
from gpff_core.recipe import Recipe


def order_as_dict(order: Order) -> dict[str, Any]:
    """Everything that decides the order's molecules."""
    return {
        "numbers": list(order.composition.numbers),
        "n_molecules": order.n_molecules,
        "recipe": recipe_as_dict(order.recipe),
        "checkpoint": order.checkpoint,
        "scaffold": None if order.scaffold is None else _scaffold_as_dict(order.scaffold),
    }


def order_from_dict(values: Mapping[str, Any]) -> Order:
    """The order, validated; KeyError, TypeError, ValueError or GpffError where the values are no order."""
    given = values["scaffold"]
    return Order(
        Composition(tuple(map(int, values["numbers"]))),
        int(values["n_molecules"]),
        replace(recipe_from_dict(values["recipe"]), frozen=given is not None),
        str(values["checkpoint"]),
        None if given is None else _scaffold_from_dict(given),
    )


def recipe_as_dict(recipe: Recipe) -> dict[str, Any]:
    return {
        "sampler": recipe.sampler,
        "steps": recipe.steps,
        "prior": None if recipe.prior is None else prior_as_json(recipe.prior),
        "settings": dict(recipe.settings),
        "seed": recipe.seed,
        "reheat": recipe.reheat,
    }


def recipe_from_dict(values: Mapping[str, Any]) -> Recipe:
    steps, prior = values["steps"], values["prior"]
    return Recipe(
        str(values["sampler"]),
        None if steps is None else int(steps),
        None if prior is None else prior_from_json(prior),
        dict(values["settings"]),
        int(values["seed"]),
        int(values.get("reheat", 0)),  # files of version 0.1 may lack it
    )


def structure_as_dict(given: Structure) -> dict[str, Any]:
    """Numbers and positions; a float32 is written with all its digits."""
    return {"numbers": list(given.composition.numbers), "positions": given.positions.tolist()}


def structure_from_dict(values: Mapping[str, Any]) -> Structure:
    with np.errstate(over="ignore"):  # too large for a float32 is infinite, and refused
        return structure(values["numbers"], np.array(values["positions"], dtype=np.float32).reshape(-1, 3))


def _scaffold_as_dict(scaffold: ScaffoldOrder) -> dict[str, Any]:
    return {
        **structure_as_dict(scaffold.structure),
        "freeze": list(scaffold.freeze),
        "added": list(scaffold.added.numbers),
        "attachment": scaffold.attachment,
        "stiffness": None if math.isinf(scaffold.stiffness) else scaffold.stiffness,
        "file_name": scaffold.file_name,
    }


def _scaffold_from_dict(values: Mapping[str, Any]) -> ScaffoldOrder:
    attachment, stiffness = values["attachment"], values["stiffness"]
    return ScaffoldOrder(
        structure_from_dict(values),
        tuple(map(int, values["freeze"])),
        Composition(tuple(map(int, values["added"]))),
        None if attachment is None else int(attachment),
        math.inf if stiffness is None else float(stiffness),
        str(values["file_name"]),
    )
