"""Trajectories with known answers."""

import io

import ase.io
import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from scipy.spatial.transform import Rotation

from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.composition import Composition

ETHANOL = molecule("CH3CH2OH")
COMPOSITION = Composition(tuple(int(number) for number in ETHANOL.numbers))


def shrinking(n_frames: int = 5, *, forces: bool = True) -> Trajectory:
    """Ethanol blown up by 2 at first and itself at the end, pulled there by the exact pseudo-force."""
    scales = np.linspace(2, 1, n_frames)
    x = np.array([scale * ETHANOL.positions for scale in scales], dtype=np.float32)
    pull = 2 * (x[-1] - x)
    sigma = np.linspace(1, 0.01, n_frames).astype(np.float32)
    known = (pull, sigma) if forces else (None, None)
    return Trajectory("shrinking", COMPOSITION, x, *known, origin={"made_by": 'a "test" \\ of 5'})


def tumbling() -> Trajectory:
    """Rigid ethanol, turned and shifted from frame to frame."""
    turns = Rotation.random(6, rng=0).as_matrix()
    x = np.array([ETHANOL.positions @ turn.T + 3 * place for place, turn in enumerate(turns)], dtype=np.float32)
    return Trajectory("tumbling", COMPOSITION, x)


def extended_xyz(n_frames: int = 4) -> bytes:
    """Frames of ethanol with forces in eV/Å, as another program writes them."""
    frames = []
    for place in range(n_frames):
        atoms = Atoms(ETHANOL.numbers, ETHANOL.positions * (1 + 0.1 * (n_frames - 1 - place)))
        atoms.calc = SinglePointCalculator(atoms, forces=np.full((len(atoms), 3), 0.5))
        frames.append(atoms)
    text = io.StringIO()
    ase.io.write(text, frames, format="extxyz")
    return text.getvalue().encode()
