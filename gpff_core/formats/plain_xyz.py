"""XYZ files as programs of all ages write them: a count, a line of anything, and an atom a line.

An atom is named by its symbol, by its atomic number, or by a label that begins with its symbol (C12, H_a); what follows
the three coordinates is ignored.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ase.data import atomic_numbers
from numpy.typing import NDArray

from gpff_core.errors import GpffError


def is_plain(path: Path) -> bool:
    """Whether a file has no columns or cell of extended XYZ in its second line, and begins with a count."""
    with path.open("rb") as file:
        lines = file.read(100_000).decode("latin-1").splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    comment = lines[1] if len(lines) > 1 else ""
    return bool(lines) and lines[0].strip().isdecimal() and not re.search(r"\b(Properties|Lattice)=", comment)


def read(path: Path) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], str]]:
    """Atomic numbers (N,), positions (N, 3) in the unit of the file, and the comment of each structure."""
    lines = iter(path.read_bytes().decode("latin-1").splitlines())
    for line in lines:
        if not line.strip():
            continue
        if not line.strip().isdecimal():
            raise GpffError(f"the line {line.strip()[:40]!r} stands where a number of atoms is expected")
        n_atoms, comment = int(line), next(lines, "").strip()
        atoms = [atom for _, atom in zip(range(n_atoms), map(_atom, lines), strict=False)]
        if len(atoms) < n_atoms:
            raise GpffError(f"it ends after {len(atoms)} of {n_atoms} atoms; export it again")
        numbers, positions = zip(*atoms, strict=True) if atoms else ((), ())
        yield np.array(numbers, dtype=np.int64), np.array(positions, dtype=np.float64).reshape(-1, 3), comment


def _atom(line: str) -> tuple[int, tuple[float, float, float]]:
    words = line.split()
    try:
        x, y, z = map(float, words[1:4])
    except ValueError as error:
        raise GpffError(
            f"the line {line.strip()[:60]!r} is no atom; it needs an element and three coordinates"
        ) from error
    return _number(words[0]), (x, y, z)


def _number(name: str) -> int:
    if name.isdecimal():
        return int(name)
    for n_letters in (2, 1):
        symbol = name[:n_letters].capitalize()
        if symbol.isalpha() and not name[n_letters:][:1].isalpha() and symbol in atomic_numbers:
            return int(atomic_numbers[symbol])
    raise GpffError(f"{name[:20]!r} is no element; name atoms by symbol or atomic number")
