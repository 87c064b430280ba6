"""A small transformer with random weights, whose output is of molecular size, and molecules of mixed sizes for it."""

import torch

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.transformer import EquivariantTransformer, TransformerConfig

SMALL = TransformerConfig(n_features=24, n_vectors=12, n_heads=3, n_layers=2, n_pair=8, n_radial=32)

METHANE = Composition((6, 1, 1, 1, 1))
LONE_ATOM = Composition((2,))
FORMAMIDE = Composition((8, 6, 7, 1, 1, 1))
WATER = Composition((8, 1, 1))
ETHANOL = Composition((6, 6, 8, 1, 1, 1, 1, 1, 1))
MIXED = [METHANE, LONE_ATOM, FORMAMIDE, WATER]
ALL = AtomBatch.from_compositions(MIXED)


def random_transformer(config: TransformerConfig = SMALL, gain: float = 2.0) -> EquivariantTransformer:
    """Matrices `gain` times their usual size, so that no part of the network is drowned by the skip connection."""
    torch.manual_seed(0)
    network = EquivariantTransformer(config).requires_grad_(requires_grad=False)
    for parameter in network.parameters():
        if parameter.dim() > 1:
            parameter.mul_(gain)
    return network
