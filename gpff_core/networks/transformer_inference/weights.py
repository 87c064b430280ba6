"""Weights of a trained transformer, rearranged so that inference needs fewer and cheaper operations.

Nothing is approximated; three identities, exact but for rounding, save the work:

- a normalisation's scale and shift belong to the linear map behind it: W(γ ∘ n + β) + b = (Wγ) n + (Wβ + b);
- linear maps of the same input are one: what a layer's attention and the pair update of the layer before it take from
  the atoms' scalars comes from one matrix;
- the pair state is only ever looked at through normalisations that remove its mean over the channels, so whatever is
  added to it is centred here, once, and only its root mean square is left to compute.

Matrices are stored (in, out) and contiguous: y = x W + b. D scalar features, V vector features, E pair channels,
H heads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from gpff_core.networks.preconditioning import ScaleFeatures
from gpff_core.networks.transformer import Attention, EquivariantTransformer, FrozenMark, Mixing, PairUpdate


@dataclass(frozen=True, eq=False)
class Affine:
    """y = x W + b with W (in, out) and b (out,)."""

    weight: Tensor
    bias: Tensor

    @classmethod
    def of(cls, linear: nn.Linear) -> Self:
        return cls(_matrix(linear), linear.bias)

    @classmethod
    def after_norm(cls, linear: nn.Linear, norm: nn.LayerNorm) -> Self:
        """For an input that begins with what `norm` gives without its scale and shift."""
        behind = linear.in_features - len(norm.weight)
        scale, shift = functional.pad(norm.weight, (0, behind), value=1), functional.pad(norm.bias, (0, behind))
        return cls((linear.weight * scale).T.contiguous(), linear(shift))

    @classmethod
    def side_by_side(cls, maps: "Sequence[Affine]") -> Self:
        """Several maps of the same input in one."""
        return cls(torch.cat([m.weight for m in maps], 1).contiguous(), torch.cat([m.bias for m in maps]))

    def columns(self, places: Tensor) -> "Affine":
        return Affine(self.weight[:, places].contiguous(), self.bias[places])

    def centred(self) -> "Affine":
        """The map whose outputs have lost their mean."""
        return Affine(self.weight - self.weight.mean(1, keepdim=True), self.bias - self.bias.mean())


def _matrix(linear: nn.Linear) -> Tensor:
    return linear.weight.T.contiguous()


def _linears(mlp: nn.Sequential) -> list[nn.Linear]:
    return [part for part in mlp if isinstance(part, nn.Linear)]


@dataclass(frozen=True, eq=False)
class AttentionWeights:
    """`gates` acts from the left, (3H, E) and (3H, 1), on pair states as columns: logits, radial and vector gates.

    `carries` is false where all vectors are still zero.
    """

    carries: bool
    gates: Affine
    scalar_out: Affine
    vector_out: Tensor

    @classmethod
    def of(cls, module: Attention, carries: bool) -> Self:
        gates = Affine.after_norm(module.pair, module.pair_norm)
        return cls(
            carries,
            Affine(gates.weight.T.contiguous(), gates.bias[:, None].contiguous()),
            Affine.of(module.scalar_out),
            _matrix(module.vector_out),
        )


def _projection(module: Attention, carries: bool) -> Affine:
    """Head by head query, key, scalar and radial value; then the factors of carried vectors, where there are vectors.

    The softmax's 1/√(D/H) is in the queries.
    """
    project = Affine.after_norm(module.project, module.norm)
    d = module.widths[0]
    scale = torch.ones_like(project.bias)
    scale[:d] = (d // module.n_heads) ** -0.5
    *sent, carried = torch.split(torch.arange(len(scale), device=scale.device), module.widths)
    places = torch.cat([kind.view(module.n_heads, -1) for kind in sent], 1).flatten()
    scaled = Affine(project.weight * scale, project.bias * scale)
    return scaled.columns(torch.cat([places, carried]) if carries else places)


@dataclass(frozen=True, eq=False)
class MixingWeights:
    pairs: Tensor
    inner: Affine
    outer: Affine
    product: Tensor

    @classmethod
    def of(cls, module: Mixing) -> Self:
        inner, outer = _linears(module.mlp)
        return cls(
            _matrix(module.pairs), Affine.after_norm(inner, module.norm), Affine.of(outer), _matrix(module.product)
        )


@dataclass(frozen=True, eq=False)
class PairUpdateWeights:
    """`scale` (E,) is the pair normalisation's; its shift has gone into `inner`."""

    along: Tensor
    scale: Tensor
    inner: Affine
    outer: Affine

    @classmethod
    def of(cls, module: PairUpdate) -> Self:
        inner, outer = _linears(module.mlp)
        return cls(
            _matrix(module.along),
            module.pair_norm.weight,
            Affine(_matrix(inner), inner(module.pair_norm.bias)),
            Affine.of(outer).centred(),
        )


