"""The loss: squared error of the predicted equilibrium in units of the noise, and how much each noise level counts."""

import torch
from torch import Tensor

SIGMA_FLOOR = 0.05
"""Å; bounds the weight of atoms that were not noised. A floor above 0.1 Å is known to ruin bond lengths."""

FROZEN_FLOOR = 0.15
"""Of a structure's largest σ; bounds the weight of its frozen atoms further.

A sampler puts frozen atoms back where they were, so their prediction need only be good enough to superpose on. At full
weight they took up to four fifths of the loss of a structure with a frozen fragment.
"""

RESOLVED = 0.45
"""Å; below it the noise leaves no doubt which structure is meant, and all of the loss can be learned away.

The loss of the shipped network is below 0.1 up to 0.3 Å and at its highest, 0.5, from 0.6 to 1.2 Å, where most of it is
what no network could know.
"""


def noise_weight(sigma: Tensor, small_noise_weight: float) -> Tensor:
    """How much a structure counts (M,) by its largest σ, from `small_noise_weight` below 0.3 Å to 1 above 0.6 Å.

    The inverse of the loss that remains, as with the learned uncertainty of Karras et al. 2024 (EDM2, eq. 21), except
    that structures far from equilibrium, of which little can be known, are not raised again.
    """
    fourth = (sigma.amax((1, 2)) / RESOLVED) ** 4
    doubt = fourth / (1 + fourth)
    return 1 / (doubt + (1 - doubt) / small_noise_weight)


def denoising_loss(x0_hat: Tensor, x0: Tensor, sigma: Tensor, mask: Tensor) -> Tensor:
    """Mean over coordinates of ‖X̂₀ − X₀‖² / σ², one number per molecule (M,).

    All arguments are padded: positions (M, N, 3), sigma and mask (M, N, 1). The network predicts in the frame where
    the mean of X̂₀ is zero, and samplers superpose X̂₀ on frozen atoms, so its translation carries no meaning: the
    translation that minimises the σ⁻²-weighted error is removed first. With one σ for all atoms both means are zero
    and nothing is removed; with a frozen fragment the fragment decides.
    """
    floor = (FROZEN_FLOOR * sigma.amax(1, keepdim=True)).clamp(min=SIGMA_FLOOR)
    weight = mask / torch.maximum(sigma, floor).square()
    error = (x0_hat - x0) * mask
    error = error - (weight * error).sum(1, keepdim=True) / weight.sum(1, keepdim=True)
    return (weight * error.square()).sum((1, 2)) / (3 * mask.sum((1, 2)))


def position_error(x0_hat: Tensor, x0: Tensor, mask: Tensor) -> Tensor:
    """Root mean square error of a coordinate in Å, per molecule (M,)."""
    return torch.sqrt(((x0_hat - x0) * mask).square().sum((1, 2)) / (3 * mask.sum((1, 2))))
