"""Blind preconditioning: what a network that is never told σ can still know about scale.

The radius of gyration of a cloud is a function of X alone. For a molecule-sized cloud the best guess of the
equilibrium is close to X itself; for a noise cloud of variance g² ≫ s² it is close to (s²/g²) X, the posterior mean
under a Gaussian of the data's variance s². A skip connection with that factor leaves the network only molecule-sized
things to say, at any σ: the blind counterpart of the c_skip of Karras et al. 2022, eq. 7.
"""

import torch
from torch import Tensor, nn


def gyration_variance(x: Tensor, mask: Tensor) -> Tensor:
    """g²: mean square coordinate (M, 1, 1) in Å² of centred padded positions (M, N, 3) with atom mask (M, N, 1)."""
    return (x * mask).square().sum((1, 2), keepdim=True) / (3 * mask.sum(1, keepdim=True))


def skip_factor(g2: Tensor, data_scale: float) -> Tensor:
    """γ(g²): 1 up to twice the data's variance, then falling as 1/g²."""
    s2 = data_scale**2
    return s2 / (s2 + torch.relu(g2 - 2 * s2))


class ScaleFeatures(nn.Module):
    """Log radius of gyration and log number of atoms as smooth scalar features (M, 1, features)."""

    n_features = 13

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("centres", torch.linspace(-1.0, 3.5, 10), persistent=False)
        self.centres: Tensor

    def forward(self, g2: Tensor, n_atoms: Tensor) -> Tensor:
        log_g = 0.5 * torch.log(g2 + 1e-4)
        bumps = torch.exp(-2 * (log_g - self.centres).square())
        log_n = torch.log(n_atoms) / 3
        return torch.cat([log_g, log_n, log_g * log_n, bumps], dim=-1)
