"""Cost of one network call, networks side by side in one run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch, Composition

Network = Callable[[Tensor, AtomBatch], Tensor]


@dataclass(frozen=True)
class SpeedPoint:
    """Median milliseconds per molecule per call, and the fastest and slowest repetition."""

    network: str
    n_atoms: int
    batch_size: int
    threads: int
    milliseconds: float
    fastest: float
    slowest: float


def measure_speed(
    networks: dict[str, Network],
    composition: Composition,
    batch_sizes: Sequence[int],
    threads: Sequence[int],
    repetitions: int = 7,
) -> Iterator[SpeedPoint]:
    """Time calls on copies of one composition; networks take turns, so that a busy moment of the machine hits all."""
    generator = torch.Generator().manual_seed(0)
    before = torch.get_num_threads()
    try:
        for n_threads in threads:
            torch.set_num_threads(n_threads)
            for size in batch_sizes:
                batch = AtomBatch.from_compositions([composition] * size)
                x = 2 * torch.randn(batch.n_atoms, 3, generator=generator)
                times: dict[str, list[float]] = {name: [] for name in networks}
                for repetition in range(repetitions + 1):
                    for name, network in networks.items():
                        seconds = _time(network, x, batch)
                        if repetition > 0:  # the first call allocates
                            times[name].append(1e3 * seconds / size)
                for name, taken in times.items():
                    yield SpeedPoint(name, len(composition), size, n_threads, median(taken), min(taken), max(taken))
    finally:
        torch.set_num_threads(before)


@torch.inference_mode()
def _time(network: Network, x: torch.Tensor, batch: AtomBatch) -> float:
    began = perf_counter()
    network(x, batch)
    return perf_counter() - began
