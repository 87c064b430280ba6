"""From a structure and a choice of its atoms to a scaffold, and from a result to whether it kept that scaffold."""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rdkit import Chem, rdBase

from gpff_core.chemistry.formulas import HYDROGEN, closed_shell_problem, hill_ordered, permitted_valences
from gpff_core.chemistry.verdicts import Verdict, bonded_atoms, find_bond_orders, kekule_bonds, verdict
from gpff_core.composition import Composition
from gpff_core.distances import colliding_pair
from gpff_core.elements import symbol_of
from gpff_core.errors import GpffError, shown
from gpff_core.scaffold import Scaffold, ScaffoldBond

ATTACHMENT_LENGTH: Final = 1.5
"""Å from an attachment point to the centre of the cloud that starts there: a single bond between heavy atoms."""

MAX_SMARTS_LENGTH: Final = 500
"""The longest SMARTS that is read, in characters."""

_INDICES: Final = re.compile(r"[\d,\s-]+")


class ScaffoldSource:
    """A structure that scaffolds are cut from: its atoms, and the bonds perceived from its coordinates.

    `molecule` has bond orders and aromaticity where the structure is a neutral molecule, if need be with charges on its
    atoms, or consists of several, as those a linker is to join do; else connections only. It `is_whole` if it includes
    hydrogens: the bonds of bare heavy atoms are perceived as if nothing were missing, and their orders mean nothing.
    """

    def __init__(self, composition: Composition, positions: ArrayLike) -> None:
        self.composition = composition
        self.positions: NDArray[np.float32] = np.asarray(positions, dtype=np.float32)
        whole = bonded_atoms(composition.numbers, self.positions)
        perceived = _with_bond_orders(whole)
        self.is_valid = perceived is not None
        self.is_whole = self.is_valid and HYDROGEN in composition.numbers
        self.molecule: Chem.Mol = whole if perceived is None else perceived

    def select(self, choice: str) -> tuple[int, ...]:
        """Atoms by "all", by indices from 0 such as "0,1,4-7", or by SMARTS; ascending, at least one."""
        text = choice.strip()
        if not text.strip(", "):
            raise GpffError(
                "The list of atoms to freeze is empty; give indices from 0 such as 0,1,4-7, a SMARTS, or all."
            )
        if text == "all":
            return tuple(range(len(self.composition)))
        return self._by_index(text) if _INDICES.fullmatch(text) else self._by_smarts(text)

    def scaffold(self, chosen: Collection[int], stiffness: float = math.inf, attachment: int | None = None) -> Scaffold:
        """The chosen atoms, in their order.

        The others start at an attachment point, if one is given; else, where the chosen atoms are several pieces to be
        linked, between them.
        """
        order = sorted(set(chosen))
        place = {atom: i for i, atom in enumerate(order)}
        bonds = tuple(
            ScaffoldBond(place[a], place[b], bond.GetIsAromatic(), self._order(bond))
            for (a, b), bond in _bonds(self.molecule).items()
            if a in place and b in place
        )
        return Scaffold(
            Composition(tuple(self.composition.numbers[atom] for atom in order)),
            self.positions[order],
            bonds,
            stiffness,
            self._between(order) if attachment is None else self._outward(attachment, order),
        )

    def _order(self, bond: Chem.Bond) -> int:
        return int(bond.GetBondTypeAsDouble()) if self.is_whole and not bond.GetIsAromatic() else 0

    def open_valences(self, chosen: Collection[int]) -> dict[int, int]:
        """Of the chosen atoms, those bonded to others, with the orders of these bonds: what can be bonded anew."""
        kept = set(chosen)
        found: Counter[int] = Counter()
        for first, second, order in kekule_bonds(self.molecule):
            if (first in kept) != (second in kept):
                found[first if first in kept else second] += order
        return dict(sorted(found.items()))

    def hydrogens_to_saturate(self, chosen: Collection[int], added: Composition) -> int | None:
        """Hydrogens that make chosen and added atoms a neutral molecule in which nothing added is unsaturated.

        Every double bond or ring among the added atoms takes two of them away. None where it cannot be told: the
        structure the scaffold comes from is not a valid molecule, or lacks its hydrogens.
        """
        if not self.is_whole:
            return None
        kept = set(chosen)
        heavy = [number for number in added.numbers if number != HYDROGEN]
        valences = [min(permitted_valences(number), default=0) for number in heavy]
        joints = len(self._pieces(kept)) + len(heavy) - 1
        return max(0, sum(self.open_valences(kept).values()) + sum(valences) - 2 * joints)

    def advice(self, chosen: Collection[int], added: Composition) -> str:
        """What a chemist should be told of a choice and what is added to it; "" if it is all right."""
        if self._is_full(chosen, added):
            return (
                "Every valence of the frozen atoms is taken, so nothing can be bonded to them; leave one of their "
                "hydrogens, or another atom, out of what is frozen."
            )
        said = (self._unknown_orders(chosen), self._hydrogen_advice(chosen, added), self._open_rings(chosen, added))
        return " ".join(filter(None, said))

    def _is_full(self, chosen: Collection[int], added: Composition) -> bool:
        """Whether more than hydrogens is to be bonded to atoms that have all their bonds."""
        grows = any(number != HYDROGEN for number in added.numbers)
        return self.is_whole and grows and not self.open_valences(chosen)

    def _unknown_orders(self, chosen: Collection[int]) -> str:
        kept = set(chosen)
        if self.is_valid or not any(kept.issuperset(ends) for ends in _bonds(self.molecule)):
            return ""
        return (
            "The bond orders of the structure could not be perceived, so of its frozen atoms only which are bonded is "
            "checked, and not whether a ring stays aromatic."
        )

    def _open_rings(self, chosen: Collection[int], added: Composition) -> str:
        """Part of an aromatic ring can be kept only by what closes it again: a ring and a double bond at the least."""
        kept, wanted = set(chosen), self.hydrogens_to_saturate(chosen, added)
        rings = [set(ring) for ring in self.molecule.GetRingInfo().AtomRings()] if self.is_whole else []
        cut = [ends for ends, bond in _bonds(self.molecule).items() if bond.GetIsAromatic() and kept.issuperset(ends)]
        is_open = any(all(not ring <= kept for ring in rings if ring.issuperset(ends)) for ends in cut)
        if wanted is None or not is_open or added.numbers.count(HYDROGEN) <= wanted - 4:
            return ""
        return (
            "Part of an aromatic ring is frozen, which counts as kept only if what is added closes the ring and makes "
            f"it aromatic again: freeze all of it, or add at most {max(0, wanted - 4)} hydrogens."
        )

    def _hydrogen_advice(self, chosen: Collection[int], added: Composition) -> str:
        """What is wrong with the number of added hydrogens, and which number would do; "" if nothing is."""
        whole = hill_ordered(Counter([*added.numbers, *(self.composition.numbers[atom] for atom in set(chosen))]))
        problem = closed_shell_problem(whole)
        saturated = self.hydrogens_to_saturate(chosen, added)
        n_hydrogens = added.numbers.count(HYDROGEN)
        if saturated is None or (not problem and (0 < n_hydrogens <= saturated or saturated == 0)):
            return problem
        return (
            f"{added.formula} brings {n_hydrogens} hydrogens to the scaffold; {saturated} make a neutral molecule in "
            "which nothing added is unsaturated, and every double bond or ring takes two away."
        )

    def _pieces(self, kept: Collection[int]) -> list[list[int]]:
        """The connected pieces of some atoms."""
        order = sorted(kept)
        remainder = Chem.RWMol(self.molecule)
        for atom in sorted(set(range(len(self.composition))) - set(kept), reverse=True):
            remainder.RemoveAtom(atom)
        return [[order[atom] for atom in piece] for piece in Chem.GetMolFrags(remainder)]

    def _by_index(self, text: str) -> tuple[int, ...]:
        chosen: set[int] = set()
        for part in text.replace(" ", "").split(","):
            ends = part.split("-")
            if not all(end.isdecimal() for end in ends) or len(ends) > 2:
                raise GpffError(
                    f"{part[:20]!r} in {shown(text)} is not an index or a range; count atoms from 0, as in 0,1,4-7."
                )
            first, last = int(ends[0]), int(ends[-1])
            if not first <= last < len(self.composition):
                raise GpffError(
                    f"{part} does not name atoms of a structure of {len(self.composition)}; they are counted from 0 to "
                    f"{len(self.composition) - 1}."
                )
            chosen |= set(range(first, last + 1))
        return tuple(sorted(chosen))

    def _by_smarts(self, text: str) -> tuple[int, ...]:
        with rdBase.BlockLogs():
            pattern = Chem.MolFromSmarts(text) if len(text) <= MAX_SMARTS_LENGTH else None
        if pattern is None or not pattern.GetNumAtoms():
            raise GpffError(
                f"{shown(text)} is neither all, nor indices from 0 such as 0,1,4-7, nor a SMARTS RDKit can read; "
                "try c1ccccc1 for a benzene ring."
            )
        self.molecule.UpdatePropertyCache(strict=False)
        Chem.FastFindRings(self.molecule)
        matches = self.molecule.GetSubstructMatches(pattern, maxMatches=1000)
        if not matches:
            perceived = "" if self.is_valid else " (its bond orders could not be perceived, so none is aromatic)"
            raise GpffError(
                f"Nothing in the structure matches the SMARTS {shown(text)}{perceived}; try another, or indices."
            )
        return tuple(sorted({atom for match in matches for atom in match}))

    def _between(self, kept: Collection[int]) -> tuple[float, float, float] | None:
        """The middle of the nearest atoms at which the pieces can be bonded, one of each; None for a single piece."""
        free = self.open_valences(kept)
        ends = [places for piece in self._pieces(kept) if (places := [atom for atom in piece if atom in free])]
        if len(ends) < 2:
            return None
        nearest = [self._nearest(own, [a for other in ends if other is not own for a in other]) for own in ends]
        x, y, z = self.positions[nearest].mean(0).tolist()
        return x, y, z

    def _nearest(self, atoms: list[int], others: list[int]) -> int:
        """Which of some atoms is nearest to any of the others."""
        gaps = np.linalg.norm(self.positions[atoms, None] - self.positions[others], axis=2)
        return atoms[int(gaps.min(1).argmin())]

    def _outward(self, attachment: int, kept: Iterable[int]) -> tuple[float, float, float]:
        """A bond length from an atom, away from its bonded neighbours that are kept, or from the scaffold's centre."""
        chosen = set(kept)
        if attachment not in chosen:
            raise GpffError(
                f"Atom {attachment} is not among the frozen atoms, so nothing can be attached to it; "
                "choose one of those, counted from 0 as in the file."
            )
        neighbours = [a.GetIdx() for a in self.molecule.GetAtomWithIdx(attachment).GetNeighbors()]
        inside = [n for n in neighbours if n in chosen] or list(chosen)
        here = self.positions[attachment].astype(np.float64)
        away = here - self.positions[inside].mean(0)
        length = float(np.linalg.norm(away))
        direction = away / length if length > 1e-3 else np.array([1.0, 0.0, 0.0])
        x, y, z = (here + ATTACHMENT_LENGTH * direction).tolist()
        return x, y, z


