"""Whether samples come from a distribution with a given mean and a given covariance."""

import torch
from torch import Tensor

N_ERRORS = 4.5
"""Standard errors allowed: of a million entries compared, seven would fail by chance."""


def assert_moments(samples: Tensor, mean: Tensor, covariance: Tensor) -> None:
    """Every entry of mean (d,) and covariance (d, d) within the standard error of samples (n, d)."""
    off = samples - mean
    products = off[:, :, None] * off[:, None]
    for values, expected in ((off, torch.zeros_like(mean)), (products, covariance)):
        error = values.std(0) / len(samples) ** 0.5
        wrong = (values.mean(0) - expected).abs() > N_ERRORS * error + 1e-9
        assert not wrong.any(), f"off by {((values.mean(0) - expected) / error)[wrong].tolist()} standard errors"


def assert_mean(values: Tensor, mean: float) -> None:
    """The mean of independent values is this number, within its standard error."""
    assert abs(values.mean() - mean) <= N_ERRORS * values.std() / len(values) ** 0.5
