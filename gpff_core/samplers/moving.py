"""Molecules that stop by themselves, one after another, while the rest of their batch goes on.

M molecules with A atoms were given; m of them with a atoms are still moving, and only these are computed.
"""

from typing import Self

import torch
from torch import Tensor

from gpff_core.field import PseudoForceField, pseudo_force
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.samplers.step import Step, calls, everywhere, predict


class Moving:
    """The molecules still moving, and what the others were when they came to rest.

    `x` and `x0_hat` (a, 3), `sigma` (m,) in Å, `batch` and `noise` belong to those still moving; `molecules` (m,) are
    their places among all. `look`, show the `step`, let `rest` those that are done, move `x`, and again.
    """

    def __init__(self, field: PseudoForceField, x: Tensor, batch: AtomBatch, noise: Noise) -> None:
        self._field, self._all, self._all_noise = field, batch, noise
        self._at_rest, self._sigma, self._n_calls = x, everywhere(torch.inf, batch).to(x), calls(0, batch)
        self.molecules = torch.arange(batch.n_molecules, device=x.device)
        self.x, self.x0_hat, self.sigma, self.batch, self.noise = x, x, self._sigma, batch, noise

    @classmethod
    def after(cls, step: Step, field: PseudoForceField, batch: AtomBatch, noise: Noise) -> Self:
        """All molecules again, as the last step of another sampler left them."""
        here = cls(field, step.x0_hat, batch, noise)
        here._n_calls = step.n_evaluations
        here._sigma = here.sigma = step.sigma.to(step.x0_hat)
        return here

    def look(self) -> None:
        """See `x0_hat` and `sigma` of `x`."""
        self.x0_hat, self.sigma = self.look_at(self.x)

    def look_at(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """X̂₀ (a, 3) and σ̂ (m,) of any positions x (a, 3), by one network call."""
        x0_hat = predict(self._field, x, self.batch)
        self._n_calls = self._n_calls.index_add(0, self.molecules, calls(1, self.batch))
        return x0_hat, self._field.noise_level(pseudo_force(x, x0_hat), self.batch)

    def per_atom(self, values: Tensor) -> Tensor:
        """A value per molecule still moving (m,) as one per atom (a, 1)."""
        return values[self.batch.molecule, None]

    def centred_normal(self) -> Tensor:
        """Thermal noise (a, 3) at unit σ."""
        return self.noise.centred_normal(self.batch)

    def step(self, index: int, n_steps: int) -> Step:
        """What all molecules are now; one at rest stays at the X̂₀ that its last call predicted."""
        atoms = torch.isin(self._all.molecule, self.molecules)
        x, x0_hat, sigma = self._at_rest.clone(), self._at_rest.clone(), self._sigma.clone()
        x[atoms], x0_hat[atoms], sigma[self.molecules] = self.x, self.x0_hat, self.sigma
        self._at_rest, self._sigma = x0_hat, sigma
        return Step(index, n_steps, x, x0_hat, sigma, self._n_calls)

    def rest(self, done: Tensor) -> bool:
        """Let the molecules of the mask done (m,) come to rest; true if that was the last of them."""
        if not done.any():
            return False
        if done.all():
            return True
        atoms = ~done[self.batch.molecule]
        self.molecules, self.sigma = self.molecules[~done], self.sigma[~done]
        self.x, self.x0_hat = self.x[atoms], self.x0_hat[atoms]
        self.batch = self._all.select(self.molecules.tolist())
        self.noise = self._all_noise.select(self.molecules.tolist())
        return False
