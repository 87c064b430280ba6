"""From where the hand left the atoms to a molecule: direct denoising of one structure, a few network calls."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from gpff_core.field import pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.noise import Noise
from gpff_core.samplers.direct import DirectDenoising
from gpff_core.samplers.step import predict

MOST_CALLS: Final = 30
MOST_SHAKING: Final = 3.0
SETTLED: Final = 0.01
"""Å; a call that moves no atom farther changes nothing one could see."""


@dataclass(frozen=True)
class Manner:
    """How the molecule follows the hand.

    `calls` network calls a picture; `shaking` is direct denoising's λ in Å, 0 for plain relaxation; `hold` pins the
    atoms in the hand while it holds them.
    """

    calls: int = 3
    shaking: float = 0.0
    hold: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.calls <= MOST_CALLS:
            raise GpffError(f"{self.calls} calls a picture were asked for; give 1 to {MOST_CALLS}, for example 3.")
        if not 0 <= self.shaking <= MOST_SHAKING:
            raise GpffError(f"λ is {self.shaking:g} Å; give 0 (plain relaxation) to {MOST_SHAKING:g} Å.")


@dataclass(frozen=True, eq=False)
class Relaxed:
    """Where the atoms are, `positions` (N, 3) in Å, the pseudo-forces (N, 3) in Å left on them, and σ̂ in Å."""

    positions: NDArray[np.float32]
    forces: NDArray[np.float32]
    sigma: float
    n_calls: int


def relax(
    field: Checkpoint,
    composition: Composition,
    positions: NDArray[np.float32],
    pinned: Collection[int] = (),
    *,
    manner: Manner,
    seed: int = 0,
) -> Relaxed:
    """Direct denoising from `positions` (N, 3) in Å; `pinned` atoms come out bit for bit where they went in."""
    sampler = DirectDenoising(manner.calls, manner.shaking)
    return _run(field, composition, positions, pinned, sampler, seed, settle=False)


def settle(
    field: Checkpoint, composition: Composition, positions: NDArray[np.float32], pinned: Collection[int], n_calls: int
) -> Relaxed:
    """The same without shaking, until a call moves no atom by more than `SETTLED`, or after `n_calls`."""
    return _run(field, composition, positions, pinned, DirectDenoising(n_calls, 0.0), 0, settle=True)


@torch.inference_mode()
def look(
    field: Checkpoint, composition: Composition, positions: NDArray[np.float32], pinned: Collection[int] = ()
) -> Relaxed:
    """The structure as it stands: what forces are left on its free atoms, and how noisy these look to the network."""
    x = torch.from_numpy(positions).to(field.device)
    return _seen(field, x, AtomBatch.from_compositions([composition], field.device).freezing(pinned, x), 0)


@torch.inference_mode()
def _run(
    field: Checkpoint,
    composition: Composition,
    positions: NDArray[np.float32],
    pinned: Collection[int],
    sampler: DirectDenoising,
    seed: int,
    *,
    settle: bool,
) -> Relaxed:
    x = torch.from_numpy(positions).to(field.device)
    batch = AtomBatch.from_compositions([composition], field.device).freezing(pinned, x)
    for step in sampler.steps(field, x, batch, Noise(seed, (0,))):
        x = step.x0_hat
        if settle and float((x - step.x).norm(dim=1).max()) < SETTLED:
            break
    return _seen(field, x, batch, int(step.n_evaluations))


def _seen(field: Checkpoint, x: Tensor, batch: AtomBatch, n_calls: int) -> Relaxed:
    force = pseudo_force(x, predict(field, x, batch))
    return Relaxed(x.cpu().numpy(), force.cpu().numpy(), float(field.noise_level(force, batch)), n_calls)
