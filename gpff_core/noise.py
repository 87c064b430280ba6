"""Random streams: one per molecule, so that a molecule does not change when its batch does."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import torch
from numpy.random import Generator, Philox, SeedSequence
from torch import Tensor

from gpff_core.molecules import AtomBatch


class Noise:
    """Standard normal draws from one generator per molecule, keyed by (seed, the molecule's place in the request).

    Draws are made on the CPU and moved, so that a molecule is the same on every device.
    """

    def __init__(self, seed: int, places: Sequence[int]) -> None:
        self.places = tuple(places)
        self._generators = [_stream(seed, place) for place in places]

    def select(self, molecules: Sequence[int]) -> Self:
        """The streams of some molecules of the batch; they are shared, not copied."""
        chosen = type(self)(0, ())
        chosen.places = tuple(self.places[m] for m in molecules)
        chosen._generators = [self._generators[m] for m in molecules]
        return chosen

    def normal(self, batch: AtomBatch) -> Tensor:
        """Independent standard normal coordinates (A, 3)."""
        draws = [
            generator.standard_normal((n, 3), dtype=np.float32)
            for n, generator in zip(batch.sizes, self._generators, strict=True)
        ]
        return torch.from_numpy(np.concatenate(draws)).to(batch.numbers.device)

    def uniform(self, batch: AtomBatch) -> Tensor:
        """Independent numbers between 0 and 1, one an atom (A,)."""
        draws = [
            generator.random(n, dtype=np.float32) for n, generator in zip(batch.sizes, self._generators, strict=True)
        ]
        return torch.from_numpy(np.concatenate(draws)).to(batch.numbers.device)

    def centred_normal(self, batch: AtomBatch) -> Tensor:
        """Thermal noise (A, 3) at unit σ.

        Standard normal coordinates less each molecule's mean, so that no centre moves. In a molecule with pins the
        centre is not free: there nothing is taken off, a frozen atom gets exactly 0 and one on a spring moves less.
        """
        z = self.normal(batch)
        z = z - (batch.mean(z) * batch.floating)[batch.molecule]
        return z if batch.pins is None else z * batch.pins.mobility


def _stream(seed: int, place: int) -> Generator:
    """Philox, because its key has 128 bits: PyTorch's own CPU generator looks at 32 bits of a seed, too few to tell
    many molecules apart. SeedSequence makes unrelated keys of neighbouring seeds and places.
    """
    return Generator(Philox(SeedSequence([seed, place])))
