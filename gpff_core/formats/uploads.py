"""Files that strangers send: read within limits, in a process of its own, and never by a path of theirs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gpff_core.composition import Composition
from gpff_core.errors import GpffError, shown
from gpff_core.formats import confined, frames, reading
from gpff_core.formats.frames import Frames
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure

STRUCTURE_SUFFIXES: Final = reading.SUFFIXES
FRAME_SUFFIXES: Final = tuple(frames.READERS)


@dataclass(frozen=True)
class UploadLimits:
    """How much of the machine one file gets."""

    n_bytes: int = 20_000_000
    n_atoms: int = 1_000
    """Of one structure."""
    n_structures: int = 1_000
    n_frames: int = 10_000
    n_atom_frames: int = 2_000_000
    """Atoms in all frames of a trajectory."""
    seconds: float = 5.0
    memory: int = 1_000_000_000
    """Bytes, of which the reader itself takes about a quarter."""

    def __post_init__(self) -> None:
        if wrong := [f"{name} is {value}" for name, value in asdict(self).items() if not value > 0]:
            raise GpffError(f"Every limit of an upload must be above 0, and {wrong[0]}; give a larger one.")


DEFAULT_LIMITS: Final = UploadLimits()


def structures_of_upload(
    file_name: str,
    data: bytes,
    hydrogens: Hydrogens = Hydrogens.REQUIRED,
    limits: UploadLimits = DEFAULT_LIMITS,
) -> list[Structure]:
    """The molecules of a file, in its order; what `file_name` ends in decides how `data` is read.

    Raises GpffError for a file that is too large, damaged, takes too long, or holds something other than molecules with
    3D coordinates; its subclass MissingHydrogensError where reading again with other `hydrogens` may do.
    """
    arrays = _parsed("structures", file_name, data, STRUCTURE_SUFFIXES, {"hydrogens": hydrogens}, limits)
    ends = np.cumsum(arrays["counts"])[:-1]
    return [
        Structure(_composition(numbers), positions)
        for numbers, positions in zip(
            np.split(arrays["numbers"], ends), np.split(arrays["positions"], ends), strict=True
        )
    ]


def frames_of_upload(file_name: str, data: bytes, limits: UploadLimits = DEFAULT_LIMITS) -> Frames:
    """The trajectory in a file of several frames of the same atoms; a cell is ignored.

    Raises GpffError as `structures_of_upload` does, and for frames whose atoms differ.
    """
    arrays = _parsed("frames", file_name, data, FRAME_SUFFIXES, {}, limits)
    return Frames(
        _composition(arrays["numbers"]),
        arrays["positions"],
        arrays.get("forces"),
        tuple(arrays["comments"].tolist()),
    )


def _composition(numbers: NDArray[Any]) -> Composition:
    return Composition(tuple(numbers.tolist()))


def _parsed(
    task: str,
    file_name: str,
    data: bytes,
    suffixes: tuple[str, ...],
    options: Mapping[str, str],
    limits: UploadLimits,
) -> dict[str, NDArray[Any]]:
    """What the confined reader answers, or the GpffError it ended with."""
    name = shown(PurePath(file_name.replace("\\", "/")).name)
    suffix = PurePath(name).suffix.lower()
    if suffix not in suffixes:
        raise GpffError(f"{name} does not end in a format that can be read here; choose one of {', '.join(suffixes)}.")
    if len(data) > limits.n_bytes:
        raise GpffError(
            f"{name} is {len(data) / 1e6:.1f} MB, and at most {limits.n_bytes / 1e6:g} MB are read; "
            "give a smaller file, or part of it."
        )
    request = {"task": task, "name": name, "suffix": suffix, **options, **asdict(limits)}
    answer = confined.ask(request, data, name, limits.seconds)
    if "error" in answer:
        kind = MissingHydrogensError if "missing_hydrogens" in answer else GpffError
        raise kind(str(answer["error"]))
    return answer