@dataclass(frozen=True, eq=False)
class LayerWeights:
    """A layer's attention and mixing, preceded by the pair update of the layer before.

    `project` gives what the update takes from both ends (2E), where there is one, and behind it what attention takes.
    """

    project: Affine
    pair_update: PairUpdateWeights | None
    attention: AttentionWeights
    mixing: MixingWeights


@dataclass(frozen=True, eq=False)
class EmbeddingWeights:
    """Where scalars and pair states begin; tables by atomic number."""

    element: Tensor
    scale: ScaleFeatures
    scale_in: Tensor
    pair_element: Tensor
    distance_scale: float
    centres: Tensor
    radial: Affine
    centring: Tensor
    frozen: FrozenMark | None

    @classmethod
    def of(cls, network: EquivariantTransformer) -> Self:
        pair_in = network.pair_in
        basis, identity = pair_in.basis, torch.eye(network.config.n_pair).to(network.scale_in.weight)
        return cls(
            network.element.weight + network.scale_in.bias,
            network.scale,
            _matrix(network.scale_in),
            pair_in.element.weight,
            basis.scale * basis.sharpness,
            basis.centres * basis.sharpness,
            Affine.of(pair_in.radial),
            identity - 1 / network.config.n_pair,
            network.frozen,
        )


@dataclass(frozen=True, eq=False)
class TransformerWeights:
    """All that inference needs of a network whose weights no longer change.

    `last_ends` and `last_update` are the pair update behind the last layer.
    """

    embedding: EmbeddingWeights
    layers: tuple[LayerWeights, ...]
    last_ends: Affine
    last_update: PairUpdateWeights
    norm: nn.LayerNorm
    vector_gate: Affine
    pair_out: Affine

    @classmethod
    @torch.no_grad()
    def of(cls, network: EquivariantTransformer) -> Self:
        updates = cast(list[PairUpdate], list(network.pair_update))
        last, pair_norm, pair_out = updates[-1], cast(nn.LayerNorm, network.pair_out[0]), _linears(network.pair_out)[0]
        gate, vector_out = Affine.of(network.vector_gate), network.vector_out.weight
        return cls(
            EmbeddingWeights.of(network),
            _layers(network, updates),
            _ends(last),
            PairUpdateWeights.of(last),
            network.norm,
            Affine(gate.weight * vector_out, gate.bias * vector_out[0]),
            Affine.after_norm(pair_out, pair_norm),
        )


def _ends(update: PairUpdate) -> Affine:
    return Affine.after_norm(update.ends, update.norm)


def _layers(network: EquivariantTransformer, updates: Sequence[PairUpdate]) -> tuple[LayerWeights, ...]:
    """The first layer has no pair update before it, and no vectors to carry."""
    attention, mixing = cast(list[Attention], network.attention), cast(list[Mixing], network.mixing)
    first = LayerWeights(
        _projection(attention[0], carries=False),
        None,
        AttentionWeights.of(attention[0], carries=False),
        MixingWeights.of(mixing[0]),
    )
    return first, *map(_later_layer, updates, attention[1:], mixing[1:])


def _later_layer(update: PairUpdate, attention: Attention, mixing: Mixing) -> LayerWeights:
    return LayerWeights(
        Affine.side_by_side([_ends(update), _projection(attention, carries=True)]),
        PairUpdateWeights.of(update),
        AttentionWeights.of(attention, carries=True),
        MixingWeights.of(mixing),
    )
