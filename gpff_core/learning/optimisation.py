"""Optimisers, learning-rate schedule and averaged weights.

Muon (orthogonalised momentum, Jordan et al. 2024) for the hidden matrices, AdamW for everything else; cosine decay
after a short warm-up; an exponential moving average of the weights is what gets sampled and shipped.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from gpff_core.learning.muon import Muon

EMA_DECAY = 0.999
WARMUP_STEPS = 300


def build_optimizers(
    network: nn.Module, learning_rate: float, precision: str = "32-true"
) -> list[torch.optim.Optimizer]:
    """Muon for matrices of linear layers, AdamW for embeddings, biases, norms and one-row heads.

    `precision` is Fabric's name of what the network computes with; Muon then does so too.
    """
    embeddings = {id(m.weight) for m in network.modules() if isinstance(m, nn.Embedding)}
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for parameter in network.parameters():
        hidden = parameter.dim() == 2 and min(parameter.shape) > 1 and id(parameter) not in embeddings
        (matrices if hidden else rest).append(parameter)
    orthogonal_in = torch.bfloat16 if precision.startswith("bf16") else None
    muon = Muon(matrices, lr=learning_rate, weight_decay=0.05, precision=orthogonal_in)
    return [muon, torch.optim.AdamW(rest, lr=learning_rate, betas=(0.9, 0.99), weight_decay=0.0)]


def learning_rate_factor(step: int, fraction: float) -> float:
    """Linear warm-up over the first steps, times half a cosine over the run; `fraction` of the run is over."""
    return min(1.0, (step + 1) / WARMUP_STEPS) * 0.5 * (1 + math.cos(math.pi * min(fraction, 1.0)))


def _average(averaged: Sequence[Tensor], current: Sequence[Tensor], n_averaged: Tensor | int) -> None:
    n = int(n_averaged)
    decay = min(EMA_DECAY, (1 + n) / (10 + n))
    torch._foreach_lerp_(list(averaged), list(current), 1 - decay)


def averaged_copy(network: nn.Module) -> AveragedModel:
    """Exponential moving average with a short memory at first, so that it is useful from the first minutes."""
    return AveragedModel(network, multi_avg_fn=_average)
