"""Structures in memory, and the order they are trained in."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.errors import GpffError
from gpff_core.learning.dataset import BatchOrder, MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.molecules import Composition
from tests.unit.small_data import dataset, structure

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"


def chains(counts: list[int]) -> MoleculeDataset:
    return MoleculeDataset.from_structures(
        (Composition((1,) * n), np.random.default_rng(n).normal(size=(n, 3))) for n in counts
    )


def test_qm9_begins_with_methane() -> None:
    """gdb_9's first molecule, its C-H bonds 1.092 Å (B3LYP/6-31G(2df,p))."""
    data = MoleculeDataset.from_npz(QM9)
    batch = data.padded(torch.tensor([0]))
    assert data.composition(0).formula == "CH4"
    assert data.elements == (1, 6, 7, 8)
    carbon = batch.numbers[0] == 6
    bonds = (batch.positions[0, ~carbon] - batch.positions[0, carbon]).norm(dim=1)
    assert bonds.numpy() == pytest.approx(np.full(4, 1.092), abs=0.002)


def test_padding_is_empty_and_structures_are_centred() -> None:
    data = MoleculeDataset.from_npz(QM9)
    places = data.indices_of(Split.TEST)[:200]
    batch = data.padded(places)
    assert (batch.mask.sum((1, 2)) == data.counts[places]).all()
    assert batch.positions[batch.mask.expand_as(batch.positions) == 0].abs().max() == 0
    assert ((batch.numbers > 0) == (batch.mask[..., 0] > 0)).all()
    assert batch.positions.sum(1).abs().max() < 1e-4


def test_structures_keep_distances_through_memory() -> None:
    data = dataset(copies=1)
    for place, formula in enumerate(("H2O", "CH4", "CH2O")):
        composition, positions = structure(formula)
        batch = data.padded(torch.tensor([place]), n_atoms=7)
        assert data.composition(place) == composition
        found = torch.cdist(batch.positions[0, : len(composition)], batch.positions[0, : len(composition)])
        expected = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
        assert found.numpy() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_damaged_archive_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(GpffError, match="could not be read as a packed data set"):
        MoleculeDataset.from_npz(path)


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", energies=np.zeros(3))
    with pytest.raises(GpffError, match="needs the arrays numbers"):
        MoleculeDataset.from_npz(tmp_path / "data.npz")


sizes = st.lists(st.integers(1, 12), min_size=1, max_size=60)


@given(sizes, st.integers(1, 9), st.integers(0, 3), st.integers(1, 3))
def test_every_epoch_visits_every_structure_in_full_batches(
    counts: list[int], batch_size: int, epoch: int, n_together: int
) -> None:
    data = chains(counts)
    chosen = torch.arange(len(data))
    order = BatchOrder(data, chosen, batch_size, 5, n_together)
    first = epoch * order.batches_per_epoch
    visited = torch.zeros(len(data), dtype=torch.long)
    for k in range(first, first + order.batches_per_epoch):
        indices, width = order[k]
        assert len(indices) == batch_size
        assert int(data.counts[indices].max()) <= width
        visited += torch.bincount(indices, minlength=len(data))
    assert visited.min() >= 1
    assert visited.sum() == order.batches_per_epoch * batch_size


def test_batches_are_a_pure_function_of_seed_and_number() -> None:
    """Asked in any order, and by a run that was killed and began anew."""
    data, chosen = chains([3, 4, 5, 9] * 25), torch.arange(100)
    forwards = BatchOrder(data, chosen, 8, seed=1)
    there = [forwards[k] for k in range(40)]
    backwards = BatchOrder(data, chosen, 8, seed=1)
    for k in reversed(range(40)):
        indices, width = backwards[k]
        assert torch.equal(indices, there[k][0])
        assert width == there[k][1]
    other = BatchOrder(data, chosen, 8, seed=2)
    assert any(not torch.equal(other[k][0], there[k][0]) for k in range(5))


def test_epochs_differ_and_only_chosen_structures_are_visited() -> None:
    data, chosen = chains([3, 4, 5, 9] * 25), torch.arange(0, 100, 2)
    order = BatchOrder(data, chosen, 8, seed=1)
    epochs = [[order[e * order.batches_per_epoch + k][0] for k in range(order.batches_per_epoch)] for e in (0, 1)]
    assert not all(torch.equal(a, b) for a, b in zip(*epochs, strict=True))
    assert set(torch.cat(epochs[0]).tolist()) == set(chosen.tolist())


def test_devices_that_work_together_have_batches_of_one_size_and_different_structures() -> None:
    data = chains([3, 4, 5, 9] * 25)
    order = BatchOrder(data, torch.arange(100), 4, 1, 3)
    assert order.batches_per_epoch % 3 == 0
    for first in range(0, 2 * order.batches_per_epoch, 3):
        together = [order[first + device] for device in range(3)]
        assert len({width for _, width in together}) == 1
        assert len(set(torch.cat([indices for indices, _ in together]).tolist())) == 12


def test_little_of_a_batch_is_padding() -> None:
    """What grouping by size is for: on QM9 a batch of all sizes would be a third empty."""
    data = MoleculeDataset.from_npz(QM9)
    order = BatchOrder(data, data.indices_of(Split.TRAINING), 128, seed=0)
    batches = [order[k] for k in range(100)]
    filled = sum(int(data.counts[indices].sum()) for indices, _ in batches)
    assert filled / sum(len(indices) * width for indices, width in batches) > 0.88


def test_what_is_spread_over_a_split_has_its_sizes_and_nothing_else() -> None:
    """QM9 is sorted by size: its first validation structures have no molecule of nine heavy atoms."""
    data = MoleculeDataset.from_npz(QM9)
    places = data.spread_over(Split.VALIDATION, 200)
    whole = data.indices_of(Split.VALIDATION)
    assert len(set(places.tolist())) == 200
    assert set(places.tolist()) <= set(whole.tolist())
    some, all_ = (float(data.counts[chosen].float().mean()) for chosen in (places, whole))
    assert some == pytest.approx(all_, rel=0.01)
    assert torch.equal(data.spread_over(Split.VALIDATION, 10**6), whole)
