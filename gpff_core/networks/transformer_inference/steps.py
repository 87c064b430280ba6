"""The network's parts: `EquivariantTransformer` step by step, with fused weights and in memory of their own.

Heads come first, so that attention is a batch of plain matrix products. The components of a direction stand between its
two atoms, (m, n, 3, n), so that one product serves all three.
"""

import torch
from torch import Tensor
from torch.nn import functional

from gpff_core.networks.preconditioning import skip_factor
from gpff_core.networks.transformer import LARGEST_EXPONENT
from gpff_core.networks.transformer_inference.constants import AtomConstants, unordered_pairs
from gpff_core.networks.transformer_inference.layout import Room, State
from gpff_core.networks.transformer_inference.weights import (
    Affine,
    AttentionWeights,
    EmbeddingWeights,
    MixingWeights,
    PairUpdateWeights,
    TransformerWeights,
)


def _apply(affine: Affine, x: Tensor, out: Tensor) -> Tensor:
    return torch.addmm(affine.bias, x, affine.weight, out=out)


class Geometry:
    """Centred positions `x` (m, n, 3), directions r/(d + 1) (m, n, 3, n) and distances (m, n, n) in Å."""

    def __init__(self, room: Room) -> None:
        m, n = room.m, room.n
        self.x, self.direction, self.distance = room.new(m, n, 3), room.new(m, n, 3, n), room.new(m, n, n)
        self._centre, self._radius = room.new(m, 1, 3), room.new(m, 1)
        self._flat, self._there, self._here = self.x.view(m, -1), self.x.mT[:, None], self.x[..., None]
        self._squares, self._reach = torch.empty_like(self.direction), room.new(m, n, 1, n)
        self._floor, self._one = room.constant(1e-8), room.constant(1)

    def __call__(self, positions: Tensor, atoms: AtomConstants) -> Tensor:
        """g² (m, 1, 1) of positions (m, n, 3) in any frame."""
        torch.sub(positions, torch.bmm(atoms.share, positions, out=self._centre), out=self.x)
        if atoms.mask is not None:
            self.x.mul_(atoms.mask.mT)
        torch.sub(self._there, self._here, out=self.direction)
        torch.mul(self.direction, self.direction, out=self._squares)
        torch.sum(self._squares, 2, out=self.distance).add_(self._floor).sqrt_()
        torch.add(self.distance[:, :, None], self._one, out=self._reach)
        self.direction.div_(self._reach)
        if atoms.mask is not None:  # so that nothing is read out along the way to padding
            self.direction.mul_(atoms.mask[:, None])
        torch.linalg.vector_norm(self._flat, dim=1, keepdim=True, out=self._radius)
        return self._radius.square()[:, :, None] / (3 * atoms.n_atoms)


class Embedding:
    """Initial scalars and pair states; the latter are symmetric, so each unordered pair is computed once."""

    def __init__(self, room: Room, state: State, distance: Tensor) -> None:
        i, j, place = unordered_pairs(room.n, distance.device)
        molecule = torch.arange(room.m, device=place.device)[:, None]
        self._upper = (molecule * room.n**2 + room.n * i + j).flatten()
        self._place = (molecule * len(i) + place).flatten()
        self._distance, self._e, n_pairs = distance.view(-1), state.e, len(self._upper)
        self._h = state.h.view(room.m, room.n, -1)
        self._position, self._basis = room.new(n_pairs), room.new(n_pairs, room.config.n_radial)
        self._column = self._position[:, None]
        self._pair, self._centred = room.new(n_pairs, room.config.n_pair), room.new(n_pairs, room.config.n_pair)

    def __call__(self, weights: EmbeddingWeights, atoms: AtomConstants, g2: Tensor) -> None:
        torch.add(atoms.scalars, weights.scale(g2, atoms.n_atoms) @ weights.scale_in, out=self._h)
        torch.index_select(self._distance, 0, self._upper, out=self._position)
        self._position.mul_(2).log1p_().mul_(weights.distance_scale)
        torch.sub(self._column, weights.centres, out=self._basis)
        self._basis.square_().clamp_(max=LARGEST_EXPONENT).neg_().exp_()
        _apply(weights.radial, self._basis, out=self._pair)
        torch.addcmul(atoms.pair_shift, self._pair, atoms.pair_scale, out=self._pair)
        torch.mm(self._pair, weights.centring, out=self._centred)
        torch.index_select(self._centred, 0, self._place, out=self._e)


