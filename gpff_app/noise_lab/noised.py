"""The real example: a molecule noised to many levels at once, and what the network makes of each."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from gpff_app.noise_lab.bond import Values, settled
from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.field import equilibrium, raw_noise_level
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.noise import Noise

EXAMPLES: Final = {
    "CCO": "Ethanol",
    "c1ccccc1": "Benzene",
    "CC(=O)NC": "N-methylacetamide",
    "CC(N)C(=O)O": "Alanine",
    "Cc1ccccc1O": "o-Cresol",
}
"""SMILES to choose from; any other may be typed."""

LEVELS: Final = tuple(float(level) for level in np.geomspace(0.02, 10, 28).round(4))
"""σ in Å."""

DIRECTIONS: Final = 3
"""How often the molecule is noised at each level, always in the same directions; the first is shown in 3D."""

MAX_ATOMS: Final = 30
"""So that the picture appears within a second or two."""


@dataclass(frozen=True, eq=False)
class NoisedMolecule:
    """A molecule X₀ (N, 3) and what became of it at K levels σ, all in Å.

    `noised`, `force` and `predicted` (K, N, 3) are X, F and X̂₀ in the first direction. Over all directions (K, D):
    `error`, the root mean square error of a coordinate of X̂₀, and σ̂, `raw` and `calibrated`.
    """

    composition: Composition
    x0: NDArray[np.float32]
    levels: Values
    noised: NDArray[np.float32]
    force: NDArray[np.float32]
    predicted: NDArray[np.float32]
    error: Values
    raw: Values
    calibrated: Values


@torch.inference_mode()
def noised_molecule(field: Checkpoint, smiles: str) -> NoisedMolecule:
    """Noise the molecule of a SMILES to every level, in one network call; GpffError if it cannot be done."""
    composition, geometry = structure_from_smiles(smiles)
    check_elements([composition], field.elements, field.name)
    if not 2 <= len(composition) <= MAX_ATOMS:
        raise GpffError(
            f"{smiles} has {len(composition)} atoms with its hydrogens; the picture takes 2 to {MAX_ATOMS}."
        )
    x0 = settled(field, composition, geometry)
    batch = AtomBatch.from_compositions([composition] * (len(LEVELS) * DIRECTIONS))
    levels = torch.tensor(LEVELS)
    one_level = AtomBatch.from_compositions([composition] * DIRECTIONS)
    z = Noise(0, range(DIRECTIONS)).centred_normal(one_level).view(DIRECTIONS, -1, 3)
    x = (x0 + levels[:, None, None, None] * z).view(-1, 3)
    force = field(x, batch)
    shape = (len(LEVELS), DIRECTIONS, len(composition), 3)
    predicted = equilibrium(x, force).view(shape)
    return NoisedMolecule(
        composition=composition,
        x0=x0.numpy(),
        levels=levels.double().numpy(),
        noised=x.view(shape)[:, 0].numpy(),
        force=force.view(shape)[:, 0].numpy(),
        predicted=predicted[:, 0].numpy(),
        error=(predicted - x0).square().mean((-1, -2)).sqrt().double().numpy(),
        raw=raw_noise_level(force, batch).view(shape[:2]).double().numpy(),
        calibrated=field.noise_level(force, batch).view(shape[:2]).double().numpy(),
    )
