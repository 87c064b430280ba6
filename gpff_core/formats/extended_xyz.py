"""Extended XYZ, as ASE writes it: every sample with its verdict, and trajectories with their forces."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

import ase.io
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from numpy.typing import NDArray

from gpff_core.atomic_files import replacing
from gpff_core.composition import Composition
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.records import Record

PSEUDO_FORCES: Final = "pseudo-forces 2 (x0_hat - x) in angstrom"
"""What `forces_are` says of the forces of this program; those of others are usually in eV/Å."""


def render(records: Sequence[Record]) -> str:
    """Every sample as a frame in Å; facts and provenance are in `atoms.info` when ASE reads it."""
    return as_text([atoms_with(one.sample.composition, one.sample.positions, one.facts()) for one in records])


@dataclass(frozen=True, eq=False)
class TrajectoryFrame:
    """One structure at one step.

    `sample` is its index in the request; `sigma` is its noise level in Å; `positions` and pseudo-`forces` 2(X̂₀ − X)
    are (N, 3), both in Å.
    """

    sample: int
    step: int
    composition: Composition
    positions: NDArray[np.floating]
    forces: NDArray[np.floating]
    sigma: float
    n_evaluations: int


def write_trajectory(path: Path | str, frames: Iterable[TrajectoryFrame], provenance: Provenance) -> None:
    """Write a trajectory as extended XYZ, one sample after another, each from its first step to its last.

    The column is called `forces` because that is the name readers know, and `atoms.get_forces()` returns it; it holds
    pseudo-forces, in Å and not in eV/Å, and every frame says so in `forces_are`.
    Raises GpffError if the file cannot be written.
    """
    said = {"forces_are": PSEUDO_FORCES, **provenance.as_dict()}
    ordered = sorted(frames, key=lambda frame: (frame.sample, frame.step))
    with replacing(Path(path)) as temporary:
        temporary.write_text(as_text([_frame(frame, said) for frame in ordered]), encoding="utf-8")


def _frame(frame: TrajectoryFrame, said: Mapping[str, str | int]) -> Atoms:
    facts: dict[str, str | int | float] = {
        "index": frame.sample,
        "step": frame.step,
        "formula": frame.composition.formula,
        "sigma": frame.sigma,
        "n_evaluations": frame.n_evaluations,
    }
    atoms = atoms_with(frame.composition, frame.positions, {**facts, **said})
    atoms.calc = SinglePointCalculator(atoms, forces=np.asarray(frame.forces, dtype=np.float64))
    return atoms


def atoms_with(
    composition: Composition, positions: NDArray[np.floating], info: Mapping[str, str | int | float | bool]
) -> Atoms:
    """ASE's atoms of positions (N, 3) in Å, with facts in `atoms.info`.

    Empty facts are left out; backslashes are doubled: the reader takes them for escapes, and the writer does not.
    """
    safe = {key: value.replace("\\", "\\\\") if isinstance(value, str) else value for key, value in info.items()}
    atoms = Atoms(numbers=composition.numbers, positions=np.asarray(positions, dtype=np.float64))
    atoms.info = {key: value for key, value in safe.items() if value != ""}
    return atoms


def as_text(frames: Sequence[Atoms]) -> str:
    """Frames as the text of one file."""
    if not frames:
        return ""
    text = StringIO()
    ase.io.write(text, frames, format="extxyz")
    return text.getvalue()
