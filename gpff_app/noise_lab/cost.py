"""What a schedule will cost: a network call is timed once for a formula and a number of molecules."""

import os
from statistics import median
from time import perf_counter
from typing import Final

import streamlit as st
import torch

from gpff_app.resources import checkpoint
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import Checkpoint

REPETITIONS: Final = 3
PATIENCE: Final = 0.5
"""Seconds after which no further repetition is begun: the page waits for the measurement."""

_SPREAD: Final = 2.0  # Å, a cloud of molecular size


@st.cache_data(show_spinner="Timing a network call …", max_entries=200)
def measured_call(name: str, composition: Composition, n_molecules: int) -> float:
    """Seconds of one call of the checkpoint of that name on n molecules, as the worker would make it."""
    return seconds_per_call(checkpoint(name), composition, n_molecules)


@torch.inference_mode()
def seconds_per_call(field: Checkpoint, composition: Composition, n_molecules: int) -> float:
    """The median of a few calls, after one that prepares memory."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - 1))  # as many as a run has; counts for this thread
    batch = AtomBatch.from_compositions([composition] * n_molecules, field.device)
    x = _SPREAD * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(0)).to(field.device)
    field(x, batch)
    times: list[float] = []
    while len(times) < REPETITIONS and sum(times) < PATIENCE:
        began = perf_counter()
        field(x, batch)
        times.append(perf_counter() - began)
    return median(times)


def in_words(seconds: float) -> str:
    """An estimate, no more exact than it is."""
    if seconds < 1:
        return "under a second"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
