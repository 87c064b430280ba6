"""Samples as rows of the library, and back."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from gpff_core.chemistry.properties import moment_shape, properties
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.samples import Sample


def columns_of(sample: Sample) -> dict[str, Any]:
    """What the table of structures holds about a sample, by column; computes its properties."""
    shape = moment_shape(sample.composition.numbers, sample.positions)
    return {
        "place": sample.index,
        "formula": sample.composition.formula,
        "n_atoms": len(sample.composition),
        "numbers": bytes(sample.composition.numbers),
        "positions": np.ascontiguousarray(sample.positions, dtype="<f4").tobytes(),
        "bonds": _bonds(sample.verdict).astype("<u2").tobytes(),
        "valid": sample.verdict.valid,
        "smiles": sample.verdict.smiles,
        "reason": sample.verdict.reason,
        "novelty": str(sample.novelty),
        "n_evaluations": sample.n_evaluations,
        "scaffold": sample.scaffold,
        **({} if shape is None else {"npr1": shape.npr1, "npr2": shape.npr2, "shape": shape.name}),
        **({} if sample.verdict.molecule is None else dataclasses.asdict(properties(sample.verdict.molecule))),
    }


def _bonds(verdict: Verdict) -> NDArray[np.integer]:
    """Atom, atom, order (B, 3) of a valid molecule; none where it is not valid."""
    if verdict.molecule is None:
        return np.empty((0, 3), dtype=np.int64)
    molecule = Chem.Mol(verdict.molecule)
    Chem.Kekulize(molecule)
    return np.array(
        [
            (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), int(bond.GetBondTypeAsDouble()))
            for bond in molecule.GetBonds()
        ],
        dtype=np.int64,
    ).reshape(-1, 3)
