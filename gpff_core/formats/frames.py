"""Trajectories: one molecule at many times, with forces where the file has them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import ase.io
import numpy as np
from ase import Atoms
from ase.io import ulm
from numpy.typing import NDArray

from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.formats import plain_xyz
from gpff_core.formats.structures import Structure, molecular, structure

MOST_COMMENT: Final = 300
"""Letters of a frame's comment that are kept."""

Positions = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frames:
    """T frames of the same N atoms, in the order of the file.

    `positions` (T, N, 3) are in Å; `forces` (T, N, 3) are in the unit of the file (eV/Å from ASE, Å where this program
    wrote pseudo-forces) and None unless every frame has them; `comments` (T) are what the file says of each.
    """

    composition: Composition
    positions: Positions
    forces: Positions | None
    comments: tuple[str, ...]

    @property
    def symbols(self) -> tuple[str, ...]:
        return self.composition.symbols

    def __len__(self) -> int:
        return len(self.positions)


class Frame(NamedTuple):
    """One frame as a file holds it; a cell may be there, and is kept only to tell crystals from molecules."""

    numbers: NDArray[np.integer]
    positions: NDArray[np.floating]
    forces: NDArray[np.floating] | None
    periodic: tuple[bool, ...]
    comment: str


def from_extended_xyz(path: Path) -> Iterator[Frame]:
    """The frames of an XYZ file, extended or plain.

    ASE reads the extended ones, and of the plain ones those with element symbols and a comment that it can make sense
    of; what it cannot begin to read is read as plain XYZ, whose comment may be anything.
    """
    began = False
    try:
        for atoms in ase.io.iread(path, index=":", format="extxyz", do_not_split_by_at_sign=True):
            began = True
            yield Frame(atoms.numbers, atoms.positions, _forces(atoms), tuple(atoms.pbc), _comment(atoms.info))
    except Exception:
        if began or not plain_xyz.is_plain(path):
            raise
    if not began:
        yield from _plain(path)


def _plain(path: Path) -> Iterator[Frame]:
    for numbers, positions, comment in plain_xyz.read(path):
        yield Frame(numbers, positions, None, (False, False, False), comment[:MOST_COMMENT])


def from_trajectory(path: Path) -> Iterator[Frame]:
    """The frames of an ASE .traj file.

    Arrays alone are taken, through ASE's container format, which holds JSON and numbers: neither the constraints nor
    the calculators that a stranger may name there are made objects.
    """
    with ulm.open(path) as file:
        if file.get_tag() != "ASE-Trajectory":
            raise GpffError("it is not a trajectory of ASE; write it with ASE's Trajectory")
        header = file[0] if len(file) else None
        for index in range(len(file)):
            image = file[index]
            calculator = image.get("calculator")
            yield Frame(
                _either(image, header, "numbers"),
                image.positions,
                None if calculator is None else calculator.get("forces"),
                tuple(_either(image, header, "pbc")),
                _comment(image.get("info") or {}),
            )


def structures(read: Callable[[Path], Iterator[Frame]]) -> Callable[[Path], Iterator[Structure]]:
    """A reader of molecules from a reader of frames; crystals are refused."""

    def read_structures(path: Path) -> Iterator[Structure]:
        for frame in read(path):
            yield molecular(frame.numbers, frame.positions, frame.periodic)

    return read_structures


READERS: Final[dict[str, Callable[[Path], Iterator[Frame]]]] = {
    ".xyz": from_extended_xyz,
    ".extxyz": from_extended_xyz,
    ".traj": from_trajectory,
}


def read_frames(path: Path, most_frames: int, most_atom_frames: int, called: str) -> Frames:
    """All frames of a file, which errors name as it is `called`.

    Raises GpffError for a damaged file, for other atoms from one frame to the next, and for too many of them.
    """
    try:
        return _read_frames(path, most_frames, most_atom_frames)
    except GpffError as error:
        raise GpffError(f"{called} cannot be used: {str(error).rstrip('.')}.") from error
    except Exception as error:  # every parser fails in its own way
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise GpffError(
            f"{called} could not be read as {path.suffix} ({cause}); check that it is complete and of that format."
        ) from error


def _read_frames(path: Path, most_frames: int, most_atom_frames: int) -> Frames:
    frames = list(islice(_checked(READERS[path.suffix](path), most_atom_frames), most_frames + 1))
    if len(frames) > most_frames:
        raise GpffError(f"it has more than {most_frames} frames; give every second, third, … of them")
    if not frames:
        raise GpffError("it contains no frames; check that it is the right file")
    forces = [frame.forces for frame in frames]
    return Frames(
        Composition(tuple(int(number) for number in frames[0].numbers)),
        np.array([frame.positions for frame in frames], dtype=np.float32),
        None if any(force is None for force in forces) else np.array(forces, dtype=np.float32),
        tuple(frame.comment for frame in frames),
    )


def _checked(frames: Iterator[Frame], most_atom_frames: int) -> Iterator[Frame]:
    """The same frames, for as long as they fit the first and the limit."""
    first: Frame | None = None
    for index, frame in enumerate(frames):
        first = first or frame
        if list(frame.numbers) != list(first.numbers):
            raise GpffError(
                f"frame {index + 1} has other atoms than the first; give a file of one molecule in the same order"
            )
        structure(frame.numbers, frame.positions)
        if frame.forces is not None and not np.isfinite(frame.forces).all():
            raise GpffError(f"frame {index + 1} has forces that are not finite numbers; correct or remove it")
        if (index + 1) * len(frame.numbers) > most_atom_frames:
            raise GpffError(f"it has more than {most_atom_frames} atoms in all its frames; give fewer frames")
        yield frame


def _either(image: Any, header: Any, name: str) -> Any:
    """What an image says, or else the first, where ASE writes once what all images share."""
    return image.get(name) if name in image else header.get(name)


def _forces(atoms: Atoms) -> NDArray[np.floating] | None:
    if atoms.calc is not None and "forces" in atoms.calc.results:
        return np.asarray(atoms.calc.results["forces"])
    return np.asarray(atoms.arrays["forces"]) if "forces" in atoms.arrays else None


def _comment(info: Any) -> str:
    """What a file says of a frame, on one line: words as they are, and values by their names."""
    if not isinstance(info, dict):
        return ""
    words = (str(key) if value is True else f"{key}={value}" for key, value in info.items())
    return " ".join(" ".join(words).split())[:MOST_COMMENT]
