"""A trained transformer as a field for inference, callable from any number of threads.

Everything that depends only on who the atoms are, the memory of all steps included, is prepared once for each atom
batch and thread, and forgotten with either, or when the thread turns to another batch. Large batches are worked off in
parts, which bounds that memory.
"""

import math
import threading
from typing import Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch
from gpff_core.networks.transformer import EquivariantTransformer, TransformerConfig
from gpff_core.networks.transformer_inference.constants import AtomConstants
from gpff_core.networks.transformer_inference.layout import Room, State
from gpff_core.networks.transformer_inference.steps import (
    AttentionStep,
    Embedding,
    Geometry,
    MixingStep,
    PairUpdateStep,
    ReadOut,
)
from gpff_core.networks.transformer_inference.weights import Affine, TransformerWeights

PAIRS_AT_ONCE: Final = 16384
"""Ordered pairs of atoms in one part, unless a single molecule has more; each takes about 2.5 kB."""


class TransformerInference:
    """F (A, 3) in Å of positions (A, 3): what the network it is made of returns, to rounding.

    Made of weights that no longer change, on the device and in the precision they have.
    """

    def __init__(self, network: EquivariantTransformer) -> None:
        self._config, self._weights = network.config, TransformerWeights.of(network)
        self._plans = _Plans()

    def __call__(self, positions: Tensor, batch: AtomBatch) -> Tensor:
        return self._forces(positions, batch, early=False)[-1]

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """F (A, 3) read out before the last layer, and as it is, at the cost of one call."""
        early, final = self._forces(positions, batch, early=True)
        return early, final

    @torch.no_grad()
    def _forces(self, positions: Tensor, batch: AtomBatch, *, early: bool) -> list[Tensor]:
        plan = self._plans.last.get(batch)
        if plan is None:
            self._plans.last.clear()
            with torch.inference_mode(mode=False):  # or its memory could not be written to outside of that mode
                plan = self._plans.last[batch] = _Plan(self._config, self._weights, batch)
        return plan(positions, early=early)


class _Plans(threading.local):
    """Each thread's own, since the memory in a plan serves one call at a time.

    Only the plan of the last batch is kept: a run stays with its batch, and people keep batches long after their runs.
    """

    def __init__(self) -> None:
        self.last: WeakKeyDictionary[AtomBatch, _Plan] = WeakKeyDictionary()


class _Plan:
    """Calls on one atom batch; must not hold the batch itself."""

    def __init__(self, config: TransformerConfig, weights: TransformerWeights, batch: AtomBatch) -> None:
        self._weights, self._layout = weights, _Layout(batch)
        n_parts = math.ceil(batch.n_molecules * batch.longest**2 / PAIRS_AT_ONCE)
        parts = torch.chunk(batch.padded_numbers, n_parts)
        frozen = torch.chunk(batch.padded_held.to(weights.pair_out.weight), n_parts)
        self._molecules = [len(numbers) for numbers in parts]
        spaces = {m: _Workspace(Room(m, batch.longest, config, weights.pair_out.weight)) for m in set(self._molecules)}
        self._parts = [
            (spaces[len(part)], AtomConstants.of(part, fixed, weights.embedding))
            for part, fixed in zip(parts, frozen, strict=True)
        ]

    def __call__(self, positions: Tensor, *, early: bool) -> list[Tensor]:
        padded = torch.split(self._layout.padded(positions), self._molecules)
        parts = [
            space(self._weights, atoms, x, early=early) for (space, atoms), x in zip(self._parts, padded, strict=True)
        ]
        return [
            self._layout.flat(forces[0] if len(forces) == 1 else torch.cat(forces))
            for forces in zip(*parts, strict=True)
        ]


class _Layout:
    """From atoms one after another (A, 3) to padded molecules (M, longest, 3) and back."""

    def __init__(self, batch: AtomBatch) -> None:
        self._shape, self._slot = (batch.n_molecules, batch.longest, 3), batch.slot
        self._ragged = min(batch.sizes) < batch.longest
        self._atom = torch.zeros(batch.n_molecules * batch.longest, dtype=torch.long, device=self._slot.device)
        self._atom[self._slot] = torch.arange(batch.n_atoms, device=self._slot.device)

    def padded(self, x: Tensor) -> Tensor:
        """Padding holds copies of the first atom."""
        return (x.index_select(0, self._atom) if self._ragged else x).reshape(self._shape)

    def flat(self, padded: Tensor) -> Tensor:
        x = padded.view(-1, 3)
        return x.index_select(0, self._slot) if self._ragged else x


class _Workspace:
    """Memory for m molecules of n atoms, and the way through the network in it."""

    def __init__(self, room: Room) -> None:
        config = room.config
        self._state, self._geometry = State(room), Geometry(room)
        ends, attended = 2 * config.n_pair, 3 * config.n_features + 2 * config.n_vectors
        projected = room.new(room.rows, ends + attended)
        self._projected, self._ends = projected, projected[:, :ends]
        self._first_projected = projected[:, ends : -config.n_vectors]
        direction = self._geometry.direction
        self._embed = Embedding(room, self._state, self._geometry.distance)
        self._update_pairs = PairUpdateStep(room, self._state, direction, self._ends)
        self._attend = AttentionStep(room, self._state, direction, projected[:, ends:])
        self._mix = MixingStep(room, self._state)
        self._read_out = ReadOut(room, self._state, self._geometry)

    def __call__(
        self, weights: TransformerWeights, atoms: AtomConstants, positions: Tensor, *, early: bool
    ) -> list[Tensor]:
        """F (m, n, 3) of positions (m, n, 3); with `early`, before it what would be read out without the last layer."""
        g2 = self._geometry(positions, atoms)
        self._embed(weights.embedding, atoms, g2)
        self._state.norm_pairs()
        forces = []
        for layer in weights.layers:
            self._project(layer.project, out=self._first_projected if layer.pair_update is None else self._projected)
            if layer.pair_update is not None:
                self._update_pairs(layer.pair_update)
            if early and layer is weights.layers[-1]:
                if layer.pair_update is None:
                    self._state.v.zero_()  # nothing has been written there yet
                forces.append(self._force(weights, atoms, g2))
            self._attend(layer.attention, atoms)
            self._mix(layer.mixing)
        self._project(weights.last_ends, out=self._ends)
        self._update_pairs(weights.last_update)
        return [*forces, self._force(weights, atoms, g2)]

    def _force(self, weights: TransformerWeights, atoms: AtomConstants, g2: Tensor) -> Tensor:
        return self._read_out(weights, atoms, g2).sub_(self._geometry.x).mul_(2)

    def _project(self, affine: Affine, out: Tensor) -> None:
        torch.addmm(affine.bias, self._state.normed_scalars(), affine.weight, out=out)
