"""Dense equivariant transformer: the default network.

Per molecule it keeps scalars h (N, D), vectors v (N, 3, V) and a thin pair state e (N, N, E). A layer is attention
whose logits come from h and e; the same attention, gated by e, carries scalars, the directions r/(d + 1) and vectors;
then PaiNN's mixing of scalars and vectors (Schütt et al. 2021, eq. 9–10) and an update of e from both ends and from the
vectors' projections on the connecting line. Everything is a batched matrix product over padded molecules, which is what
makes it an order of magnitude cheaper than message passing over explicit edges.

It is equivariant to rotation, reflection, translation and permutation, and a molecule's result does not depend on what
it is padded with.

Shapes: M molecules padded to N atoms; mask (M, N, 1) is 1 for atoms and 0 for padding.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from gpff_core.composition import HIGHEST_ATOMIC_NUMBER
from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.networks.preconditioning import ScaleFeatures, gyration_variance, skip_factor

LARGEST_EXPONENT: Final = 60.0
"""exp(−60) is nothing to a basis function; much smaller numbers are denormal, and arithmetic with those is slow."""


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of the network; `data_scale` is the data's root mean square coordinate in Å.

    With `marks_frozen` it is told which atoms are frozen.
    """

    n_features: int = 192
    n_vectors: int = 96
    n_heads: int = 6
    n_layers: int = 6
    n_pair: int = 32
    n_radial: int = 64
    longest_distance: float = 150.0
    data_scale: float = 1.5
    marks_frozen: bool = False

    def __post_init__(self) -> None:
        if self.n_features % self.n_heads or self.n_vectors % self.n_heads:
            raise GpffError(
                f"{self.n_heads} heads do not divide {self.n_features} features and {self.n_vectors} vectors evenly; "
                "choose a number of heads that divides both."
            )


class RadialBasis(nn.Module):
    """Gaussians on a logarithmic distance grid: fine (0.14 Å) at a bond length, coarse at 100 Å.

    Resolution near 1 Å decides validity: a basis that cannot tell 1.0 Å from 1.4 Å fuses atoms.
    """

    def __init__(self, n_radial: int, longest_distance: float) -> None:
        super().__init__()
        self.scale = 1 / math.log1p(2 * longest_distance)
        self.sharpness = 0.7 * n_radial
        self.register_buffer("centres", torch.linspace(0, 1, n_radial), persistent=False)
        self.centres: Tensor

    def forward(self, distance: Tensor) -> Tensor:
        position = torch.log1p(2 * distance) * self.scale
        squares = ((position[..., None] - self.centres) * self.sharpness).square()
        return torch.exp(-squares.clamp(max=LARGEST_EXPONENT))


class PairEmbedding(nn.Module):
    """Initial pair state from the distance, modulated by both elements."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.basis = RadialBasis(config.n_radial, config.longest_distance)
        self.radial = nn.Linear(config.n_radial, config.n_pair)
        self.element = nn.Embedding(HIGHEST_ATOMIC_NUMBER + 1, 2 * config.n_pair)

    def forward(self, numbers: Tensor, distance: Tensor) -> Tensor:
        ends = self.element(numbers)
        scale, shift = (ends[:, :, None] * ends[:, None]).chunk(2, -1)
        pair: Tensor = self.radial(self.basis(distance)) * (1 + scale) + shift
        return pair


class FrozenMark(nn.Module):
    """What a frozen atom, and a pair of them, begins with more than others; nothing until it is trained.

    A distance of 1.2 Å between a carbon and an oxygen that are frozen is a carbonyl. Between two that are noised like
    the rest it says little, and without a mark the network cannot tell one from the other (docs/adr/0023).
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.atom = nn.Parameter(torch.zeros(config.n_features))
        self.pair = nn.Parameter(torch.zeros(config.n_pair))

    def forward(self, h: Tensor, e: Tensor, frozen: Tensor) -> tuple[Tensor, Tensor]:
        """Scalars (M, N, D) and pair states (M, N, N, E) with the mark; frozen (M, N, 1) is 1 or 0."""
        return h + frozen * self.atom, e + (frozen @ frozen.transpose(1, 2))[..., None] * self.pair


class VectorNorm(nn.Module):
    """Divide each atom's vectors by their root mean square length; equivariant, and gentle near zero."""

    def forward(self, v: Tensor) -> Tensor:
        return v * torch.rsqrt(v.square().sum(2, keepdim=True).mean(-1, keepdim=True) + 1e-2)


