"""Structures from files other programs wrote. A format is one function, and one line in `READERS` or `WITH_BONDS`.

The packed arrays of `data/qm9.npz` are not among them: `learning.dataset` reads those, with the identifiers that decide
their split.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from gpff_core.errors import GpffError
from gpff_core.formats import ase_database, bonded, crystals, frames
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure

READERS: Final[dict[str, Callable[[Path], Iterator[Structure]]]] = {
    ".xyz": frames.structures(frames.from_extended_xyz),
    ".extxyz": frames.structures(frames.from_extended_xyz),
    ".cif": crystals.read,
    ".db": ase_database.read,
    ".traj": frames.structures(frames.from_trajectory),
}

WITH_BONDS: Final[dict[str, Callable[[Path, Hydrogens], Iterator[Structure]]]] = {
    ".sdf": bonded.read_sdf,
    ".mol": bonded.read_mol,
    ".pdb": bonded.read_pdb,
}

SUFFIXES: Final = (*READERS, *WITH_BONDS)


def read_structures(
    path: Path | str, hydrogens: Hydrogens = Hydrogens.REQUIRED, called: str | None = None
) -> Iterator[Structure]:
    """The molecules of a file, one by one, in its order; errors name it by its path, or as it is `called`.

    Raises GpffError at once for an unknown suffix or a missing file, and while reading for a damaged file, or for a
    structure (counted from 1) that is not a molecule with known elements and 3D coordinates; its subclass
    MissingHydrogensError for one whose bonds ask for hydrogens that are not there, unless `hydrogens` says what to do.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if suffix not in SUFFIXES:
        raise GpffError(f"{source} does not end in a format that can be read; choose one of {', '.join(SUFFIXES)}.")
    if not source.is_file():
        raise GpffError(f"{source} is not a file; check the name and the folder.")
    structures = READERS[suffix](source) if suffix in READERS else WITH_BONDS[suffix](source, hydrogens)
    return _named_in_errors(structures, called or str(source), suffix)


def _named_in_errors(structures: Iterator[Structure], called: str, suffix: str) -> Iterator[Structure]:
    """The same structures; what goes wrong is told in one sentence that calls the file by its name."""
    n_read = 0
    try:
        for structure in structures:
            n_read += 1
            yield structure
    except GpffError as error:
        kind = MissingHydrogensError if isinstance(error, MissingHydrogensError) else GpffError
        raise kind(f"Structure {n_read + 1} of {called} cannot be used: {str(error).rstrip('.')}.") from error
    except Exception as error:  # every parser fails in its own way, and none of them says in which file
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise GpffError(
            f"{called} could not be read as {suffix} after {n_read} structures ({cause}); "
            "check that it is complete and of that format."
        ) from error
    if n_read == 0:
        raise GpffError(f"{called} contains no structures; check that it is the right file.")
