"""Self-paced direct denoising: every molecule is shaken by as much as it still has to move, and stops by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.field import PseudoForceField, pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, everywhere, predict, require_steps


@dataclass(frozen=True)
class SelfPaced:
    """X ← X̂₀ + κ σ̂ z until σ̂ ≤ σ_stop, per molecule; at most `n_steps` network calls.

    κ < 1 is how much of the noise just removed is put back. Only the molecules still moving are computed.
    """

    n_steps: int = 120
    kappa: float = 0.7
    sigma_stop: float = 0.05

    def __post_init__(self) -> None:
        require_steps(self.n_steps)
        if not 0 <= self.kappa < 1:
            raise GpffError(
                f"κ is {self.kappa}; it must be at least 0 and below 1, or the noise never shrinks; try 0.7."
            )
        if not 0 < self.sigma_stop < float("inf"):
            raise GpffError(f"σ_stop is {self.sigma_stop} Å; it must be positive, for example 0.05.")

    def steps(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> Iterator[Step]:
        x0_hat, sigma, n_calls = x.clone(), everywhere(torch.inf, batch).to(x), calls(0, batch)
        moving = torch.arange(batch.n_molecules, device=x.device)
        for index in range(self.n_steps):
            atoms = torch.isin(batch.molecule, moving)
            part = batch.select(moving.tolist())
            predicted = predict(field, x[atoms], part)
            level = field.noise_level(pseudo_force(x[atoms], predicted), part)

            x0_hat, sigma, n_calls = x0_hat.clone(), sigma.clone(), n_calls.clone()
            x0_hat[atoms], sigma[moving] = predicted, level
            n_calls[moving] += 1
            yield Step(index, self.n_steps, x, x0_hat, sigma, n_calls)

            restless = level > self.sigma_stop
            moving, part_noise = moving[restless], noise.select(moving[restless].tolist())
            x = x0_hat.clone()
            if len(moving) == 0:
                return
            atoms, part = torch.isin(batch.molecule, moving), batch.select(moving.tolist())
            shake = self.kappa * sigma[moving][part.molecule, None]
            x[atoms] = x0_hat[atoms] + shake * part_noise.centred_normal(part)

    def __str__(self) -> str:
        return f"self-paced(n_steps={self.n_steps}, kappa={self.kappa:g}, sigma_stop={self.sigma_stop:g})"
