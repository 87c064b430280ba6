"""One structure over time: the noun of the Trajectories page.

T frames of N atoms; positions (T, N, 3) are in Å. Forces and noise levels are those of whoever made the trajectory;
`forces_are` says whose, because the pseudo-forces and noise levels of this app are in Å, and what other programs call
`forces` and `sigma` is something else, its unit unknown.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gpff_app.recording import Frame, Recording
from gpff_core.chemistry.shape import rotation_onto
from gpff_core.errors import GpffError
from gpff_core.formats.extended_xyz import PSEUDO_FORCES
from gpff_core.molecules import Composition

FORCES_OF_A_FILE: Final = "forces as in the file"

MAX_ATOM_FRAMES: Final = 1_000_000
"""Atoms × frames of one trajectory: 24 MB on their way to the browser."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Frames of one set of atoms.

    `forces` (T, N, 3) and `sigma` (T,) are None where nobody has said them. `origin` tells in words where it comes from
    and is written into every file made of it. GpffError for what cannot be shown.
    """

    name: str
    composition: Composition
    positions: Floats
    forces: Floats | None = None
    sigma: Floats | None = None
    forces_are: str = PSEUDO_FORCES
    origin: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.positions.ndim != 3 or self.positions.shape[1:] != (len(self.composition), 3) or not self.n_frames:
            raise GpffError(
                f"{self.name} has positions of shape {self.positions.shape}; a trajectory of {len(self.composition)} "
                f"atoms needs (frames, {len(self.composition)}, 3) with at least one frame."
            )
        if self.positions.shape[0] * self.positions.shape[1] > MAX_ATOM_FRAMES:
            raise GpffError(
                f"{self.name} has {self.n_frames} frames of {self.n_atoms} atoms; the page shows up to "
                f"{MAX_ATOM_FRAMES:,} atoms × frames, so keep one frame in {self._stride} and try again."
            )
        if not np.isfinite(self.positions).all():
            raise GpffError(f"{self.name} has coordinates that are not finite numbers; remove those frames.")

    @property
    def _stride(self) -> int:
        return -(-self.n_frames * self.n_atoms // MAX_ATOM_FRAMES)

    @property
    def n_frames(self) -> int:
        return len(self.positions)

    @property
    def n_atoms(self) -> int:
        return len(self.composition)

    @property
    def by_network(self) -> bool:
        """Whether `forces` are pseudo-forces and `sigma` the noise level of this method, both in Å."""
        return self.forces_are == PSEUDO_FORCES

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same atoms at the same places, whatever else is known of them."""
        digest = hashlib.sha256(np.array(self.composition.numbers, dtype=np.int64).tobytes())
        digest.update(np.ascontiguousarray(self.positions).tobytes())
        return digest.hexdigest()

    @cached_property
    def identity(self) -> str:
        """As `fingerprint`, but it changes with forces and noise levels too."""
        digest = hashlib.sha256(self.fingerprint.encode())
        for values in (self.forces, self.sigma):
            digest.update(b"none" if values is None else np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()

    def with_forces(self, forces: Floats, sigma: Floats, network: str) -> "Trajectory":
        """The same with the pseudo-forces and noise levels of a network."""
        origin = {**self.origin, "forces_from": f"network {network}"}
        return replace(self, forces=forces, sigma=sigma, forces_are=PSEUDO_FORCES, origin=origin)

    def superposed_on(self, target: NDArray[np.floating]) -> "Trajectory":
        """Every frame turned and shifted onto `target` (N, 3) by itself; forces turn with their atoms."""
        rotation = rotation_onto(self.positions, target)
        x = self.positions.astype(np.float64)
        x = (x - x.mean(1, keepdims=True)) @ rotation + np.asarray(target, dtype=np.float64).mean(0)
        forces = None if self.forces is None else (self.forces.astype(np.float64) @ rotation).astype(np.float32)
        return replace(self, positions=x.astype(np.float32), forces=forces)

    def recording(self) -> Recording:
        """The same for the viewer; what is unknown is zero, which it does not draw."""
        recording = Recording(self.identity, [self.composition.symbols], self.n_frames)
        forces = np.zeros_like(self.positions) if self.forces is None else self.forces
        sigma = np.zeros(self.n_frames, np.float32) if self.sigma is None else self.sigma
        for place in range(self.n_frames):
            recording.add((0,), Frame(self.positions[place], forces[place], sigma[place : place + 1]))
        return recording
