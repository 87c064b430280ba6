"""Distributions of molecules whose noised score is known in closed form, and the pseudo-force fields they imply."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from gpff_core.field import pseudo_force, raw_noise_level
from gpff_core.molecules import AtomBatch, Composition


def centring(n_atoms: int) -> Tensor:
    """The projector (3N, 3N) of flattened positions onto those with their centre at the origin."""
    within = torch.eye(n_atoms, dtype=torch.float64) - 1 / n_atoms
    return torch.kron(within, torch.eye(3, dtype=torch.float64))


def copies(n_molecules: int, n_atoms: int) -> AtomBatch:
    """Equal molecules of hydrogen, where only the positions matter."""
    return AtomBatch.from_compositions([Composition((1,) * n_atoms)] * n_molecules)


@dataclass(frozen=True, eq=False)
class Mixture:
    """Flattened equilibria X₀ ~ Σ_k w_k N(μ_k, C_k), all centred: weights (K,), means (K, 3N), covariances (K, 3N, 3N).

    Noised with centred noise of level σ, component k is N(μ_k, C_k + σ²P); on centred positions the projector P may be
    written as the identity, which is invertible.
    """

    weights: Tensor
    means: Tensor
    covariances: Tensor

    @property
    def mean(self) -> Tensor:
        return self.weights @ self.means

    @property
    def covariance(self) -> Tensor:
        off = self.means - self.mean
        return torch.einsum("k,kij->ij", self.weights, self.covariances + off[:, :, None] * off[:, None])

    def draw(self, n: int, sigma: float, seed: int) -> Tensor:
        """Samples (n, 3N) of the equilibria noised to σ."""
        generator = torch.Generator().manual_seed(seed)
        dimension = self.means.shape[1]
        component = torch.multinomial(self.weights, n, replacement=True, generator=generator)
        values, directions = torch.linalg.eigh(self.covariances + sigma**2 * centring(dimension // 3))
        factors = directions * values.clamp(min=0).sqrt()[:, None]
        z = torch.randn(n, dimension, 1, generator=generator, dtype=torch.float64)
        return self.means[component] + (factors[component] @ z).squeeze(-1)

    def log_density(self, x: Tensor, sigma: float) -> Tensor:
        """log p_σ(x) (n,) up to a constant."""
        return torch.logsumexp(self._log_joint(x, sigma), -1)

    def equilibrium(self, x: Tensor, sigma: float) -> Tensor:
        """The posterior mean E[X₀|x] (n, 3N) under noise of level σ, by Bayes' rule and Gaussian conditioning."""
        responsibility = torch.softmax(self._log_joint(x, sigma), -1)
        gain = torch.linalg.solve(self._noised(sigma), self.covariances, left=False)
        conditional = self.means + torch.einsum("kij,nkj->nki", gain, x[:, None] - self.means)
        return torch.einsum("nk,nki->ni", responsibility, conditional)

    def _log_joint(self, x: Tensor, sigma: float) -> Tensor:
        return self.weights.log() + MultivariateNormal(self.means, self._noised(sigma)).log_prob(x[:, None])

    def _noised(self, sigma: float) -> Tensor:
        return self.covariances + sigma**2 * torch.eye(self.means.shape[1], dtype=torch.float64)


def _random_component(n_atoms: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    dimension = 3 * n_atoms
    centred = centring(n_atoms)
    mean = centred @ torch.randn(dimension, generator=generator, dtype=torch.float64)
    axes = torch.linalg.qr(torch.randn(dimension, dimension, generator=generator, dtype=torch.float64)).Q
    lengths = torch.linspace(0.3, 1.2, dimension, dtype=torch.float64)
    return mean, centred @ (axes * lengths**2) @ axes.T @ centred


def gaussian(n_atoms: int = 3) -> Mixture:
    """Anisotropic, standard deviations 0.3 to 1.2 Å along random axes that mix atoms."""
    mean, covariance = _random_component(n_atoms, 1)
    return Mixture(torch.ones(1, dtype=torch.float64), mean[None], covariance[None])


def two_gaussians(n_atoms: int = 3) -> Mixture:
    """Two well-separated anisotropic shapes, three to seven."""
    (mean, one), (_, other) = _random_component(n_atoms, 1), _random_component(n_atoms, 2)
    weights = torch.tensor([0.3, 0.7], dtype=torch.float64)
    return Mixture(weights, torch.stack([2 * mean, -mean]), torch.stack([one / 4, other / 9]))


class Told:
    """The exact field of a distribution of equal molecules; its i-th call is told that the noise is `levels[i]`."""

    def __init__(self, distribution: Mixture, levels: Iterable[float]) -> None:
        self._distribution, self.levels, self._level = distribution, list(levels), 0.0

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        self._level = self.levels.pop(0)
        x = positions.view(batch.n_molecules, -1)
        return pseudo_force(x, self._distribution.equilibrium(x, self._level)).view_as(positions)

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        """The level it was told last: a perfect σ̂."""
        return force.new_full((batch.n_molecules,), self._level)


class Dirac:
    """The field of molecules that have one and the same equilibrium, `structure` (N, 3); it needs no σ."""

    def __init__(self, structure: Tensor) -> None:
        self._structure = structure

    def x0(self, batch: AtomBatch) -> Tensor:
        """The equilibrium of all of them, (A, 3)."""
        return self._structure.repeat(batch.n_molecules, 1)

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        return pseudo_force(positions, self.x0(batch))

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return raw_noise_level(force, batch)
