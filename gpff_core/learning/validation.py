"""Errors of a network on held-out structures, one line per noise level, and the calibration of σ̂."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gpff_core.calibration import NoiseCalibration, visible_noise_level
from gpff_core.field import pseudo_force
from gpff_core.learning.dataset import MoleculeDataset, PaddedBatch
from gpff_core.learning.objective import denoising_loss, position_error
from gpff_core.learning.split import Split
from gpff_core.molecules import AtomBatch

BANDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0)
"""Noise levels in Å at which the loss is reported."""

N_STRUCTURES = 128
_CALIBRATION_GRID = tuple(float(s) for s in torch.logspace(-1.7, 1.5, 33))


@dataclass(frozen=True)
class BandErrors:
    """At one σ (Å): the loss (error over σ², dimensionless) and the root mean square error of a coordinate in Å."""

    sigma: float
    loss: float
    error: float


def _held_out(dataset: MoleculeDataset, n: int) -> PaddedBatch:
    return dataset.padded(dataset.spread_over(Split.VALIDATION, n))


def _predictions(
    network: nn.Module, batch: PaddedBatch, sigmas: tuple[float, ...]
) -> Iterator[tuple[float, Tensor, Tensor]]:
    """(σ, noised X, X̂₀) with the same noise directions every time."""
    z = torch.randn(batch.positions.shape, generator=torch.Generator().manual_seed(20)) * batch.mask.cpu()
    z = ((z - z.sum(1, keepdim=True) / batch.mask.cpu().sum(1, keepdim=True)) * batch.mask.cpu()).to(batch.mask.device)
    for sigma in sigmas:
        x = batch.positions + sigma * z
        yield sigma, x, network.equilibrium(batch.numbers, x, batch.mask)  # type: ignore[operator]


@torch.no_grad()
def validate(network: nn.Module, dataset: MoleculeDataset, device: torch.device) -> tuple[BandErrors, ...]:
    """Errors on a part of the validation structures, always noised the same way."""
    batch = _held_out(dataset, N_STRUCTURES).to(device)
    report = []
    for sigma, _, x0_hat in _predictions(network, batch, BANDS):
        loss = denoising_loss(x0_hat, batch.positions, sigma * batch.mask, batch.mask).mean()
        error = position_error(x0_hat, batch.positions, batch.mask).square().mean().sqrt()
        report.append(BandErrors(sigma, float(loss), float(error)))
    return tuple(report)


@torch.no_grad()
def calibrate(network: nn.Module, dataset: MoleculeDataset, device: torch.device) -> NoiseCalibration:
    """Median estimate of held-out structures at each σ of a grid, made ascending."""
    batch = _held_out(dataset, N_STRUCTURES).to(device)
    there = batch.mask.squeeze(-1) > 0
    atoms = AtomBatch(batch.numbers[there], there.nonzero()[:, 0])
    raw = [
        float(visible_noise_level(pseudo_force(x, x0_hat)[there], atoms).median())
        for _, x, x0_hat in _predictions(network, batch, _CALIBRATION_GRID)
    ]
    ascending = torch.cummax(torch.tensor(raw), 0).values * (1 + 1e-5 * torch.arange(len(raw)))
    return NoiseCalibration(ascending, torch.tensor(_CALIBRATION_GRID))
