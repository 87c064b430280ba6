"""Inference gives what the network gives: in float64 almost to the last digit, from any thread, in parts, and leaves
nothing behind.
"""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.transformer import EquivariantTransformer
from gpff_core.networks.transformer_inference import TransformerInference, field
from tests.unit.networks.random_transformer import ALL, ETHANOL, FORMAMIDE, LONE_ATOM, MIXED, WATER, random_transformer

EXACT = {"rtol": 0, "atol": 1e-11}
BATCHES = {
    "several sizes": MIXED,
    "one molecule": [FORMAMIDE],
    "equal molecules": [ETHANOL] * 5,
    "a lone atom": [LONE_ATOM],
    "lone atoms": [LONE_ATOM] * 3,
}


def network_with_norms_that_count() -> EquivariantTransformer:
    """Fresh normalisations have scale 1 and shift 0, and fresh biases are small: nothing would notice their loss."""
    network = random_transformer().double()
    generator = torch.Generator().manual_seed(1)
    for parameter in network.parameters():
        if parameter.dim() == 1:
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype))
    return network


@pytest.fixture(scope="module")
def network() -> EquivariantTransformer:
    return network_with_norms_that_count()


@pytest.fixture
def inference(network: EquivariantTransformer) -> TransformerInference:
    return TransformerInference(network)


def cloud(batch: AtomBatch, size: float = 1.5, seed: int = 0) -> Tensor:
    return size * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 4


@pytest.mark.parametrize("size", [0.3, 1.5, 10.0, 100.0])
@pytest.mark.parametrize("compositions", BATCHES.values(), ids=BATCHES)
def test_forces_are_the_networks(
    network: EquivariantTransformer, inference: TransformerInference, compositions: list[Composition], size: float
) -> None:
    batch = AtomBatch.from_compositions(compositions)
    for seed in (0, 1):  # the second call uses what the first one prepared
        x = cloud(batch, size, seed)
        torch.testing.assert_close(inference(x, batch), network(x, batch), **EXACT)


@pytest.mark.parametrize("pairs", [1, 80, 170])
def test_a_batch_worked_off_in_parts_gives_the_same(
    network: EquivariantTransformer, inference: TransformerInference, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One by one, and two at a time with one left over; each part's memory is used again by the next."""
    monkeypatch.setattr(field, "PAIRS_AT_ONCE", pairs)
    batch = AtomBatch.from_compositions([WATER, ETHANOL, LONE_ATOM, ETHANOL, FORMAMIDE])
    x = cloud(batch)
    torch.testing.assert_close(inference(x, batch), network(x, batch), **EXACT)


def test_coinciding_atoms_have_finite_forces() -> None:
    network = random_transformer()
    batch, x = AtomBatch.from_compositions([WATER]), torch.tensor([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]])
    torch.testing.assert_close(TransformerInference(network)(x, batch), network(x, batch), rtol=0, atol=1e-5)


def test_forces_of_an_earlier_call_stay_as_they_were(inference: TransformerInference) -> None:
    """They are no window on memory that the next call writes to."""
    batch = AtomBatch.from_compositions([FORMAMIDE])
    first = inference(cloud(batch), batch)
    before = first.clone()
    inference(cloud(batch, seed=1), batch)
    assert torch.equal(first, before)


def test_positions_and_atoms_are_only_read(inference: TransformerInference) -> None:
    x, before = cloud(ALL), cloud(ALL)
    inference(x, ALL)
    assert torch.equal(x, before)


@pytest.mark.parametrize("modes", [(torch.inference_mode, torch.no_grad), (torch.no_grad, torch.inference_mode)])
def test_what_was_prepared_in_one_mode_serves_in_the_other(network: EquivariantTransformer, modes: tuple) -> None:  # type: ignore[type-arg]
    x, batch = cloud(ALL), AtomBatch.from_compositions(MIXED)
    forces = []
    with modes[0]():
        inference = TransformerInference(network)
        forces.append(inference(x, batch))
    with modes[1]():
        forces.append(inference(x, batch))
    assert torch.equal(*forces)


def test_threads_that_share_a_batch_do_not_disturb_each_other(inference: TransformerInference) -> None:
    batch = AtomBatch.from_compositions([ETHANOL] * 20)
    clouds = [cloud(batch, seed=seed) for seed in range(40)]
    alone = [inference(x, batch) for x in clouds]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda x: inference(x, batch), clouds))
    assert all(map(torch.equal, alone, together))


def plans() -> int:
    return sum(type(thing) is field._Plan for thing in gc.get_objects())


def test_a_batch_and_what_was_prepared_for_it_go_together(inference: TransformerInference) -> None:
    gc.collect()
    before = plans()
    batch = AtomBatch.from_compositions([FORMAMIDE])
    inference(cloud(batch), batch)
    assert plans() == before + 1
    gone = weakref.ref(batch)
    del batch
    gc.collect()
    assert gone() is None
    assert plans() == before


def test_batches_that_are_kept_keep_no_memory(inference: TransformerInference) -> None:
    """A gallery of finished runs holds its batches; only the last one is still prepared for."""
    gc.collect()
    before = plans()
    batches = [AtomBatch.from_compositions([WATER]) for _ in range(5)]
    for batch in batches:
        inference(cloud(batch), batch)
    gc.collect()
    assert plans() == before + 1
