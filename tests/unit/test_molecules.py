"""Compositions, and ragged batches against the same sums done molecule by molecule."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition

compositions = st.lists(st.lists(st.integers(1, 94), min_size=1, max_size=9).map(tuple), min_size=1, max_size=6).map(
    lambda molecules: [Composition(numbers) for numbers in molecules]
)


def values_for(batch: AtomBatch, seed: int = 0) -> Tensor:
    return torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(
    ("numbers", "formula"),
    [
        ((8, 6, 1, 1, 6, 1, 1, 1, 1), "C2H6O"),
        ((1, 8, 1), "H2O"),
        ((7, 1, 1, 1), "H3N"),
        ((6, 8, 8), "CO2"),
        ((17, 1), "ClH"),
        ((6, 17, 9, 35), "CBrClF"),
        ((2,), "He"),
    ],
)
def test_formulas_are_in_hills_notation(numbers: tuple[int, ...], formula: str) -> None:
    assert Composition(numbers).formula == formula


@pytest.mark.parametrize("numbers", [(), (6, 0), (-1,), (95,)])
def test_compositions_without_atoms_or_with_unknown_elements_are_refused(numbers: tuple[int, ...]) -> None:
    with pytest.raises(GpffError):
        Composition(numbers)


@given(molecules=compositions)
def test_a_batch_holds_its_molecules_one_after_another(molecules: list[Composition]) -> None:
    batch = AtomBatch.from_compositions(molecules)
    assert batch.sizes == [len(molecule) for molecule in molecules]
    assert [tuple(part.tolist()) for part in batch.split(batch.numbers)] == [m.numbers for m in molecules]
    rows = [row[row > 0].tolist() for row in batch.padded_numbers]
    assert rows == [list(molecule.numbers) for molecule in molecules]


@given(molecules=compositions)
def test_unpadding_undoes_padding_and_padding_adds_zeros(molecules: list[Composition]) -> None:
    batch = AtomBatch.from_compositions(molecules)
    values = values_for(batch)
    padded = batch.pad(values)
    assert padded.shape == (len(molecules), max(batch.sizes), 3)
    assert torch.equal(batch.unpad(padded), values)
    assert (padded == 0).all(-1).sum() == padded.shape[0] * padded.shape[1] - batch.n_atoms


@given(molecules=compositions)
def test_sums_means_and_centres_are_those_of_each_molecule_alone(molecules: list[Composition]) -> None:
    batch = AtomBatch.from_compositions(molecules)
    values = values_for(batch)
    parts = batch.split(values)
    torch.testing.assert_close(batch.total(values), torch.stack([part.sum(0) for part in parts]))
    torch.testing.assert_close(batch.mean(values), torch.stack([part.mean(0) for part in parts]))
    torch.testing.assert_close(batch.mean(values[:, 0]), torch.stack([part[:, 0].mean() for part in parts]))
    torch.testing.assert_close(batch.centred(values), torch.cat([part - part.mean(0) for part in parts]))


@given(molecules=compositions, data=st.data())
def test_selecting_gives_the_batch_of_those_molecules(molecules: list[Composition], data: st.DataObject) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(0, len(molecules) - 1), min_size=1)))
    part = AtomBatch.from_compositions(molecules).select(chosen)
    alone = AtomBatch.from_compositions([molecules[m] for m in chosen])
    assert torch.equal(part.numbers, alone.numbers)
    assert torch.equal(part.molecule, alone.molecule)