class Attention(nn.Module):
    """One attention pattern that sends scalars, directions and vectors."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        d, v, self.n_heads = config.n_features, config.n_vectors, config.n_heads
        self.widths = [d, d, d, v, v]
        self.norm, self.vector_norm, self.pair_norm = nn.LayerNorm(d), VectorNorm(), nn.LayerNorm(config.n_pair)
        self.project = nn.Linear(d, sum(self.widths))
        self.pair = nn.Linear(config.n_pair, 3 * config.n_heads)
        self.scalar_out = nn.Linear(d, d)
        self.vector_out = nn.Linear(v, v, bias=False)

    def forward(self, h: Tensor, v: Tensor, e: Tensor, direction: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        m, n, heads = h.shape[0], h.shape[1], self.n_heads
        query, key, scalar, radial, carried = (
            part.view(m, n, heads, -1).transpose(1, 2) for part in self.project(self.norm(h)).split(self.widths, -1)
        )
        logit, radial_gate, vector_gate = self.pair(self.pair_norm(e)).permute(0, 3, 1, 2).chunk(3, 1)
        attention = torch.softmax(query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + logit + bias, -1)

        # (M, H, 3N, N) @ (M, H, N, V/H): one product for the three components of every direction.
        directed = (attention * radial_gate)[:, :, None] * direction[:, None]
        radial_message = (directed.flatten(2, 3) @ radial).view(m, heads, 3, n, -1).permute(0, 3, 2, 1, 4)
        vectors = self.vector_norm(v).view(m, n, 3, heads, -1).permute(0, 3, 1, 2, 4) * carried[:, :, :, None]
        vector_message = ((attention * vector_gate) @ vectors.flatten(3, 4)).view(m, heads, n, 3, -1)
        vector_message = vector_message.permute(0, 2, 3, 1, 4)

        h = h + self.scalar_out((attention @ scalar).transpose(1, 2).flatten(2, 3))
        return h, v + self.vector_out((radial_message + vector_message).flatten(3, 4))


class Mixing(nn.Module):
    """PaiNN's update: scalars see lengths and products of vectors, vectors are mixed and scaled by scalars."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        d, v = config.n_features, config.n_vectors
        self.widths = [d, v, v]
        self.norm, self.vector_norm = nn.LayerNorm(d), VectorNorm()
        self.pairs = nn.Linear(v, 2 * v, bias=False)
        self.mlp = nn.Sequential(nn.Linear(d + v, 2 * d), nn.SiLU(), nn.Linear(2 * d, d + 2 * v))
        self.product = nn.Linear(v, d, bias=False)

    def forward(self, h: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        left, right = self.pairs(self.vector_norm(v)).chunk(2, -1)
        length = (left.square().sum(2) + 1e-6).sqrt()
        dh, scale, product_gate = self.mlp(torch.cat([self.norm(h), length], -1)).split(self.widths, -1)
        h = h + dh + self.product(product_gate * (left * right).sum(2))
        return h, v + scale[:, :, None] * right


class PairUpdate(nn.Module):
    """New pair state from both atoms' scalars and from their vectors' components along the connecting line."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        d, p = config.n_features, config.n_pair
        self.norm, self.vector_norm, self.pair_norm = nn.LayerNorm(d), VectorNorm(), nn.LayerNorm(p)
        self.ends = nn.Linear(d, 2 * p, bias=False)
        self.along = nn.Linear(config.n_vectors, 2 * p, bias=False)
        self.mlp = nn.Sequential(nn.Linear(p, 2 * p), nn.SiLU(), nn.Linear(2 * p, p))

    def forward(self, h: Tensor, v: Tensor, e: Tensor, direction: Tensor) -> Tensor:
        left, right = self.ends(self.norm(h)).chunk(2, -1)
        here, there = self.along(self.vector_norm(v)).chunk(2, -1)
        projection = sum(direction[:, c, :, :, None] * (here[:, :, None, c] - there[:, None, :, c]) for c in range(3))
        update: Tensor = self.mlp(self.pair_norm(e) + left[:, :, None] * right[:, None] + projection)
        return e + update


class EquivariantTransformer(nn.Module):
    """Pseudo-force field; see the module's docstring. Satisfies `PseudoForceField`."""

    kind = "transformer"

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        d, layers = config.n_features, config.n_layers
        self.element = nn.Embedding(HIGHEST_ATOMIC_NUMBER + 1, d)
        self.scale = ScaleFeatures()
        self.scale_in = nn.Linear(ScaleFeatures.n_features, d)
        self.pair_in = PairEmbedding(config)
        self.frozen = FrozenMark(config) if config.marks_frozen else None
        self.attention = nn.ModuleList([Attention(config) for _ in range(layers)])
        self.mixing = nn.ModuleList([Mixing(config) for _ in range(layers)])
        self.pair_update = nn.ModuleList([PairUpdate(config) for _ in range(layers)])
        self.norm = nn.LayerNorm(d)
        self.vector_gate = nn.Linear(d, config.n_vectors)
        self.vector_out = nn.Linear(config.n_vectors, 1, bias=False)
        self.pair_out = nn.Sequential(nn.LayerNorm(config.n_pair), nn.Linear(config.n_pair, 1, bias=False))

    def equilibrium(self, numbers: Tensor, x: Tensor, mask: Tensor, frozen: Tensor | None = None) -> Tensor:
        """X̂₀ (M, N, 3), each molecule centred at the origin, from padded positions in any frame.

        `frozen` (M, N, 1) is 1 for atoms that are where they belong, 0 for others.
        """
        return self._equilibria(numbers, x, mask, frozen)[-1]

    def _equilibria(
        self, numbers: Tensor, x: Tensor, mask: Tensor, frozen: Tensor | None, *, early: bool = False
    ) -> list[Tensor]:
        """X̂₀ after the last layer; with `early`, before it what would be read out without that layer."""
        n_atoms = mask.sum(1, keepdim=True)
        x = (x - (x * mask).sum(1, keepdim=True) / n_atoms) * mask
        g2 = gyration_variance(x, mask)
        r = x[:, None] - x[:, :, None]
        distance = (r.square().sum(-1) + 1e-8).sqrt()
        direction = (r / (distance + 1)[..., None]).permute(0, 3, 1, 2)
        bias = (mask.transpose(1, 2) - 1)[:, None] * 1e4

        h = self.element(numbers) + self.scale_in(self.scale(g2, n_atoms))
        v = h.new_zeros(*h.shape[:2], 3, self.config.n_vectors)
        e = self.pair_in(numbers, distance)
        if self.frozen is not None and frozen is not None:
            h, e = self.frozen(h, e, frozen)
        read = []
        for attention, mixing, pair_update in zip(self.attention, self.mixing, self.pair_update, strict=True):
            if early and attention is self.attention[-1]:
                read.append(self._read_out(h, v, e, x, g2, direction, mask))
            h, v = attention(h, v, e, direction, bias)
            h, v = mixing(h, v)
            e = pair_update(h, v, e, direction)
        return [*read, self._read_out(h, v, e, x, g2, direction, mask)]

    def _read_out(
        self, h: Tensor, v: Tensor, e: Tensor, x: Tensor, g2: Tensor, direction: Tensor, mask: Tensor
    ) -> Tensor:
        """X̂₀ (M, N, 3) of a state and the centred positions."""
        out = self.vector_out(v * self.vector_gate(functional.silu(self.norm(h)))[:, :, None]).squeeze(-1)
        central = self.pair_out(e).squeeze(-1) * mask.transpose(1, 2)
        out = out + (direction * central[:, None]).sum(-1).transpose(1, 2)
        x0_hat: Tensor = (skip_factor(g2, self.config.data_scale) * x + out.to(x.dtype)) * mask
        return (x0_hat - x0_hat.sum(1, keepdim=True) / mask.sum(1, keepdim=True)) * mask

    def forward(self, positions: Tensor, batch: AtomBatch) -> Tensor:
        return self._forces(positions, batch)[-1]

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """F (A, 3) read out before the last layer, and as it is."""
        early, final = self._forces(positions, batch, early=True)
        return early, final

    def _forces(self, positions: Tensor, batch: AtomBatch, *, early: bool = False) -> list[Tensor]:
        mask = (batch.padded_numbers > 0).to(positions.dtype)[..., None]
        frozen = None if self.frozen is None else batch.padded_held.to(positions.dtype)
        equilibria = self._equilibria(batch.padded_numbers, batch.pad(positions), mask, frozen, early=early)
        centre = batch.mean(positions)[batch.molecule]
        return [2 * (batch.unpad(x0_hat) + centre - positions) for x0_hat in equilibria]
