"""A network that is told which atoms are frozen: it heeds that, keeps its symmetries, and inference says the same."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch, Pins
from gpff_core.networks.transformer import EquivariantTransformer
from gpff_core.networks.transformer_inference import TransformerInference, field
from tests.unit.networks.random_transformer import ALL, ETHANOL, FORMAMIDE, SMALL, WATER, random_transformer

EXACT = {"rtol": 0, "atol": 1e-10}
MARKED = replace(SMALL, marks_frozen=True)


@pytest.fixture(scope="module")
def network() -> EquivariantTransformer:
    """With marks as large as what they are added to."""
    network = random_transformer(MARKED).double()
    assert network.frozen is not None
    for mark in network.frozen.parameters():
        mark.copy_(torch.randn(mark.shape, generator=torch.Generator().manual_seed(3)))
    return network


def pinned(batch: AtomBatch, stiffness: float, *atoms: int) -> AtomBatch:
    springs = torch.zeros(batch.n_atoms, 1, dtype=torch.float64)
    springs[list(atoms)] = stiffness
    return AtomBatch(batch.numbers, batch.molecule, Pins(springs, torch.zeros(batch.n_atoms, 3, dtype=torch.float64)))


def frozen(batch: AtomBatch, *atoms: int) -> AtomBatch:
    return pinned(batch, math.inf, *atoms)


def cloud(batch: AtomBatch, seed: int = 0) -> Tensor:
    return 1.5 * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_untrained_marks_change_nothing() -> None:
    """So that a network may begin from one that has none."""
    x = cloud(ALL)
    plain, marked = random_transformer().double(), random_transformer(MARKED).double()
    marked.load_state_dict({**marked.state_dict(), **plain.state_dict()})
    assert torch.equal(marked(x, frozen(ALL, 0, 1)), plain(x, ALL))


def test_frozen_atoms_are_seen_and_atoms_on_springs_as_if_they_were(network: EquivariantTransformer) -> None:
    batch = AtomBatch.from_compositions([FORMAMIDE])
    x = cloud(batch)
    free, one, pair = network(x, batch), network(x, frozen(batch, 1)), network(x, frozen(batch, 0, 1))
    assert (one - free).norm() > 0.1
    assert (pair - one).norm() > 0.1
    assert torch.equal(network(x, pinned(batch, 50.0, 0, 1)), pair)


def test_a_pair_of_frozen_atoms_is_more_than_both(network: EquivariantTransformer) -> None:
    """What is marked on the pair says that their distance is exact."""
    batch = frozen(AtomBatch.from_compositions([FORMAMIDE]), 0, 1)
    x = cloud(batch)
    before = network(x, batch)
    assert network.frozen is not None
    pair = network.frozen.pair.clone()
    network.frozen.pair.zero_()
    without = network(x, batch)
    network.frozen.pair.copy_(pair)
    assert (before - without).norm() > 0.1


def test_a_molecule_without_frozen_atoms_does_not_notice_those_of_others(network: EquivariantTransformer) -> None:
    x = cloud(ALL)
    some = ALL.split(network(x, frozen(ALL, 0, 1)))
    for with_frozen, without in list(zip(some, ALL.split(network(x, ALL)), strict=True))[1:]:
        torch.testing.assert_close(with_frozen, without, **EXACT)


@pytest.mark.parametrize("parity", [1, -1])
def test_symmetries_stay(network: EquivariantTransformer, parity: int) -> None:
    batch = AtomBatch.from_compositions([ETHANOL])
    x, kept = cloud(batch), (0, 2, 5)
    turn = torch.linalg.qr(cloud(AtomBatch.from_compositions([WATER]), seed=5)).Q
    turn = parity * turn * torch.linalg.det(turn).sign()
    force = network(x, frozen(batch, *kept))
    torch.testing.assert_close(network(x @ turn.T + 3, frozen(batch, *kept)), force @ turn.T, **EXACT)
    order = [1, 2, 0, *range(3, 9)]  # carbons among themselves would do; the network knows no order at all
    moved = AtomBatch(batch.numbers[order], batch.molecule)
    renamed = frozen(moved, *(order.index(atom) for atom in kept))
    torch.testing.assert_close(network(x[order], renamed), force[order], **EXACT)


@pytest.mark.parametrize("pairs", [1, 80, 10_000])
def test_inference_gives_the_same(network: EquivariantTransformer, pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Molecules of several sizes, some with frozen atoms, also when they are worked off in parts."""
    monkeypatch.setattr(field, "PAIRS_AT_ONCE", pairs)
    batch = frozen(AtomBatch.from_compositions([WATER, ETHANOL, FORMAMIDE, ETHANOL]), 0, 3, 4, 13)
    inference = TransformerInference(network)
    for seed in (0, 1):
        x = cloud(batch, seed)
        torch.testing.assert_close(inference(x, batch), network(x, batch), rtol=0, atol=1e-11)
        for ours, theirs in zip(inference.early_and_final(x, batch), network.early_and_final(x, batch), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-11)
