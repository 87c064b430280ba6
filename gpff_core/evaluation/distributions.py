"""Do generated molecules have the data's bond lengths, angles, shapes and energies? Distances between distributions.

The distance is Wasserstein's (of order 1) between the values of two sets of molecules, in the unit of the quantity.
Sets of a finite size differ even where both come from one distribution, and the values of one molecule belong
together; so every distance stands beside a band: how far from the data are samples of as many of its own molecules that
have the quantity, drawn whole and with replacement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from scipy.stats import wasserstein_distance

from gpff_core.chemistry.energies import atomisation_energy
from gpff_core.chemistry.formulas import HYDROGEN
from gpff_core.chemistry.shape import moment_ratios, radius_of_gyration

Features = Mapping[str, NDArray[np.float64]]
"""Quantities of one molecule and their values in it."""

N_BOOTSTRAP: Final = 200
BAND: Final = (0.025, 0.975)
"""Quantiles of the distances of data from data."""

COMMON: Final = 0.05
"""A quantity is compared if at least this share of the data's molecules has it."""

_KINDS: Final = ("bond", "angle", "NPR1", "NPR2", "radius", "atomisation")
"""First words of quantities, in the order in which they are listed."""


@dataclass(frozen=True)
class Comparison:
    """One quantity of generated molecules against the data: numbers of values, means, distance, and the band's ends."""

    quantity: str
    n_generated: int
    n_data: int
    mean_generated: float
    mean_data: float
    distance: float
    band_low: float
    band_high: float


def features(molecule: Chem.Mol) -> Features:
    """Bond lengths (Å) by elements, angles (°) by the element in the middle, shape, and GFN2-xTB's atomisation energy.

    Of a molecule with its hydrogens and coordinates, as a valid `Verdict` has it; the energy is given per atom
    (kcal/mol), since molecules of all sizes are compared.
    """
    positions = molecule.GetConformer().GetPositions()
    numbers = [atom.GetAtomicNum() for atom in molecule.GetAtoms()]
    found: dict[str, list[float]] = {}
    for bond in molecule.GetBonds():
        ends = (bond.GetBeginAtom(), bond.GetEndAtom())
        vector = positions[ends[0].GetIdx()] - positions[ends[1].GetIdx()]
        found.setdefault(_bond_name(*ends), []).append(float(np.linalg.norm(vector)))
    for atom in molecule.GetAtoms():
        arms = [positions[neighbour.GetIdx()] - positions[atom.GetIdx()] for neighbour in atom.GetNeighbors()]
        for first, second in combinations(arms, 2):
            found.setdefault(f"angle at {atom.GetSymbol()} (°)", []).append(_angle(first, second))
    found["NPR1"], found["NPR2"] = ([ratio] for ratio in moment_ratios(numbers, positions))
    found["radius of gyration (Å)"] = [radius_of_gyration(numbers, positions)]
    energy = atomisation_energy(numbers, positions)
    if energy is not None:
        found["atomisation energy per atom (kcal/mol)"] = [energy / len(numbers)]
    return {name: np.array(values) for name, values in found.items()}


def compare(generated: Sequence[Features], data: Sequence[Features], seed: int = 0) -> list[Comparison]:
    """Every common quantity: bonds, then angles, shape and energy, each kind from common to rare.

    A quantity that no generated molecule has, is left out.
    """
    rng = np.random.default_rng(seed)
    compared = []
    for quantity in _common(data):
        values, pool = ([m[quantity] for m in molecules if quantity in m] for molecules in (generated, data))
        if values:
            compared.append(_compared(quantity, values, pool, rng))
    return compared


def _compared(
    quantity: str, values: list[NDArray[np.float64]], pool: list[NDArray[np.float64]], rng: np.random.Generator
) -> Comparison:
    """The quantity in the generated molecules and in the data's that have it."""
    made, reference = np.concatenate(values), np.sort(np.concatenate(pool))  # sorted: every distance sorts it again
    drawn = rng.integers(len(pool), size=(N_BOOTSTRAP, len(values)))
    distances = [wasserstein_distance(np.concatenate([pool[i] for i in sample]), reference) for sample in drawn]
    low, high = (float(edge) for edge in np.quantile(distances, BAND))
    return Comparison(
        quantity,
        n_generated=len(made),
        n_data=len(reference),
        mean_generated=float(made.mean()),
        mean_data=float(reference.mean()),
        distance=float(wasserstein_distance(made, reference)),
        band_low=low,
        band_high=high,
    )


def _bond_name(*ends: Chem.Atom) -> str:
    """The elements in the order of their numbers, but hydrogen last."""
    ordered = sorted(ends, key=lambda atom: (atom.GetAtomicNum() == HYDROGEN, atom.GetAtomicNum()))
    return f"bond {'-'.join(atom.GetSymbol() for atom in ordered)} (Å)"


def _angle(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Between two vectors, in degrees."""
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), first @ second)))


def _common(data: Sequence[Features]) -> list[str]:
    shares = {name: sum(name in f for f in data) / len(data) for name in dict.fromkeys(n for f in data for n in f)}
    common = [name for name, share in shares.items() if share >= COMMON]
    return sorted(common, key=lambda name: (_KINDS.index(name.split()[0]), -shares[name], name))
