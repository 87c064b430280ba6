"""SchNetPack's PaiNN as a pseudo-force field: the literature's network, for comparison and for weights of that kind.

The interaction and mixing layers are SchNetPack's own (Schütt, Unke, Gastegger, ICML 2021); this module decides what
they are fed. Every atom of a molecule sees every other; directions are r/(d + 1) instead of r/d, which vanish smoothly
where two atoms of a noise cloud coincide; the pseudo-force comes from a gated equivariant head. There is no
preconditioning: the network itself has to say where far-away atoms belong, hence the long radial grid (Hessmann et al.,
arXiv 2605.19050).

Shapes: A atoms in the batch, P ordered pairs of them, D features, I interactions.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gpff_core.field import equilibrium
from gpff_core.molecules import AtomBatch
from gpff_core.networks.schnetpack_compatibility import schnetpack


@dataclass(frozen=True)
class PaiNNConfig:
    """Sizes of the network; `n_radial` Gaussians stand evenly between 0 and `cutoff` (Å)."""

    n_features: int = 256
    n_interactions: int = 4
    n_radial: int = 600
    cutoff: float = 150.0


class PaiNN(nn.Module):
    """Pseudo-force field; see the module's docstring. Satisfies `PseudoForceField`."""

    kind = "painn"

    def __init__(self, config: PaiNNConfig) -> None:
        super().__init__()
        self.config = config
        self.representation = schnetpack.representation.PaiNN(
            n_atom_basis=config.n_features,
            n_interactions=config.n_interactions,
            radial_basis=schnetpack.nn.GaussianRBF(n_rbf=config.n_radial, cutoff=config.cutoff),
            cutoff_fn=schnetpack.nn.CosineCutoff(config.cutoff),
        )
        self.head = schnetpack.nn.build_gated_equivariant_mlp(n_in=config.n_features, n_out=1)

    def forward(self, positions: Tensor, batch: AtomBatch) -> Tensor:
        """F (A, 3) in Å; no molecule is pushed as a whole, so each X̂₀ keeps the centre of its X."""
        *_, last = self.features(positions, batch)
        return self._force(*last, batch)

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """F (A, 3) read out before the last interaction, and as it is."""
        *_, before, last = self.features(positions, batch)
        return self._force(*before, batch), self._force(*last, batch)

    def _force(self, scalars: Tensor, vectors: Tensor, batch: AtomBatch) -> Tensor:
        _, force = self.head((scalars, vectors))
        return batch.centred(force.squeeze(-1))

    def equilibrium(self, numbers: Tensor, x: Tensor, mask: Tensor, frozen: Tensor | None = None) -> Tensor:
        """X̂₀ (M, N, 3) of padded molecules, centred at the origin: the form that training asks for."""
        molecule, place = torch.nonzero(mask[..., 0] > 0, as_tuple=True)
        batch = AtomBatch(numbers[molecule, place], molecule)
        positions = x[molecule, place]
        x0_hat = torch.zeros_like(x)
        x0_hat[molecule, place] = batch.centred(equilibrium(positions, self(positions, batch)))
        return x0_hat

    def features(self, positions: Tensor, batch: AtomBatch) -> list[tuple[Tensor, Tensor]]:
        """Scalars (A, D) and vectors (A, 3, D) before and after every interaction.

        SchNetPack's own forward pass, but for the directions.
        """
        painn = self.representation
        i, j = all_pairs(batch)
        r = positions[j] - positions[i]
        distance = torch.linalg.vector_norm(r, dim=-1, keepdim=True)
        direction = r / (distance + 1)
        filters = painn.filter_net(painn.radial_basis(distance)) * painn.cutoff_fn(distance)[..., None]

        scalars = painn.embedding(batch.numbers)[:, None]
        vectors = scalars.new_zeros(batch.n_atoms, 3, self.config.n_features)
        features = [(scalars.squeeze(1), vectors)]
        for interaction, mixing, w in zip(
            painn.interactions, painn.mixing, filters.chunk(self.config.n_interactions, -1), strict=True
        ):
            scalars, vectors = interaction(scalars, vectors, w, direction, i, j, batch.n_atoms)
            scalars, vectors = mixing(scalars, vectors)
            features.append((scalars.squeeze(1), vectors))
        return features


def all_pairs(batch: AtomBatch) -> tuple[Tensor, Tensor]:
    """Both ends i and j, each (P,), of every ordered pair i ≠ j of atoms of the same molecule."""
    atom = batch.padded_numbers > 0
    itself = torch.eye(batch.longest, dtype=torch.bool, device=atom.device)
    molecule, i, j = torch.nonzero(atom[:, :, None] & atom[:, None] & ~itself, as_tuple=True)
    first = torch.cumsum(batch.counts, 0) - batch.counts
    return first[molecule] + i, first[molecule] + j
