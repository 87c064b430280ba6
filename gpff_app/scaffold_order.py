"""The scaffold of an order: a structure, what of it stays, what is grown on it, and the same in the shell's words."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gpff_core.chemistry.formulas import MAX_ATOMS
from gpff_core.chemistry.scaffolds import ScaffoldSource
from gpff_core.errors import GpffError, shown
from gpff_core.formats.provenance import InputFile
from gpff_core.formats.structures import Structure
from gpff_core.molecules import Composition
from gpff_core.scaffold import Scaffold

PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}\.xyz")
"""What a scaffold's file may be called: it ends up in a command line and in archives."""


@dataclass(frozen=True)
class ScaffoldOrder:
    """Freeze atoms of a structure (indices from 0) and add a composition, in Hill's order, around them.

    With an `attachment` the others start beside that atom; a finite `stiffness` holds by springs instead of freezing.
    `file_name` is what the structure is called on the command line.
    """

    structure: Structure
    freeze: tuple[int, ...]
    added: Composition
    attachment: int | None = None
    stiffness: float = math.inf
    file_name: str = "scaffold.xyz"

    def __post_init__(self) -> None:
        n_atoms = len(self.structure.composition)
        if not PLAIN_NAME.fullmatch(self.file_name):
            raise GpffError(
                f"{shown(self.file_name)} is no name for the scaffold's file; letters, digits and dashes make one, "
                "such as benzene.xyz."
            )
        if not self.freeze:
            raise GpffError("No atom is frozen; freeze at least one, so that there is something to grow on.")
        if not all(0 <= atom < n_atoms for atom in self.freeze):
            raise GpffError(f"Frozen atoms must be among the {n_atoms} of the structure; choose them again.")
        whole = len(self.freeze) + len(self.added)
        if whole > MAX_ATOMS:
            raise GpffError(
                f"Scaffold and added atoms are {whole} atoms, and at most {MAX_ATOMS} are allowed; add fewer."
            )

    def scaffold(self) -> Scaffold:
        """The frozen atoms in their order, with the bonds perceived in the whole structure."""
        return ScaffoldSource(*self.structure).scaffold(self.freeze, self.stiffness, self.attachment)

    def whole(self) -> Composition:
        """The molecule to make: frozen atoms first, in their order, then those added."""
        numbers = self.structure.composition.numbers
        return Composition(tuple(numbers[atom] for atom in sorted(set(self.freeze))) + self.added.numbers)

    def options(self) -> list[str]:
        """The words of the command line that say the same."""
        words = [f"--scaffold={self.file_name}", f"--freeze={ranges(self.freeze)}", f"--add={self.added.formula}"]
        if self.attachment is not None:
            words.append(f"--attach={self.attachment}")
        if math.isfinite(self.stiffness):
            words.append(f"--stiffness={self.stiffness}")
        return words

    @property
    def scaffold_file(self) -> InputFile:
        """The structure as an XYZ file with every digit, so that the command line starts from the same numbers."""
        composition, positions = self.structure
        lines = [
            f"{symbol} {' '.join(f'{float(value):.9g}' for value in place)}"
            for symbol, place in zip(composition.symbols, positions, strict=True)
        ]
        return InputFile(self.file_name, "\n".join([str(len(composition)), "scaffold of GPFF Studio", *lines, ""]))


def ranges(indices: Iterable[int]) -> str:
    """Indices as the command line reads them: 0-5,7."""
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
