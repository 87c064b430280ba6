"""Where trajectories come from: runs of this session, and files."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from gpff_app.recording import Recording
from gpff_app.run import Run
from gpff_app.settings import settings
from gpff_app.trajectories.trajectory import FORCES_OF_A_FILE, Floats, Trajectory
from gpff_core.errors import GpffError
from gpff_core.formats.extended_xyz import PSEUDO_FORCES
from gpff_core.formats.uploads import frames_of_upload
from gpff_core.molecules import Composition

SUFFIXES: Final = ("xyz", "extxyz", "traj")

_OURS: Final = f"forces_are={PSEUDO_FORCES}"
_SIGMA: Final = re.compile(r"(?:^|\s)sigma=([-+.\deE]+)(?:\s|$)")


def of_run(run: Run, place: int) -> Trajectory:
    """A molecule of a run by its place in it; GpffError if nothing of it was recorded."""
    origin = {**run.provenance.as_dict(), "molecule": place}
    name = f"molecule {place + 1} of {run.order.composition.formula}"
    return of_recording(run.recording, place, run.request.compositions[place], name, origin)


def of_recording(
    recording: Recording, place: int, composition: Composition, name: str, origin: dict[str, str | int]
) -> Trajectory:
    """A molecule of a recording; what is recorded later is not in it.

    While a molecule rests and others of its batch go on, nothing pulls at it: frames that show nothing are left out.
    """
    for track in recording.tracks:
        if place in track.molecules:
            frames = list(track.frames)
            position = track.molecules.index(place)
            first = sum(len(recording.molecules[other]) for other in track.molecules[:position])
            atoms = slice(first, first + len(composition))
            x = np.stack([frame.positions[atoms] for frame in frames])
            forces = np.stack([frame.forces[atoms] for frame in frames])
            sigma = np.array([frame.sigma[position] for frame in frames], np.float32)
            moved = np.array(forces.any((1, 2)))
            if not moved.any():  # a run that was restored has only its result, without forces
                return Trajectory(name, composition, x, None, None, origin=origin)
            moved[-1] = True  # the result
            return Trajectory(name, composition, x[moved], forces[moved], sigma[moved], origin=origin)
    raise GpffError(f"Nothing was recorded of {name}; choose another.")


def of_upload(file_name: str, data: bytes) -> Trajectory:
    """The frames of a file; GpffError for one that cannot be read or is too large."""
    frames = frames_of_upload(file_name, data, settings().upload_limits)
    return Trajectory(
        file_name,
        frames.composition,
        frames.positions,
        frames.forces,
        _sigma(frames.comments),
        PSEUDO_FORCES if all(_OURS in comment for comment in frames.comments) else FORCES_OF_A_FILE,
        {"source_file": file_name},
    )


def _sigma(comments: Sequence[str]) -> Floats | None:
    """What the file calls `sigma`: noise levels only where this program wrote it; None unless every frame has one."""
    found = [_SIGMA.search(comment) for comment in comments]
    try:
        sigma = np.array([float(match[1]) for match in found if match])
    except ValueError:
        return None
    fits = np.abs(sigma) <= np.finfo(np.float32).max  # which is false of NaN, too
    return sigma.astype(np.float32) if all(found) and fits.all() else None
