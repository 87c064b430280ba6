"""The pseudo-force field and the identities that connect it to denoising and diffusion.

Around an equilibrium structure X₀ the pseudo-energy is E(X|X₀) = ‖X − X₀‖² (Å²) and the pseudo-force F = −∇E =
2(X₀ − X) (Å). A network that learns F without being told a noise level is an equilibrium predictor, X̂₀ = X + F/2,
and, because X̂₀ is the posterior mean E[X₀|X], also the score of the variance-exploding diffusion X = X₀ + σε.
σ (Å) is the only notion of time in this library.

Source: Hessmann et al., Generative pseudo-force fields, arXiv 2605.19050; Song et al. 2021 (score, reverse SDE).

Shapes: positions and forces (A, 3), a noise level per molecule (M,), per atom (A, 1) or one number.
"""

import math
from typing import Protocol

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch


class PseudoForceField(Protocol):
    """Maps positions (A, 3) in Å and the atoms they belong to onto pseudo-forces (A, 3) in Å.

    The batch's pins say which atoms are frozen, and so already where they belong; a field may heed that.
    """

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor: ...

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        """σ̂ (M,) in Å of every molecule, from the pseudo-forces on it."""
        ...


def pseudo_energy(x: Tensor, x0: Tensor) -> Tensor:
    """E = ‖X − X₀‖² in Å², summed over all atoms given."""
    return (x - x0).square().sum()


def pseudo_force(x: Tensor, x0: Tensor) -> Tensor:
    """F = −∇E = 2(X₀ − X)."""
    return 2 * (x0 - x)


def equilibrium(x: Tensor, force: Tensor) -> Tensor:
    """X̂₀ = X + F/2, the posterior mean of the equilibrium structure."""
    return x + force / 2


def score(force: Tensor, sigma: Tensor | float) -> Tensor:
    """∇ log p_σ(X) = F / (2σ²)  (Tweedie)."""
    return force / (2 * sigma**2)


def noise(force: Tensor, sigma: Tensor | float) -> Tensor:
    """ε̂ = −F / (2σ), the noise the field believes was added."""
    return -force / (2 * sigma)


def temperature(sigma: float) -> float:
    """kT = 2σ² (Å²): p(X|X₀) ∝ exp(−E/kT), so noising is heating."""
    return 2 * sigma**2


def sigma_at(kt: float) -> float:
    """σ = √(kT/2) (Å) of a temperature kT in Å²: the same noise level by its other name."""
    return math.sqrt(kt / 2)


def raw_noise_level(force: Tensor, batch: AtomBatch) -> Tensor:
    """σ̂ = ‖F‖ / (2√n) per molecule (M,), before calibration.

    n are the coordinates that noise can move (`AtomBatch.degrees_of_freedom`): 3N − 3 for N atoms whose centre floats,
    3 for each free atom beside a frozen scaffold. Where there are none, as for a lone atom, σ̂ = 0.
    """
    norm = batch.total(force.square().sum(-1)).sqrt()
    n = batch.degrees_of_freedom.to(norm)
    return norm / (2 * torch.where(n > 0, n, 1).sqrt())
