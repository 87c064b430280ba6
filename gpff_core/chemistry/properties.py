"""What chemists rank molecules by, computed with RDKit from a molecule's bonds, and the shape of its atoms in a word.

QED: 0 to 1, how drug-like (Bickerton et al., Nature Chem. 4, 90 (2012)). logP: octanol–water, by Crippen's atom
contributions (Wildman and Crippen, J. Chem. Inf. Comput. Sci. 39, 868 (1999)). TPSA in Å², nitrogen and oxygen only
(Ertl et al., J. Med. Chem. 43, 3714 (2000)). SA score: 1 (easy) to 10 (hard to make), from fragments of known molecules
(Ertl and Schuffenhauer, J. Cheminf. 1, 8 (2009)); it lies in RDKit's contributed folder, which most wheels bring.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from rdkit import Chem, RDConfig, rdBase
from rdkit.Chem import QED, Descriptors, rdMolDescriptors

from gpff_core.chemistry.shape import Numbers, moment_ratios
from gpff_core.errors import GpffError

CORNERS: Final = {"rod": (0.0, 1.0), "disc": (0.5, 0.5), "ball": (1.0, 1.0)}
"""The corners of the triangle of normalised principal moment ratios (NPR1, NPR2)."""

SA_SCORE_MISSING: Final = "this installation of RDKit comes without its contributed SA_Score folder"


@dataclass(frozen=True)
class Properties:
    """Of one molecule; `weight` in g/mol, `tpsa` in Å², the others have no unit; `sa_score` None where unavailable."""

    qed: float
    logp: float
    tpsa: float
    sa_score: float | None
    weight: float
    n_heavy: int
    n_rings: int


@dataclass(frozen=True)
class MomentShape:
    """Normalised principal moment ratios, and the corner of their triangle that is nearest: rod, disc or ball."""

    npr1: float
    npr2: float
    name: str


def properties(molecule: Chem.Mol) -> Properties:
    """Of a sanitised molecule, with or without its hydrogens as atoms."""
    with rdBase.BlockLogs():
        skeleton = Chem.RemoveHs(molecule)
        return Properties(
            qed=float(QED.qed(skeleton)),  # type: ignore[no-untyped-call]
            logp=float(rdMolDescriptors.CalcCrippenDescriptors(skeleton)[0]),
            tpsa=float(rdMolDescriptors.CalcTPSA(skeleton)),
            sa_score=_sa_score(skeleton),
            weight=float(Descriptors.MolWt(skeleton)),  # type: ignore[attr-defined]
            n_heavy=skeleton.GetNumHeavyAtoms(),
            n_rings=rdMolDescriptors.CalcNumRings(skeleton),
        )


def moment_shape(numbers: Numbers, positions: ArrayLike) -> MomentShape | None:
    """The shape of atoms at `positions` (N, 3) in Å; None where it is not defined (one atom, places not finite)."""
    if not np.isfinite(positions).all():
        return None
    try:
        ratios = moment_ratios(numbers, positions)
    except GpffError:
        return None
    return MomentShape(*ratios, min(CORNERS, key=lambda name: math.dist(CORNERS[name], ratios)))


def _sa_score(skeleton: Chem.Mol) -> float | None:
    scorer = _sa_scorer()
    return float(scorer.calculateScore(skeleton)) if scorer is not None and skeleton.GetNumHeavyAtoms() else None


@cache
def _sa_scorer() -> ModuleType | None:
    """RDKit's contributed module, which is a file and not a package."""
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    if not path.is_file() or not path.with_name("fpscores.pkl.gz").is_file():
        return None
    spec = spec_from_file_location("sascorer", path)
    assert spec is not None, "a path that ends in .py is a module"
    assert spec.loader is not None, "a module in a file has a loader"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
