"""Real molecules as samples, for what keeps and shows them."""

from functools import cache

import numpy as np

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.formats.provenance import Provenance
from gpff_core.molecules import Composition
from gpff_core.samples import Sample

PROVENANCE = Provenance("1.2.3", "tiny", "abc123", "Heun(40)", "Isotropic(1.5)", 7, (), "python -m gpff_core sample")


@cache
def _structure(smiles: str) -> tuple[Composition, np.ndarray]:
    return structure_from_smiles(smiles)


def sample(index: int, smiles: str, novelty: Novelty = Novelty.NOVEL, scaffold: str = "") -> Sample:
    composition, positions = _structure(smiles)
    return Sample(index, composition, positions, verdict(composition.numbers, positions), novelty, 12, scaffold)


def broken(index: int, smiles: str = "CCO") -> Sample:
    """The same atoms, pulled apart: no molecule."""
    composition, positions = _structure(smiles)
    apart = (positions * 5).astype(np.float32)
    return Sample(index, composition, apart, verdict(composition.numbers, apart), Novelty.UNDETERMINED, 12)
