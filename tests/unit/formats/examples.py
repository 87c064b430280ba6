"""Samples of every kind: valid, and not valid for a reason; real geometries of the G2 set."""

import ase.build
import numpy as np
from ase import Atoms

from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.formats.provenance import Provenance
from gpff_core.molecules import Composition
from gpff_core.samples import Sample

AWKWARD_PROVENANCE = Provenance(
    version="0.1.0",
    checkpoint="qm9",
    checkpoint_sha256="ab" * 32,
    sampler='direct λ=1.0 "stochastic" \\ 60 steps',
    prior="isotropic σ = 3 Å",
    seed=7,
    frozen_atoms=(0, 3),
    command="=gpff sample --out 'a b'\n$$$$\n> <smiles>\n",
)
"""What has a meaning in one of the formats: quotes, backslashes, newlines, SDF's end of record, a leading =."""


def sample(index: int, atoms: Atoms, novelty: Novelty) -> Sample:
    positions = atoms.positions.astype(np.float32)
    return Sample(
        index=index,
        composition=Composition(tuple(atoms.numbers.tolist())),
        positions=positions,
        verdict=verdict(atoms.numbers, positions),
        novelty=novelty,
        n_evaluations=60,
    )


def examples() -> list[Sample]:
    """Pyridine, a torn ethanol, acetamide and ethyne, by their places 0, 1, 2 and 5 in a request."""
    torn = ase.build.molecule("CH3CH2OH")
    torn.positions[0] += 4.0
    return [
        sample(0, ase.build.molecule("C5H5N"), Novelty.KNOWN),
        sample(1, torn, Novelty.UNDETERMINED),
        sample(2, ase.build.molecule("CH3CONH2"), Novelty.NOVEL),
        sample(5, ase.build.molecule("C2H2"), Novelty.KNOWN),
    ]
