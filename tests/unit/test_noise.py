"""Random streams: one per molecule, unrelated to each other, indifferent to the batch."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from tests.unit.analytic import centring, copies
from tests.unit.moments import assert_moments


def hydrogens(*sizes: int) -> AtomBatch:
    return AtomBatch.from_compositions([Composition((1,) * n) for n in sizes])


@given(seed=st.integers(0, 2**63), sizes=st.lists(st.integers(1, 20), min_size=1, max_size=5), data=st.data())
def test_a_molecules_draws_depend_on_seed_and_place_alone(seed: int, sizes: list[int], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, 10**6), min_size=len(sizes), max_size=len(sizes), unique=True))
    noise, batch = Noise(seed, places), hydrogens(*sizes)
    drawn = [batch.split(noise.normal(batch)), batch.split(noise.centred_normal(batch))]
    for m in reversed(range(len(sizes))):
        alone, one = Noise(seed, [places[m]]), hydrogens(sizes[m])
        assert torch.equal(alone.normal(one), drawn[0][m])
        torch.testing.assert_close(alone.centred_normal(one), drawn[1][m])


def test_selected_molecules_continue_their_streams() -> None:
    whole, selected = Noise(3, [5, 6, 7]), Noise(3, [5, 6, 7])
    batch, part = hydrogens(4, 2, 9), hydrogens(4, 9)
    for noise in (whole, selected):
        noise.normal(batch)
    expected = batch.split(whole.normal(batch))
    assert torch.equal(selected.select([0, 2]).normal(part), torch.cat([expected[0], expected[2]]))
    again = batch.split(whole.normal(batch))
    rest = batch.split(selected.normal(batch))
    assert torch.equal(rest[2], again[2]), "the streams are shared with the selection, which moved them on"
    assert torch.equal(rest[1], expected[1]), "the molecule left out has not moved on"


@pytest.mark.parametrize("seeds_and_places", [[(seed, 0) for seed in range(60)], [(0, place) for place in range(60)]])
def test_neighbouring_seeds_and_places_are_uncorrelated(seeds_and_places: list[tuple[int, int]]) -> None:
    batch = hydrogens(1000)
    streams = torch.stack([Noise(seed, [place]).normal(batch).flatten() for seed, place in seeds_and_places])
    correlation = torch.corrcoef(streams) - torch.eye(60)
    one_in_ten_thousand = 5.6  # standard errors, for the largest of 1,770 pairs
    assert correlation.abs().max() < one_in_ten_thousand / streams.shape[1] ** 0.5


def test_seed_and_place_are_not_interchangeable() -> None:
    assert not torch.equal(Noise(1, [2]).normal(hydrogens(3)), Noise(2, [1]).normal(hydrogens(3)))


def test_draws_are_standard_normal_and_centring_takes_out_three_degrees_of_freedom() -> None:
    batch, noise = copies(4000, 3), Noise(0, range(4000))
    identity = torch.eye(9, dtype=torch.float64)
    assert_moments(noise.normal(batch).view(-1, 9).double(), torch.zeros(9), identity)
    centred = noise.centred_normal(batch)
    assert_moments(centred.view(-1, 9).double(), torch.zeros(9), centring(3))
    assert batch.mean(centred).abs().max() < 1e-6
    assert torch.linalg.matrix_rank(centring(3)) == 3 * 3 - 3
