"""Structures from files other programs wrote. A format is one function, and one line in `READERS`.

The packed arrays of `data/qm9.npz` are not among them: `learning.dataset` reads those, with the identifiers that decide
their split.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from gpff_core.errors import GpffError
from gpff_core.formats import ase_database, extended_xyz, sdf
from gpff_core.formats.structures import Structure

READERS: Final[dict[str, Callable[[Path], Iterator[Structure]]]] = {
    ".xyz": extended_xyz.read,
    ".extxyz": extended_xyz.read,
    ".sdf": sdf.read,
    ".db": ase_database.read,
}


def read_structures(path: Path | str) -> Iterator[Structure]:
    """The molecules of a file, one by one, in its order.

    Raises GpffError at once for an unknown suffix or a missing file, and while reading for a damaged file, or for a
    structure (counted from 1) that is not a molecule with known elements and 3D coordinates.
    """
    source = Path(path)
    suffix = source.suffix.lower()
    if suffix not in READERS:
        raise GpffError(f"{source} does not end in a format that can be read; choose one of {', '.join(READERS)}.")
    if not source.is_file():
        raise GpffError(f"{source} is not a file; check the name and the folder.")
    return _structures(source, READERS[suffix])


def _structures(source: Path, read: Callable[[Path], Iterator[Structure]]) -> Iterator[Structure]:
    n_read = 0
    try:
        for structure in read(source):
            n_read += 1
            yield structure
    except GpffError as error:
        raise GpffError(f"Structure {n_read + 1} of {source} cannot be used: {str(error).rstrip('.')}.") from error
    except Exception as error:  # every parser fails in its own way, and none of them says in which file
        cause = " ".join(str(error).split()) or type(error).__name__
        raise GpffError(
            f"{source} could not be read as {source.suffix} after {n_read} structures ({cause}); "
            "check that it is complete and of that format."
        ) from error
    if n_read == 0:
        raise GpffError(f"{source} contains no structures; check that it is the right file.")
