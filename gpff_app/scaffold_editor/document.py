"""The document of the scaffold editor: a structure, the atoms that stay, and where something is to grow.

Documents never change; `edits` makes new ones from them. Atoms are counted from 0, also where people read, as the
command line and the viewer do. Coordinates are kept bit for bit, because frozen atoms have to come out where they went
in.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpff_core.chemistry.formulas import MAX_ATOMS
from gpff_core.chemistry.scaffolds import ScaffoldSource
from gpff_core.chemistry.verdicts import kekule_bonds
from gpff_core.composition import Composition
from gpff_core.elements import symbol_of
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure

Point = tuple[float, float, float]

LONGEST_NAME: Final = 80
FARTHEST: Final = 1_000.0
"""Å from the origin; a coordinate beyond it is a damaged file or a slip of the hand."""


@dataclass(frozen=True)
class Document:
    """What is edited; equal documents are equal to the last bit.

    `coordinates` are N × 3 little-endian float32 in Å. `selected` is in the order of picking, as measures need it.
    `attachment` is the frozen atom at which the cloud of new atoms starts, `cloud` its centre (Å) where a person moved
    it. `origin` names what was opened: it stays through all edits, and the camera with it.
    """

    name: str
    numbers: tuple[int, ...]
    coordinates: bytes
    frozen: frozenset[int] = frozenset()
    selected: tuple[int, ...] = ()
    attachment: int | None = None
    cloud: Point | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        n_atoms = len(Composition(self.numbers))
        if n_atoms > MAX_ATOMS:
            raise GpffError(
                f"The structure has {n_atoms} atoms, and the editor takes at most {MAX_ATOMS}; cut out a smaller piece."
            )
        if len(self.coordinates) != 12 * n_atoms or not (np.abs(self.positions) < FARTHEST).all():
            raise GpffError(
                f"The coordinates are not {n_atoms} points in 3D within {FARTHEST:g} Å of the origin; correct the file."
            )
        named = {*self.frozen, *self.selected}
        if not named <= set(range(n_atoms)) or len(set(self.selected)) < len(self.selected):
            raise GpffError(f"Atoms are named that the structure of {n_atoms} does not have; open it again.")
        if self.attachment is not None and self.attachment not in self.frozen:
            raise GpffError("The attachment point is not a frozen atom; freeze it first.")
        if self.cloud is not None and not (np.abs(self.cloud) < FARTHEST).all():
            raise GpffError(f"The cloud lies more than {FARTHEST:g} Å away; put it near the molecule.")

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def positions(self) -> NDArray[np.float32]:
        """(N, 3) in Å; not to be written to."""
        return np.frombuffer(self.coordinates, dtype="<f4").reshape(-1, 3)

    @property
    def composition(self) -> Composition:
        return Composition(self.numbers)

    @property
    def symbols(self) -> tuple[str, ...]:
        return self.composition.symbols

    @property
    def structure(self) -> Structure:
        return Structure(self.composition, self.positions)

    @property
    def source(self) -> ScaffoldSource:
        """The same with bonds perceived from the coordinates."""
        return _perceived(self.numbers, self.coordinates)

    @property
    def bonds(self) -> tuple[tuple[int, int, int], ...]:
        """(atom, atom, order), rings written with alternating single and double bonds."""
        return _kekule_bonds(self.numbers, self.coordinates)

    @property
    def free(self) -> frozenset[int]:
        """Atoms that give way to what is generated."""
        return frozenset(range(len(self))) - self.frozen

    def neighbours(self, atom: int) -> list[int]:
        return [other.GetIdx() for other in self.source.molecule.GetAtomWithIdx(atom).GetNeighbors()]

    def label(self, atom: int) -> str:
        """Element and number of an atom, as the viewer labels it."""
        return f"{symbol_of(self.numbers[atom])}{atom}"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "numbers": list(self.numbers),
            "coordinates": base64.b64encode(self.coordinates).decode("ascii"),
            "frozen": sorted(self.frozen),
            "selected": list(self.selected),
            "attachment": self.attachment,
            "cloud": None if self.cloud is None else list(self.cloud),
            "origin": self.origin,
        }


def document(
    name: str,
    numbers: Iterable[int],
    positions: ArrayLike,
    *,
    frozen: Iterable[int] = (),
    selected: Iterable[int] = (),
    attachment: int | None = None,
    origin: str = "",
) -> Document:
    """A document of atoms at positions (N, 3) in Å, under a name that is cut to a sensible length."""
    shown = " ".join(name.split())[:LONGEST_NAME] or "scaffold"
    atoms = tuple(int(number) for number in numbers)
    return Document(
        shown, atoms, packed(positions), frozenset(frozen), tuple(selected), attachment, None, origin or shown
    )


def packed(positions: ArrayLike) -> bytes:
    """Positions as a document keeps them."""
    return np.ascontiguousarray(positions, dtype="<f4").tobytes()


def document_from_json(given: object) -> Document:
    """The document of `Document.as_json`; GpffError if it is damaged, because session files come from people."""
    try:
        assert isinstance(given, Mapping)
        cloud = given["cloud"]
        return Document(
            str(given["name"])[:LONGEST_NAME],
            tuple(_whole(number) for number in given["numbers"]),
            base64.b64decode(given["coordinates"], validate=True),
            frozenset(_whole(atom) for atom in given["frozen"]),
            tuple(_whole(atom) for atom in given["selected"]),
            None if given["attachment"] is None else _whole(given["attachment"]),
            None if cloud is None else _point(cloud),
            str(given["origin"])[:LONGEST_NAME],
        )
    except GpffError:
        raise
    except (AssertionError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise GpffError("The stored scaffold is damaged; open the structure again.") from error


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return value


def _point(values: Iterable[float]) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z


@lru_cache(maxsize=512)
def _perceived(numbers: tuple[int, ...], coordinates: bytes) -> ScaffoldSource:
    return ScaffoldSource(Composition(numbers), np.frombuffer(coordinates, dtype="<f4").reshape(-1, 3))


@lru_cache(maxsize=512)
def _kekule_bonds(numbers: tuple[int, ...], coordinates: bytes) -> tuple[tuple[int, int, int], ...]:
    return tuple(kekule_bonds(_perceived(numbers, coordinates).molecule))
