"""Points in space from files, for priors that are clouds and curves.

Arrays of points are (N, 3), float64, in the unit of their file; `fitted` brings them to molecular size.
"""

import re
from collections.abc import Callable, Collection
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpff_core.errors import GpffError
from gpff_core.priors.settings import MOST_POINTS

MOST_BYTES: Final = 16_000_000
"""As many points as a prior may have need less."""

Points = NDArray[np.float64]


def read_points(path: Path | str) -> Points:
    """The points of a .npy array, of a table of coordinates (.csv, .txt), or the atoms of an .xyz file.

    Raises GpffError for a file that is too large, damaged, or holds no points or too many.
    """
    source = Path(path)
    parse = READERS[suffix_among(source, READERS)]
    data = bounded_bytes(source, MOST_BYTES)
    try:
        points = parse(data)
    except Exception as error:  # every parser fails in its own way
        raise GpffError(
            f"{source} could not be read as points ({cause_of(error)}); give three coordinates for each point."
        ) from error
    if not 1 <= len(points) <= MOST_POINTS:
        raise GpffError(f"{source} holds {len(points)} points; 1 to {MOST_POINTS} can be used.")
    if not np.isfinite(points).all():
        raise GpffError(f"{source} holds coordinates that are not finite numbers; correct or remove those points.")
    return points


def fitted(points: Points, size: float) -> Points:
    """Points about the origin with a root mean square coordinate of `size` Å; a lone point is only moved there."""
    off: Points = points - points.mean(0)
    return off * (size / max(float(np.sqrt(np.square(off).mean())), 1e-12))


def suffix_among(path: Path, known: Collection[str]) -> str:
    """A file's suffix in small letters; GpffError if it is not among the known ones."""
    suffix = path.suffix.lower()
    if suffix not in known:
        raise GpffError(f"{path} does not end in a format that can be read here; choose one of {', '.join(known)}.")
    return suffix


def bounded_bytes(path: Path, most: int) -> bytes:
    """A file's content; GpffError if it is missing, unreadable or too large."""
    if not path.is_file():
        raise GpffError(f"{path} is not a file; check the name and the folder.")
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise GpffError(f"{path} could not be read ({error.strerror or error}); check that you may read it.") from error
    if len(data) > most:
        raise GpffError(f"{path} is larger than {most // 10**6} MB; give a file with fewer points or triangles.")
    return data


def cause_of(error: Exception) -> str:
    """What a parser said, short and on one line, to be quoted within a sentence."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__


def _npy(data: bytes) -> Points:
    array = np.lib.format.read_array(BytesIO(data), allow_pickle=False)
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "fiu":
        raise ValueError("it is not an array of numbers of the shape (N, 3)")
    return array.astype(np.float64)


def _table(data: bytes) -> Points:
    """Three numbers a line, between commas, semicolons or blanks; a first line of words and comments are left out."""
    lines = [line for line in data.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    words = [re.split(r"[,;\s]+", line.strip(" \t,;")) for line in lines]
    if words and not any(_is_number(word) for word in words[0]):
        words = words[1:]
    return _rows(words)


def _xyz(data: bytes) -> Points:
    """The first frame of an XYZ file: a count, a comment, and lines of a symbol and coordinates; or a bare table."""
    lines = data.decode("utf-8-sig").splitlines()
    if not lines or not lines[0].strip().isdigit():
        return _table(data)
    atoms = lines[2 : 2 + int(lines[0])]
    if len(atoms) < int(lines[0]):
        raise ValueError(f"it announces {int(lines[0])} atoms and has lines for {len(atoms)}")
    return _rows([line.split()[1:4] for line in atoms])


def _rows(words: list[list[str]]) -> Points:
    wrong = next((row for row in words if len(row) != 3), None)
    if wrong is not None:
        raise ValueError(f"there is a line with {len(wrong)} coordinates")
    return np.array(words, dtype=np.float64).reshape(-1, 3)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


READERS: Final[dict[str, Callable[[bytes], Points]]] = {
    ".npy": _npy,
    ".csv": _table,
    ".txt": _table,
    ".xyz": _xyz,
}
