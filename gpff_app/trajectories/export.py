"""Frames as files: XYZ for every program, extended XYZ with forces, figures and where they come from."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from gpff_app.trajectories.figures import Verdicts, pseudo_energy_to_end
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.errors import GpffError
from gpff_core.formats.extended_xyz import as_text, atoms_with

_PART: Final = re.compile(r"(\d{1,9})(?:\s*-\s*(\d{1,9})(?:\s*:\s*(\d{1,9}))?)?", re.ASCII)

Facts = Mapping[str, str | int | float | bool]


def frames_from_text(text: str, n_frames: int) -> list[int]:
    """Frames named as "0, 10-20, 20-60:5" (every fifth), counted from 0, in that order and each once.

    Raises GpffError for anything else, and for frames that are not there.
    """
    chosen: dict[int, None] = {}
    for part in text.split(","):
        found = _PART.fullmatch(part.strip())
        if found is None:
            raise GpffError(
                f"{part.strip()[:40]!r} names no frames; write 0, 10-20 or 0-{n_frames - 1}:5 (every fifth)."
            )
        first = int(found[1])
        last = first if found[2] is None else int(found[2])
        if not first <= last < n_frames or found[3] == "0":
            raise GpffError(f"{part.strip()} is not among the frames 0 to {n_frames - 1}; name frames that are there.")
        chosen.update(dict.fromkeys(range(first, last + 1, int(found[3] or 1))))
    return list(chosen)


def as_extended_xyz(trajectory: Trajectory, frames: Sequence[int], verdicts: Verdicts | None = None) -> str:
    """Frames for ASE and others: positions in Å, forces as they are, and in `atoms.info` all that is known of them."""
    energy = pseudo_energy_to_end(trajectory)
    written = []
    for frame in frames:
        facts = {**_facts(trajectory, frame), "pseudo_energy_to_end": float(energy[frame]), **_judged(verdicts, frame)}
        written.append(_atoms(trajectory, frame, {**facts, **trajectory.origin}))
    return as_text(written)


def as_xyz(trajectory: Trajectory, frames: Sequence[int]) -> str:
    """Frames of plain XYZ in Å; where they come from is in the comment line."""
    return "".join(_plain(trajectory, frame) for frame in frames)


def _plain(trajectory: Trajectory, frame: int) -> str:
    said = {**_facts(trajectory, frame), **trajectory.origin}
    atoms = (
        f"{symbol:<2} {x:14.8f} {y:14.8f} {z:14.8f}\n"
        for symbol, (x, y, z) in zip(trajectory.composition.symbols, trajectory.positions[frame], strict=True)
    )
    return f"{trajectory.n_atoms}\n{json.dumps(said, ensure_ascii=False)}\n{''.join(atoms)}"


def _facts(trajectory: Trajectory, frame: int) -> dict[str, str | int | float | bool]:
    facts: dict[str, str | int | float | bool] = {"frame": frame, "formula": trajectory.composition.formula}
    if trajectory.sigma is not None:
        facts["sigma"] = float(trajectory.sigma[frame])
    if trajectory.forces is not None:
        facts["forces_are"] = trajectory.forces_are
    return facts


def _judged(verdicts: Verdicts | None, frame: int) -> Facts:
    if verdicts is None or frame >= len(verdicts.reasons):
        return {}
    smiles = verdicts.smiles[frame]
    return {"valid": bool(smiles), "smiles": smiles, "reason": verdicts.reasons[frame]}


def _atoms(trajectory: Trajectory, frame: int, facts: Facts) -> Atoms:
    atoms = atoms_with(trajectory.composition, trajectory.positions[frame], facts)
    if trajectory.forces is not None:
        atoms.calc = SinglePointCalculator(atoms, forces=np.asarray(trajectory.forces[frame], dtype=np.float64))
    return atoms
