"""The frames of a run as they arrive: written by the worker thread, read by the page that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """One step of the molecules that move together: A atoms of M molecules.

    `positions` and `forces` are (A, 3) in Å, `sigma` (M,) in Å is the noise level.
    """

    positions: Frames
    forces: Frames
    sigma: Frames


@dataclass(frozen=True, eq=False)
class Track:
    """The frames of the molecules of a run that are generated in one batch; `molecules` are their places in the run."""

    molecules: tuple[int, ...]
    frames: list[Frame] = field(default_factory=list)


class Recording:
    """All frames of one run.

    `molecules` are the element symbols of every molecule; `n_expected` is how many frames each will have. Frames are
    only ever appended, so one thread may write while another reads.
    """

    def __init__(self, run: str, molecules: Sequence[Sequence[str]], n_expected: int) -> None:
        self.run = run
        self.molecules = tuple(tuple(symbols) for symbols in molecules)
        self.n_expected = n_expected
        self._tracks: dict[tuple[int, ...], Track] = {}

    @property
    def tracks(self) -> list[Track]:
        return list(self._tracks.values())

    @property
    def n_frames(self) -> int:
        """Frames of the longest track."""
        return max((len(track.frames) for track in self.tracks), default=0)

    def add(self, molecules: tuple[int, ...], frame: Frame) -> None:
        """Append a frame of these molecules (places in the run); they always arrive in the same company."""
        if molecules not in self._tracks:
            self._tracks[molecules] = Track(molecules)
        self._tracks[molecules].frames.append(frame)