def composition_to_add(scaffold: Scaffold, whole: Composition) -> Composition:
    """What is missing from the scaffold to the whole molecule, in Hill's order."""
    counts = {z: whole.numbers.count(z) - scaffold.composition.numbers.count(z) for z in set(whole.numbers)}
    for z in set(scaffold.composition.numbers):
        if counts.get(z, -1) < 0:
            raise GpffError(
                f"The scaffold {scaffold.composition.formula} has more {symbol_of(z)} than {whole.formula}; "
                "give the formula of the whole molecule, or say by --add what comes on top."
            )
    if not any(counts.values()):
        raise GpffError(
            f"{whole.formula} is the scaffold itself, so there is nothing to generate; add atoms to the formula."
        )
    return hill_ordered(counts)


def loss_of_scaffold(scaffold: Scaffold, opinion: Verdict) -> str:
    """Why a molecule did not keep the scaffold it was grown on; "" if it did.

    Kept means: among the scaffold's atoms the result has the same bonds and no others, those that were aromatic are so
    again, and the others have their orders, where these are known. Positions are not judged: frozen atoms cannot move.
    """
    if opinion.molecule is None:
        return "not a valid molecule"
    found = {ends: bond for ends, bond in _bonds(opinion.molecule).items() if max(ends) < len(scaffold)}
    wanted = {(bond.first, bond.second): bond for bond in scaffold.bonds}
    if missing := wanted.keys() - found.keys():
        return f"the bond between atoms {_pair(min(missing))} is lost"
    if extra := found.keys() - wanted.keys():
        return f"a bond between atoms {_pair(min(extra))} is new"
    if faded := [ends for ends, bond in wanted.items() if bond.aromatic and not found[ends].GetIsAromatic()]:
        return f"the bond between atoms {_pair(min(faded))} is no longer aromatic"
    orders = {ends: found[ends].GetBondTypeAsDouble() for ends in wanted}
    if changed := [ends for ends, bond in wanted.items() if bond.order not in (0, orders[ends])]:
        ends = min(changed)
        before, after = _ORDER[wanted[ends].order], _ORDER[orders[ends]]
        return f"the {before} bond between atoms {_pair(ends)} is {after} now"
    return ""


