"""Cost of one network call: networks side by side, how far they are from what their arithmetic needs, and where the
time goes.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Final

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from gpff_core.molecules import AtomBatch, Composition

Network = Callable[[Tensor, AtomBatch], Tensor]

MATRIX_SIZE: Final = 1024
"""Rows and columns of the square product whose speed stands for what the processor can do."""

OTHER_OPERATORS: Final = "other arithmetic, element by element, and copies"
OPERATOR_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "matrix products with weights": ("addmm", "addmm_", "mm"),
    "matrix products in batches (attention, lines between atoms)": ("bmm", "baddbmm", "baddbmm_"),
    "activations and softmax": ("silu", "silu_", "_softmax", "softmax", "exp", "exp_"),
    "normalisation": ("native_layer_norm", "linalg_vector_norm", "rsqrt", "rsqrt_"),
}
"""PyTorch's operators by what they are for; the rest is `OTHER_OPERATORS`."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """A network to time; `definition` is the form of it whose matrix products are counted.

    The counter does not see products that add to what is there already.
    """

    name: str
    network: Network
    definition: Network


@dataclass(frozen=True)
class SpeedPoint:
    """Median milliseconds per molecule per call, and the fastest and slowest repetition.

    `gigaflops` is the arithmetic of the network's matrix products per molecule, `gigaflops_per_second` the speed of one
    large product measured in the same turns; their ratio is a floor that no arrangement of the work can get below.
    """

    network: str
    formula: str
    n_atoms: int
    batch_size: int
    threads: int
    milliseconds: float
    fastest: float
    slowest: float
    gigaflops: float
    gigaflops_per_second: float

    @property
    def floor(self) -> float:
        """Milliseconds per molecule."""
        return 1e3 * self.gigaflops / self.gigaflops_per_second


def measure_speed(
    contestants: Sequence[Contestant],
    composition: Composition,
    batch_sizes: Sequence[int],
    threads: Sequence[int],
    repetitions: int = 7,
) -> Iterator[SpeedPoint]:
    """Time calls on copies of one composition; networks take turns, so that a busy moment of the machine hits all."""
    gigaflops = {c.name: count_flops(c.definition, composition) / 1e9 for c in contestants}
    for n_threads in threads:
        for size in batch_sizes:
            with _threads(n_threads):
                times, rate = _take_turns(contestants, *_cloud(composition, size), repetitions)
            for name, taken in times.items():
                each = [1e3 * seconds / size for seconds in taken]
                yield SpeedPoint(
                    *(name, composition.formula, len(composition), size, n_threads),
                    *(median(each), min(each), max(each), gigaflops[name], rate / 1e9),
                )


def _take_turns(
    contestants: Sequence[Contestant], x: Tensor, batch: AtomBatch, repetitions: int
) -> tuple[dict[str, list[float]], float]:
    """Seconds of every call, by network, and floating-point operations per second of a large matrix product."""
    matrix = torch.ones(MATRIX_SIZE, MATRIX_SIZE)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    products = []
    for repetition in range(repetitions + 1):
        for contestant in contestants:
            seconds = _time(partial(contestant.network, x, batch))
            if repetition > 0:  # the first call allocates
                times[contestant.name].append(seconds)
        products.append(_time(partial(torch.mm, matrix, matrix)))
    return times, 2 * MATRIX_SIZE**3 / median(products)


@torch.inference_mode()
def _time(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


@contextmanager
def _threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cloud(composition: Composition, size: int) -> tuple[Tensor, AtomBatch]:
    batch = AtomBatch.from_compositions([composition] * size)
    return 2 * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(0)), batch


@torch.no_grad()
def count_flops(network: Network, composition: Composition) -> int:
    """Floating-point operations of the matrix products in one call on one molecule."""
    with FlopCounterMode(display=False) as counter:
        network(*_cloud(composition, 1))
    return int(counter.get_total_flops())


@torch.inference_mode()
def operator_shares(network: Network, composition: Composition, size: int, calls: int = 10) -> dict[str, float]:
    """Share of the time inside PyTorch's operators that each group of them takes, on one thread."""
    x, batch = _cloud(composition, size)
    with _threads(1):
        network(x, batch)
        with profile(activities=[ProfilerActivity.CPU]) as profiler:
            for _ in range(calls):
                network(x, batch)
    group_of = {f"aten::{name}": group for group, names in OPERATOR_GROUPS.items() for name in names}
    times = dict.fromkeys([*OPERATOR_GROUPS, OTHER_OPERATORS], 0.0)
    for event in profiler.key_averages():
        times[group_of.get(event.key, OTHER_OPERATORS)] += event.self_cpu_time_total
    return {group: time / sum(times.values()) for group, time in times.items()}
