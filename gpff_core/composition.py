"""What one molecule is made of. Needs no torch, so that files can be read in a small process."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from gpff_core.elements import symbol_of
from gpff_core.errors import GpffError

HIGHEST_ATOMIC_NUMBER: Final = 94
"""Plutonium: the heaviest element RDKit's bond perception and ASE's tables both know."""


@dataclass(frozen=True)
class Composition:
    """The atomic numbers of one molecule, in the order of its atoms."""

    numbers: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.numbers:
            raise GpffError("A molecule needs at least one atom, and none was given; try a formula such as C7H10O2.")
        for number in self.numbers:
            if not 1 <= number <= HIGHEST_ATOMIC_NUMBER:
                raise GpffError(
                    f"{number} is not an atomic number this program knows (1 to {HIGHEST_ATOMIC_NUMBER}); "
                    "check the elements of the molecule."
                )

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(symbol_of(number) for number in self.numbers)

    @cached_property
    def formula(self) -> str:
        """Hill's notation: carbon, hydrogen, then the rest by letter; by letter alone where there is no carbon."""
        counts = Counter(self.symbols)
        first = ("C", "H") if "C" in counts else ()
        order = [s for s in first if s in counts] + sorted(set(counts) - set(first))
        return "".join(f"{symbol}{counts[symbol] if counts[symbol] > 1 else ''}" for symbol in order)


def check_elements(compositions: Sequence[Composition], elements: Sequence[int], checkpoint: str) -> None:
    """Refuse elements the network has never seen; it would place them at random."""
    unknown = sorted({z for composition in compositions for z in composition.numbers} - set(elements))
    if unknown:
        known = " ".join(symbol_of(z) for z in sorted(elements))
        raise GpffError(
            f"{', '.join(symbol_of(z) for z in unknown)} cannot be generated: the checkpoint {checkpoint} knows only "
            f"{known}; leave them out of the formula and of what is frozen."
        )