_ORDER: Final[dict[float, str]] = {1: "single", 1.5: "aromatic", 2: "double", 3: "triple"}


def _with_bond_orders(connected: Chem.Mol) -> Chem.Mol | None:
    """Connected atoms with the bond orders of the molecules they are; None unless each piece is one."""
    numbers = [atom.GetAtomicNum() for atom in connected.GetAtoms()]
    positions = connected.GetConformer().GetPositions()
    if colliding_pair(positions) is not None:
        return None
    pieces = Chem.GetMolFrags(connected)
    joined = Chem.Mol()
    for piece in pieces:
        molecule = _perceived([numbers[atom] for atom in piece], positions[list(piece)])
        if molecule is None:
            return None
        joined = Chem.CombineMols(joined, molecule) if joined.GetNumAtoms() else molecule
    order = np.argsort([atom for piece in pieces for atom in piece])
    return joined if len(pieces) == 1 else _sanitised(Chem.RenumberAtoms(joined, order.tolist()))


def _perceived(numbers: list[int], positions: NDArray[np.float64]) -> Chem.Mol | None:
    """The one neutral molecule that atoms are; where no other can be, with charges on atoms, as a nitro group has."""
    if (molecule := verdict(numbers, positions).molecule) is not None:
        return molecule
    charged = bonded_atoms(numbers, positions)
    try:
        with rdBase.BlockLogs():
            find_bond_orders(charged, charged_atoms=True)
    except (ValueError, RuntimeError):
        return None
    whole = sum(numbers) % 2 == 0 and not any(atom.GetNumRadicalElectrons() for atom in charged.GetAtoms())
    return charged.GetMol() if whole else None


def _sanitised(molecule: Chem.Mol) -> Chem.Mol:
    """With its rings found again, which renumbering forgets."""
    Chem.SanitizeMol(molecule)
    return molecule


def _pair(atoms: tuple[int, int]) -> str:
    return f"{atoms[0]} and {atoms[1]}"


def _bonds(molecule: Chem.Mol) -> dict[tuple[int, int], Chem.Bond]:
    """Every bond by its atoms, the lower index first."""
    ends = {bond: (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in molecule.GetBonds()}
    return {(min(pair), max(pair)): bond for bond, pair in ends.items()}