class _Messages:
    """What attention brings, by head (H m, r, w), and the same with all heads in one row (m r, H w)."""

    def __init__(self, room: Room, r: int, width: int) -> None:
        heads = room.config.n_heads
        self.by_head, self._rows = room.new(heads * room.m, r, width // heads), room.new(room.m * r, width)
        self._from = self.by_head.view(heads, room.m * r, -1).transpose(0, 1)
        self._to = self._rows.view(room.m * r, heads, -1)

    def in_rows(self) -> Tensor:
        self._to.copy_(self._from)
        return self._rows


class AttentionStep:
    """One attention pattern that sends scalars, directions and vectors."""

    def __init__(self, room: Room, state: State, direction: Tensor, projected: Tensor) -> None:
        m, n, heads = room.m, room.n, room.config.n_heads
        d, v = room.config.n_features, room.config.n_vectors
        self._state, self._direction, self._pair_columns = state, direction, state.e_normed.T
        sent, factors = torch.split(projected.view(m, n, -1), [3 * d + v, v], -1)
        self._projected = sent.view(m, n, heads, -1).permute(2, 0, 1, 3)
        self._by_head = self._projected if m == 1 else room.new(*self._projected.shape)
        widths = [width // heads for width in (d, d, d, v)]
        self._query, key, self._scalar, self._radial = torch.split(self._by_head.flatten(0, 1), widths, -1)
        self._key = key.mT
        self._factors = factors.view(m, n, 1, heads, -1).permute(3, 0, 1, 2, 4)
        self._vectors = state.v_normed.view(m, n, 3, heads, -1).permute(3, 0, 1, 2, 4)
        self._carried = room.new(*self._vectors.shape)
        self._carried_rows = self._carried.view(heads * m, n, -1)

        self._gates = room.new(3 * heads, m * n * n)
        self._logits, self._radial_gate, self._vector_gate = gates = self._gates.view(3, heads * m, n, n)
        self._both_gates, self._attention = gates[1:], torch.empty_like(self._logits)
        self._logits_by_molecule = self._logits.view(heads, m, n, n)
        self._radial_gate_by_molecule = self._radial_gate.view(heads, m, n, 1, n)
        self._directed = room.new(heads, m, n, 3, n)
        self._directed_rows = self._directed.view(heads * m, 3 * n, n)
        self._scalar_message, self._vector_message = _Messages(room, n, d), _Messages(room, 3 * n, v)
        self._vector_message_by_atom = self._vector_message.by_head.view(heads * m, n, -1)

    def __call__(self, weights: AttentionWeights, atoms: AtomConstants) -> None:
        if self._by_head is not self._projected:
            self._by_head.copy_(self._projected)
        self._attend(weights, atoms.key_bias)
        torch.bmm(self._attention, self._scalar, out=self._scalar_message.by_head)
        torch.mul(self._radial_gate_by_molecule, self._direction, out=self._directed)
        torch.bmm(self._directed_rows, self._radial, out=self._vector_message.by_head)
        if weights.carries:
            torch.mul(self._vectors, self._factors, out=self._carried)
            self._vector_message_by_atom.baddbmm_(self._vector_gate, self._carried_rows)
            self._state.v.addmm_(self._vector_message.in_rows(), weights.vector_out)
        else:
            torch.mm(self._vector_message.in_rows(), weights.vector_out, out=self._state.v)
        scalar_out = weights.scalar_out
        self._state.h.addmm_(self._scalar_message.in_rows(), scalar_out.weight).add_(scalar_out.bias)

    def _attend(self, weights: AttentionWeights, key_bias: Tensor | None) -> None:
        """The attention pattern, and the two gated ones."""
        torch.addmm(weights.gates.bias, weights.gates.weight, self._pair_columns, out=self._gates)
        if key_bias is not None:
            self._logits_by_molecule.add_(key_bias)
        torch.softmax(self._logits.baddbmm_(self._query, self._key), -1, out=self._attention)
        self._both_gates.mul_(self._attention)


class MixingStep:
    """Scalars see lengths and products of vectors, vectors are mixed and scaled by scalars."""

    def __init__(self, room: Room, state: State) -> None:
        rows, d, v = room.rows, room.config.n_features, room.config.n_vectors
        self._state, self._floor = state, room.constant(1e-6)
        self._pairs = room.new(3 * rows, 2 * v)
        self._left_right = self._pairs.view(rows, 3, 2, v)
        self._left, self._right = self._left_right[:, :, :1], self._left_right[:, :, 1]
        self._products, self._sums = torch.empty_like(self._left_right), room.new(rows, 2, v)
        self._square, self._product = self._sums.unbind(1)
        self._joint, self._hidden = room.new(rows, d + v), room.new(rows, 2 * d)
        self._scalar, self._length = torch.split(self._joint, [d, v], 1)
        self._change, self._gated = room.new(rows, d + 2 * v), room.new(rows, v)
        self._scalar_change, scale, self._gate = torch.split(self._change, [d, v, v], 1)
        self._scale, self._v = scale[:, None], state.v.view(rows, 3, v)

    def __call__(self, weights: MixingWeights) -> None:
        self._state.norm_vectors()
        torch.mm(self._state.v_normed, weights.pairs, out=self._pairs)
        torch.mul(self._left_right, self._left, out=self._products)
        torch.sum(self._products, 1, out=self._sums)
        torch.add(self._square, self._floor, out=self._length).sqrt_()
        self._scalar.copy_(self._state.normed_scalars())
        functional.silu(_apply(weights.inner, self._joint, out=self._hidden), inplace=True)
        _apply(weights.outer, self._hidden, out=self._change)
        torch.mul(self._gate, self._product, out=self._gated)
        self._state.h.add_(self._scalar_change).addmm_(self._gated, weights.product)
        self._v.addcmul_(self._scale, self._right)
        self._state.norm_vectors()


class PairUpdateStep:
    """New pair states from both atoms' scalars and from their vectors' components along the connecting line."""

    def __init__(self, room: Room, state: State, direction: Tensor, ends: Tensor) -> None:
        m, n, p = room.m, room.n, room.config.n_pair
        self._state = state
        self._left, self._right = ends.view(m, n, 1, 2 * p)[..., :p], ends.view(m, 1, n, 2 * p)[..., p:]
        self._toward, self._along = direction.view(m * n, 3, n).mT, room.new(3 * m * n, 2 * p)
        self._along_by_atom, self._lines = self._along.view(m * n, 3, 2 * p), room.new(m * n, n, 2 * p)
        here, there = torch.split(self._lines.view(m, n, n, 2 * p), p, -1)
        self._here, self._there = here, there.transpose(1, 2)  # the line back has the opposite direction
        self._input, self._hidden = room.new(m * n * n, p), room.new(m * n * n, 2 * p)
        self._input_by_pair = self._input.view(m, n, n, p)

    def __call__(self, weights: PairUpdateWeights) -> None:
        torch.mm(self._state.v_normed, weights.along, out=self._along)
        torch.bmm(self._toward, self._along_by_atom, out=self._lines)
        torch.addcmul(self._here, self._left, self._right, out=self._input_by_pair).add_(self._there)
        self._input.addcmul_(self._state.e_normed, weights.scale)
        functional.silu(_apply(weights.inner, self._input, out=self._hidden), inplace=True)
        self._state.e.addmm_(self._hidden, weights.outer.weight).add_(weights.outer.bias)
        self._state.norm_pairs()


class ReadOut:
    """X̂₀ (m, n, 3), centred, from the last state."""

    def __init__(self, room: Room, state: State, geometry: Geometry) -> None:
        rows, n = room.rows, room.n
        self._state, self._x, self._data_scale = state, geometry.x, room.config.data_scale
        self._gate, self._out = room.new(rows, room.config.n_vectors), room.new(rows, 3, 1)
        self._gate_column, self._v = self._gate[..., None], state.v.view(rows, 3, -1)
        self._central, self._direction = room.new(rows * n, 1), geometry.direction.view(rows, 3, n)
        self._central_by_atom, self._out_by_molecule = self._central.view(rows, n, 1), self._out.view(room.m, n, 3)

    def __call__(self, weights: TransformerWeights, atoms: AtomConstants, g2: Tensor) -> Tensor:
        scalars = torch.layer_norm(self._state.h, (self._state.h.shape[1],), weights.norm.weight, weights.norm.bias)
        _apply(weights.vector_gate, functional.silu(scalars, inplace=True), out=self._gate)
        torch.bmm(self._v, self._gate_column, out=self._out)
        _apply(weights.pair_out, self._state.e_normed, out=self._central)
        self._out.baddbmm_(self._direction, self._central_by_atom)
        x0_hat = torch.addcmul(self._out_by_molecule, skip_factor(g2, self._data_scale), self._x)
        return x0_hat.sub_(torch.bmm(atoms.share, x0_hat))
