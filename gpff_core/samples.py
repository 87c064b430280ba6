"""The result of one request: where the atoms ended, and what was found there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.composition import Composition


@dataclass(frozen=True, eq=False)
class Sample:
    """One generated structure.

    `index` is its place in the request, from 0; `positions` (N, 3) are in Å, in the order of `composition`;
    `n_evaluations` counts the network calls it took; `scaffold` is "kept", or how a scaffold was lost, or "" if there
    was none.
    """

    index: int
    composition: Composition
    positions: NDArray[np.float32]
    verdict: Verdict
    novelty: Novelty
    n_evaluations: int
    scaffold: str = ""

    @property
    def lost_scaffold(self) -> bool:
        """Whether there was a scaffold that is not there any more."""
        return self.scaffold not in ("", "kept")

    def facts(self) -> dict[str, str | int | bool]:
        """What every file format and table says about a sample, in the order of its columns."""
        return {
            "index": self.index,
            "formula": self.composition.formula,
            "valid": self.verdict.valid,
            "smiles": self.verdict.smiles,
            "reason": self.verdict.reason,
            "novelty": str(self.novelty),
            "n_evaluations": self.n_evaluations,
            "scaffold": self.scaffold,
        }
