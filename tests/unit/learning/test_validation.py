"""Errors per noise level and the calibration of σ̂, on fields whose answers are known."""

import math

import pytest
import torch
from torch import Tensor, nn

from gpff_core.errors import GpffError
from gpff_core.field import raw_noise_level
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.validation import BANDS, calibrate, validate
from gpff_core.molecules import AtomBatch, Composition

CPU = torch.device("cpu")


def one_shape() -> MoleculeDataset:
    """The same 20-atom cloud 4,000 times: an oracle knows X₀ exactly."""
    x0 = torch.randn(20, 3, generator=torch.Generator().manual_seed(0)).numpy()
    return MoleculeDataset.from_structures((Composition((6,) * 20), x0) for _ in range(4_000))


class Oracle(nn.Module):
    """X̂₀ = X₀ + share · (X − X₀): a share of the noise is mistaken for structure."""

    def __init__(self, data: MoleculeDataset, share: float) -> None:
        super().__init__()
        self.x0, self.share = data.padded(torch.tensor([0])).positions, share

    def equilibrium(self, numbers: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        return (self.x0 + self.share * (x - self.x0)) * mask


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_validation_reports_the_error_there_is(share: float) -> None:
    """Mean of (share · z)² over coordinates of centred noise is share² (N − 1)/N, at every σ."""
    data = one_shape()
    report = validate(Oracle(data, share), data, CPU)
    assert tuple(band.sigma for band in report) == BANDS
    expected = share * math.sqrt(19 / 20)
    for band in report:
        assert band.loss == pytest.approx(expected**2, rel=0.05, abs=1e-6)
        assert band.error == pytest.approx(expected * band.sigma, rel=0.03, abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_calibration_undoes_what_the_field_gets_wrong(share: float) -> None:
    """A field that sees only half the noise must still give the right σ̂, between and beyond the measured levels."""
    data = one_shape()
    oracle = Oracle(data, share)
    calibration = calibrate(oracle, data, CPU)
    batch = AtomBatch.from_compositions([data.composition(0)] * 400)
    x0 = oracle.x0[0].repeat(400, 1)
    z = batch.centred(torch.randn(x0.shape, generator=torch.Generator().manual_seed(3)))
    for sigma in (0.01, 0.1, 0.77, 5.0, 60.0):
        force = -2 * (1 - share) * sigma * z
        assert float(raw_noise_level(force, batch).median()) == pytest.approx((1 - share) * sigma, rel=0.02)
        assert float(calibration.noise_level(force, batch).median()) == pytest.approx(sigma, rel=0.02)


def test_calibration_of_a_field_that_saturates_still_ascends() -> None:
    """Raw estimates that stop growing must not make a curve that cannot be read backwards."""
    data = one_shape()

    class Saturating(Oracle):
        def equilibrium(self, numbers: Tensor, x: Tensor, mask: Tensor) -> Tensor:
            d = x - self.x0
            return (x - d / d.square().mean().sqrt().clamp(min=1.0)) * mask

    calibration = calibrate(Saturating(data, 0.0), data, CPU)
    assert bool((calibration.raw.diff() > 0).all())


def test_a_field_that_sees_no_noise_cannot_be_calibrated() -> None:
    data = one_shape()
    with pytest.raises(GpffError, match="calibration"):
        calibrate(Oracle(data, 1.0), data, CPU)
