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
        self._generators = [_stream(seed, place) for place in places]

    @classmethod
    def _of(cls, generators: list[Generator]) -> Self:
        noise = cls(0, ())
        noise._generators = generators
        return noise

    def select(self, molecules: Sequence[int]) -> Self:
        """The streams of some molecules of the batch; they are shared, not copied."""
        return self._of([self._generators[m] for m in molecules])

    def normal(self, batch: AtomBatch) -> Tensor:
        """Independent standard normal coordinates (A, 3)."""
        draws = [
            generator.standard_normal((n, 3), dtype=np.float32)
            for n, generator in zip(batch.sizes, self._generators, strict=True)
        ]
        return torch.from_numpy(np.concatenate(draws)).to(batch.numbers.device)

    def centred_normal(self, batch: AtomBatch) -> Tensor:
        """Standard normal coordinates (A, 3) with each molecule's mean removed: noise that moves no centre."""
        return batch.centred(self.normal(batch))


def _stream(seed: int, place: int) -> Generator:
    """Philox, because its key has 128 bits: PyTorch's own CPU generator looks at 32 bits of a seed, too few to tell
    many molecules apart. SeedSequence makes unrelated keys of neighbouring seeds and places.
    """
    return Generator(Philox(SeedSequence([seed, place])))
