"""Is a cloud of atoms a molecule? One question, answered from the bare coordinates.

Valid means: RDKit's `rdDetermineBonds` finds bond orders that give every atom its valence, with no charge on any atom,
no unpaired electron, and all atoms in one piece.

Two consequences worth knowing. Molecules that can only be written with charges on their atoms (nitro groups,
zwitterions, carbon monoxide) are not valid, even where the whole is neutral: 0.37 % of QM9. And who is bonded to whom
is decided here, with RDKit's radii but a tighter tolerance between heavy atoms: RDKit's own 1.3 for all pairs draws
bonds across small bicycles and refuses 5 % of QM9's geometries; with these tolerances 99.6 % give back the molecule
they are filed under. Measured for H, C, N and O; with charges forbidden, RDKit leaves the sulfur of sulfones,
sulfoxides and CS₂ with unpaired electrons and so refuses them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdDetermineBonds
from scipy.spatial.distance import pdist

from gpff_core.chemistry.formulas import HYDROGEN, permitted_valences
from gpff_core.distances import colliding_pair

HEAVY_TOLERANCE: Final = 1.15
"""Heavy atoms are bonded up to this many times the sum of their covalent radii (C-C 1.75 Å)."""

HYDROGEN_TOLERANCE: Final = 1.3
"""The same for pairs with a hydrogen (C-H 1.39 Å); nothing else is near enough to a hydrogen to be confused."""

MAX_BOND_ORDER_TRIALS: Final = 1000
"""Assignments of valences that are tried before a structure is given up; QM9 never needs more than a few."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """Whether a structure is a molecule, and which one, or the reason why it is not.

    `smiles` is canonical, without explicit hydrogens and without stereo marks ("" where invalid): the constitution is
    what is compared with the training set. `reason` is one plain clause, "" where valid; atoms in it are counted
    from 0 in the order given. `molecule` keeps the hydrogens, the order of the atoms and the coordinates.
    """

    valid: bool
    smiles: str
    reason: str
    molecule: Chem.Mol | None

    @property
    def bonds(self) -> list[tuple[int, int, int]]:
        """Atom, atom, order; alternating single and double bonds in aromatic rings, none where it is not valid."""
        return [] if self.molecule is None else kekule_bonds(self.molecule)


def kekule_bonds(molecule: Chem.Mol) -> list[tuple[int, int, int]]:
    """(Atom, atom, order) of every bond, with alternating single and double bonds in aromatic rings."""
    copy = Chem.Mol(molecule)
    Chem.Kekulize(copy)
    return [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), int(bond.GetBondTypeAsDouble())) for bond in copy.GetBonds()]


def verdict(numbers: Sequence[int] | NDArray[np.integer], positions: ArrayLike) -> Verdict:
    """Judge atoms of atomic `numbers` (N,) at `positions` (N, 3) in Å; any coordinates are answered, also nonsense."""
    elements = [int(number) for number in numbers]
    coordinates = np.asarray(positions, dtype=np.float64)
    if reason := _geometry_problem(elements, coordinates):
        return _invalid(reason)
    with rdBase.BlockLogs():
        molecule = bonded_atoms(elements, coordinates)
        if reason := _connectivity_problem(molecule) or _bond_order_problem(molecule):
            return _invalid(reason)
        smiles = Chem.MolToSmiles(Chem.RemoveHs(molecule), isomericSmiles=False)
    return Verdict(True, smiles, "", molecule.GetMol()) if smiles else _invalid("has no SMILES")


def _invalid(reason: str) -> Verdict:
    return Verdict(False, "", reason, None)


def _geometry_problem(numbers: list[int], positions: NDArray[np.float64]) -> str:
    """What rules a molecule out before any bond is drawn."""
    if not np.isfinite(positions).all():
        return "some coordinates are not finite numbers"
    if (collision := colliding_pair(positions)) is not None:
        first, second, distance = collision
        return f"{_named(numbers[first], first)} and {_named(numbers[second], second)} are only {distance:.2f} Å apart"
    if sum(numbers) % 2:
        return "has an odd number of electrons"
    return ""


def bonded_atoms(numbers: Sequence[int], positions: NDArray[np.floating]) -> Chem.RWMol:
    """The atoms (N,) at their positions (N, 3) in Å, with a single bond between all that are near enough."""
    molecule = Chem.RWMol()
    for number in numbers:
        atom = Chem.Atom(number)
        atom.SetNoImplicit(True)  # RDKit would mend a radical with hydrogens that are not there
        molecule.AddAtom(atom)
    first, second = np.triu_indices(len(numbers), 1)
    elements = np.array(numbers)
    radii = np.array([Chem.GetPeriodicTable().GetRcovalent(number) for number in numbers])
    with_hydrogen = (elements[first] == HYDROGEN) | (elements[second] == HYDROGEN)
    tolerance = np.where(with_hydrogen, HYDROGEN_TOLERANCE, HEAVY_TOLERANCE)
    bonded = pdist(positions) < tolerance * (radii[first] + radii[second])
    for begin, end in zip(first[bonded].tolist(), second[bonded].tolist(), strict=True):
        molecule.AddBond(begin, end, Chem.BondType.SINGLE)
    conformer = Chem.Conformer(len(numbers))
    conformer.SetPositions(np.asarray(positions, dtype=np.float64))
    molecule.AddConformer(conformer, assignId=True)
    return molecule


def _connectivity_problem(molecule: Chem.RWMol) -> str:
    """What the bare connections already rule out; cheap, and it keeps hopeless cases from the bond-order search."""
    pieces = Chem.GetMolFrags(molecule)
    if len(pieces) > 1:
        return f"falls into {len(pieces)} pieces"
    for atom in molecule.GetAtoms():
        most = max(permitted_valences(atom.GetAtomicNum()), default=atom.GetDegree())
        if atom.GetDegree() > most:
            return f"{_named(atom.GetAtomicNum(), atom.GetIdx())} has {atom.GetDegree()} bonds, and {most} at most fit"
    return ""


def find_bond_orders(molecule: Chem.RWMol, *, charged_atoms: bool) -> None:
    """Bond orders of a neutral molecule, in place; where there are none, RDKit's ValueError or RuntimeError."""
    rdDetermineBonds.DetermineBondOrders(
        molecule, charge=0, allowChargedFragments=charged_atoms, embedChiral=False, maxIterations=MAX_BOND_ORDER_TRIALS
    )
    Chem.SanitizeMol(molecule)


def _bond_order_problem(molecule: Chem.RWMol) -> str:
    """Find bond orders in place, or say why there are none."""
    try:
        find_bond_orders(molecule, charged_atoms=False)
    except (ValueError, RuntimeError) as error:
        return f"no pattern of single, double and triple bonds without charges fits {_blamed_atom(molecule, error)}"
    for atom in molecule.GetAtoms():
        name = _named(atom.GetAtomicNum(), atom.GetIdx())
        if atom.GetNumRadicalElectrons():
            return f"{name} is left with an unpaired electron"
        if atom.GetFormalCharge():
            return f"{name} is left with a charge"
    return ""


def _blamed_atom(molecule: Chem.RWMol, error: Exception) -> str:
    """The atom that RDKit's message gives by its index, if it gives one."""
    found = re.search(r"\batom (?:# )?(\d+)", str(error))
    if found is None:
        return "all atoms at once"
    index = int(found[1])
    return _named(molecule.GetAtomWithIdx(index).GetAtomicNum(), index)


def _named(number: int, index: int) -> str:
    return f"{Chem.GetPeriodicTable().GetElementName(number).lower()} {index}"
