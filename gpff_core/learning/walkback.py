"""Training on the network's own mistakes: chains of denoising that begin at data and are to lead back to it.

Direct denoising shows the network its own predictions, shaken, and these err in ways that Gaussian noise on data never
does: a hydrogen on the wrong atom, a bond too long. Walkback training lets it take a few such steps from an
equilibrium structure and asks for that structure again, which removes attractors that are no molecules.

Source: Bengio, Yao, Alain and Vincent, Generalized denoising auto-encoders as generative models, NeurIPS 2013 (§3).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from gpff_core.constraints import nearest_rotation
from gpff_core.errors import GpffError
from gpff_core.learning.dataset import PaddedBatch

SHAKES: Final = (0.1, 0.6)
"""Å; least and most noise of a step. With more a structure is forgotten at once, with less no mistake is made."""

MOST_STEPS: Final = 3

Equilibrium = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From numbers (M, N), positions (M, N, 3) in Å and mask (M, N, 1) to X̂₀ (M, N, 3), as networks have it."""


@dataclass(frozen=True, eq=False)
class Walk:
    """Where chains arrived (M, N, 3), the structures they are to lead back to, and how far off they are.

    `sigma` (M, N, 1) in Å is the root mean square of what is to be undone, per coordinate, the same for all atoms.
    """

    positions: Tensor
    target: Tensor
    sigma: Tensor


@torch.no_grad()
def walk(equilibrium: Equilibrium, batch: PaddedBatch, generator: torch.Generator) -> Walk:
    """Shake and predict, one to three times with one σ for each molecule, and shake once more.

    A chain turns what it moves, and which way says nothing about the structure: the target is turned along.
    """
    least, most = SHAKES
    sigma = least + (most - least) * torch.rand(len(batch.numbers), 1, 1, generator=generator).to(batch.positions)
    n_steps = 1 + int(torch.randint(MOST_STEPS, (), generator=generator))
    x_hat = batch.positions
    for _ in range(n_steps):
        x_hat = equilibrium(batch.numbers, _shaken(x_hat, sigma, batch, generator), batch.mask).float()
    x = _shaken(x_hat, sigma, batch, generator)
    target = _turned_onto(x_hat, batch.positions)
    return Walk(x, target, _spread(x - target, batch.mask))


def require_share(share: float) -> None:
    """Refuse what is not a share."""
    if not 0 <= share <= 1:
        raise GpffError(f"walkback_share is {share}; it is a share of the structures, from 0 to 1.")


def _shaken(x: Tensor, sigma: Tensor, batch: PaddedBatch, generator: torch.Generator) -> Tensor:
    return x + sigma * batch.mask * torch.randn(x.shape, generator=generator).to(x)


def _turned_onto(goal: Tensor, x: Tensor) -> Tensor:
    """x (M, N, 3), turned onto the goal; both centred, with zeros where there is no atom."""
    return x @ nearest_rotation(goal.mT @ x).mT


def _spread(difference: Tensor, mask: Tensor) -> Tensor:
    variance = (difference * mask).square().sum((1, 2), keepdim=True) / (3 * mask.sum(1, keepdim=True))
    return variance.sqrt() * mask
