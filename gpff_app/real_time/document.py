"""What is edited: a molecule with frozen atoms, as one value that is never changed, and the way back and forth."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_core.chemistry.verdicts import bonded_atoms
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure, structure


@dataclass(frozen=True, eq=False)
class Blob:
    """A cloud around `centre` (3,), `sigma` Å wide, out of which its atoms are denoised whenever it moves.

    `offsets` (n, 3) are standard normal and stay, so that a small move of the cloud is a small change.
    """

    atoms: tuple[int, ...]
    centre: NDArray[np.float64]
    sigma: float
    offsets: NDArray[np.float64]

    @classmethod
    def around(cls, document: "Document", atoms: Collection[int], sigma: float, seed: int = 0) -> "Blob":
        """A cloud where these atoms are; GpffError without any."""
        chosen = tuple(sorted(set(atoms) - document.frozen))
        if not chosen:
            raise GpffError("No free atom is picked; click the atoms that the cloud should hold, then try again.")
        offsets = np.random.default_rng(seed).normal(size=(len(chosen), 3))
        return cls(chosen, document.positions[list(chosen)].mean(0, dtype=float), sigma, offsets)

    @property
    def places(self) -> NDArray[np.float64]:
        """Where its atoms start (n, 3)."""
        return self.centre + self.sigma * self.offsets


@dataclass(frozen=True, eq=False)
class Document:
    """A molecule by its `name`, atoms, `positions` (N, 3) in Å, the atoms that stay, and the cloud some of it is in."""

    name: str
    composition: Composition
    positions: NDArray[np.float32]
    frozen: frozenset[int] = frozenset()
    blob: Blob | None = None

    @classmethod
    def of(cls, given: Structure, name: str, frozen: Collection[int] = ()) -> "Document":
        return cls(name, given.composition, np.array(given.positions, dtype=np.float32), frozenset(frozen))

    @property
    def structure(self) -> Structure:
        return Structure(self.composition, self.positions)

    def is_same_molecule(self, other: "Document") -> bool:
        """Whether the other has the same atoms in the same order, bonded in the same way."""
        return self.composition == other.composition and _bonds(self) == _bonds(other)

    def at(self, positions: ArrayLike) -> "Document":
        """The same molecule elsewhere."""
        return replace(self, positions=np.array(positions, dtype=np.float32))

    def with_atoms_at(self, atoms: Collection[int], places: ArrayLike) -> "Document":
        """Some atoms elsewhere."""
        positions = self.positions.copy()
        positions[list(atoms)] = places
        return replace(self, positions=positions)

    def toggled(self, atoms: Collection[int]) -> "Document":
        """Freeze these atoms, which a cloud does not outlive; free them if they all are frozen."""
        chosen = frozenset(atoms)
        frozen = self.frozen - chosen if chosen <= self.frozen else self.frozen | chosen
        blob = None if self.blob is None or frozen & set(self.blob.atoms) else self.blob
        return replace(self, frozen=frozen, blob=blob)

    def without(self, atoms: Collection[int]) -> "Document":
        """Fewer atoms, and no cloud; GpffError if none would be left."""
        kept = [i for i in range(len(self.composition)) if i not in atoms]
        if not kept:
            raise GpffError("That would delete every atom; leave at least one, or start with another molecule.")
        composition = Composition(tuple(self.composition.numbers[i] for i in kept))
        frozen = frozenset(new for new, old in enumerate(kept) if old in self.frozen)
        return replace(self, composition=composition, positions=self.positions[kept], frozen=frozen, blob=None)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "numbers": list(self.composition.numbers),
            "positions": self.positions.tolist(),
            "frozen": sorted(self.frozen),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Document":
        """Raises GpffError for what is no document."""
        try:
            given = structure(values["numbers"], values["positions"])
            frozen = frozenset(int(atom) for atom in values["frozen"])
            n_atoms = len(given.composition)
            if given.positions.shape != (n_atoms, 3) or not frozen <= frozenset(range(n_atoms)):
                raise ValueError("atoms and positions do not fit")
            return cls(str(values["name"]), given.composition, given.positions, frozen)
        except (KeyError, TypeError, ValueError) as error:
            raise GpffError("The molecule in the session is damaged; start with another one.") from error


def _bonds(document: Document) -> set[tuple[int, int]]:
    bonds = bonded_atoms(document.composition.numbers, document.positions).GetBonds()
    return {(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in bonds}
