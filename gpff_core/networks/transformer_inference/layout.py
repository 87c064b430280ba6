"""Memory laid out before a run, and the state of the network in it.

On the way through the network hardly anything is allocated and no view is made: for a single molecule that bookkeeping
would cost as much as the arithmetic.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from gpff_core.networks.transformer import TransformerConfig


@dataclass(frozen=True, eq=False)
class Room:
    """For how many molecules of how many atoms there is memory; tensors are made like `like`."""

    m: int
    n: int
    config: TransformerConfig
    like: Tensor

    @property
    def rows(self) -> int:
        return self.m * self.n

    def new(self, *shape: int) -> Tensor:
        return self.like.new_empty(shape)

    def constant(self, value: float) -> Tensor:
        """As a tensor, because torch makes one of a Python number at every use."""
        return self.like.new_tensor(value)


class State:
    """Scalars h (R, D), vectors v (3R, V) and pair states e (Q, E), and what their normalisations make of them.

    An atom's three vector components are rows one after another.
    """

    def __init__(self, room: Room) -> None:
        config, n_pairs = room.config, room.rows * room.n
        self.h, self.v = room.new(room.rows, config.n_features), room.new(3 * room.rows, config.n_vectors)
        self.e = room.new(n_pairs, config.n_pair)
        self.v_normed, self.e_normed = torch.empty_like(self.v), torch.empty_like(self.e)
        self._norm_v = _Normalisation(room, self.v.view(room.rows, -1), self.v_normed, config.n_vectors, 1e-2)
        self._norm_e = _Normalisation(room, self.e, self.e_normed, config.n_pair, 1e-5)

    def normed_scalars(self) -> Tensor:
        return torch.layer_norm(self.h, (self.h.shape[1],))

    def norm_vectors(self) -> None:
        self._norm_v()

    def norm_pairs(self) -> None:
        """The layer normalisation, as the channels' mean is zero already."""
        self._norm_e()


class _Normalisation:
    """x / √(‖x‖²/count + floor), row by row."""

    def __init__(self, room: Room, x: Tensor, out: Tensor, count: int, floor: float) -> None:
        self._x, self._out, self._share = x, out.view_as(x), 1 / count
        self._floor, self._factor = room.constant(floor), room.new(len(x), 1)

    def __call__(self) -> None:
        norm = torch.linalg.vector_norm(self._x, dim=1, keepdim=True, out=self._factor)
        torch.addcmul(self._floor, norm, norm, value=self._share, out=self._factor).rsqrt_()
        torch.mul(self._x, self._factor, out=self._out)
