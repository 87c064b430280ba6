"""Motifs: which atom takes which place, and where atoms without a place start."""

import math

import numpy as np
import pytest
import torch

from gpff_core.errors import GpffError
from gpff_core.formats.structures import structure
from gpff_core.molecules import AtomBatch, Composition, Pins
from gpff_core.noise import Noise
from gpff_core.priors import Motif, Motifs
from tests.unit.priors.examples import METHANOL

PLACES = ((0.0, 0.0, 0.0), (1.5, 0.0, 0.0), (3.0, 0.0, 0.0), (4.5, 0.0, 0.0), (6.0, 0.0, 0.0))
COHCH = Motif((6, 8, 1, 6, 1), PLACES)


def sample(prior: Motif, *numbers: int, seed: int = 0) -> torch.Tensor:
    return prior.sample(AtomBatch.from_compositions([Composition(numbers)]), Noise(seed, [0]))


def test_a_motif_without_noise_is_the_structure_itself_to_the_last_bit() -> None:
    given = structure([6, 8, 1, 6, 1], np.random.default_rng(0).standard_normal((5, 3)))
    prior = Motif.from_structure(*given)
    assert torch.equal(sample(prior, *given.composition.numbers), torch.from_numpy(given.positions))


def test_noise_is_added_to_what_a_structure_has_already() -> None:
    """Variances add up: 0.3² of its own and 0.4² that are added are the 0.5² asked for."""
    half_noised = Motif((6, 8, 1, 6, 1), PLACES, sigma=0.5, own_sigma=0.3)
    assert half_noised.scale == 0.5
    draws = torch.stack([sample(half_noised, *half_noised.numbers, seed=seed) for seed in range(2000)])
    off = draws - torch.tensor(PLACES)
    assert off.square().mean().sqrt().item() == pytest.approx(0.4, rel=0.02)
    assert half_noised.covariance[1][1] == pytest.approx(0.4**2)


def test_a_structure_that_has_more_noise_than_asked_for_stays_as_it_is() -> None:
    hot = Motif((6, 8, 1, 6, 1), PLACES, sigma=0.2, own_sigma=0.3)
    assert hot.scale == 0.3
    assert torch.equal(sample(hot, *hot.numbers), sample(COHCH, *hot.numbers))


def test_atoms_take_the_places_of_their_element_in_order() -> None:
    assert sample(COHCH, 1, 6, 6, 8, 1)[:, 0].tolist() == [3.0, 0.0, 4.5, 1.5, 6.0]


def test_a_smaller_molecule_takes_the_first_places() -> None:
    assert sample(COHCH, 6, 1)[:, 0].tolist() == [0.0, 3.0]


def test_atoms_without_a_place_start_about_the_centre_in_a_cloud_of_the_motifs_size() -> None:
    draws = torch.stack([sample(COHCH, 6, 6, 6, 7, seed=seed) for seed in range(2000)])
    assert draws[:, :2, 0].unique().tolist() == [0.0, 4.5]
    strays = draws[:, 2:]
    size = np.sqrt(np.square(np.asarray(PLACES) - np.mean(PLACES, 0)).mean())
    torch.testing.assert_close(strays.mean((0, 1)), torch.tensor([3.0, 0.0, 0.0]), atol=0.1, rtol=0)
    torch.testing.assert_close(strays.std((0, 1)), torch.full((3,), float(size)), rtol=0.05, atol=0)


def test_atoms_around_a_single_atom_do_not_start_on_it() -> None:
    assert sample(Motif((8,), ((5.0, 5.0, 5.0),)), 8, 1, 1)[1:].std() > 0.3


def test_noise_is_on_every_coordinate() -> None:
    draws = torch.stack([sample(METHANOL, *METHANOL.numbers, seed=seed) for seed in range(2000)])
    off = draws - torch.tensor(METHANOL.positions)
    torch.testing.assert_close(off.std(0), torch.full((6, 3), METHANOL.sigma), rtol=0.08, atol=0)


def with_frozen(numbers: tuple[int, ...], frozen: dict[int, tuple[float, float, float]]) -> AtomBatch:
    stiffness, anchors = torch.zeros(len(numbers), 1), torch.zeros(len(numbers), 3)
    for atom, anchor in frozen.items():
        stiffness[atom], anchors[atom] = math.inf, torch.tensor(anchor)
    free = AtomBatch.from_compositions([Composition(numbers)])
    return AtomBatch(free.numbers, free.molecule, Pins(stiffness, anchors))


def test_places_that_frozen_atoms_occupy_are_taken() -> None:
    """The structure itself, partly frozen: every free atom keeps its own place."""
    batch = with_frozen(COHCH.numbers, {0: PLACES[0], 2: PLACES[2]})
    free = [1, 3, 4]
    assert COHCH.sample(batch, Noise(0, [0]))[free, 0].tolist() == [1.5, 4.5, 6.0]


def test_frozen_atoms_elsewhere_and_of_other_elements_take_no_places() -> None:
    """A scaffold beside the motif, whose places are all for the free atoms."""
    batch = with_frozen((6, 7, 6, 8), {0: (0.0, 9.0, 0.0), 1: (0.1, 0.0, 0.0)})
    assert COHCH.sample(batch, Noise(0, [0]))[2:, 0].tolist() == [0.0, 1.5]


def test_a_ladder_of_noise_levels_starts_at_sigma_while_the_atoms_fill_the_structure() -> None:
    assert METHANOL.scale == METHANOL.sigma
    structure = np.cov(np.asarray(METHANOL.positions).T, bias=True)
    assert np.allclose(METHANOL.covariance, structure + METHANOL.sigma**2 * np.eye(3))


@pytest.mark.parametrize(
    ("numbers", "sigma", "reason"),
    [
        ((6, 8), 0.1, "has 2 atomic numbers and 5 positions"),
        ((), 0.1, "at least one atom"),
        ((6, 8, 1, 6, 95), 0.1, "95 is not an atomic number"),
        ((6, 8, 1, 6, 1), -0.1, "is -0.1 Å"),
        ((6, 8, 1, 6, 1), math.nan, "is nan Å"),
    ],
)
def test_motifs_that_make_no_sense_are_refused(numbers: tuple[int, ...], sigma: float, reason: str) -> None:
    with pytest.raises(GpffError, match=reason):
        Motif(numbers, PLACES, sigma)


def test_motifs_take_turns_by_number_whatever_its_batch() -> None:
    """Of two structures, molecules 4 and 2 of a request start from the first, molecule 1 from the second."""
    water = Motif((8, 1, 1), ((0.0, 0.0, 5.0), (0.0, 1.0, 5.0), (1.0, 0.0, 5.0)), own_sigma=0.1)
    turns = Motifs((METHANOL, water))
    oxygen = AtomBatch.from_compositions([Composition((8, 1, 1))] * 3)
    start = turns.sample(oxygen, Noise(0, [4, 1, 2])).view(3, 3, 3)
    assert (start[:, 0, 2] == 5).tolist() == [False, True, False]
    assert torch.equal(start[1], torch.tensor(water.positions))
    assert turns.scale == max(METHANOL.scale, 0.1)
    mean = (np.array(METHANOL.covariance) + np.array(water.covariance)) / 2
    assert np.array(turns.covariance) == pytest.approx(mean)


def test_no_motifs_are_no_start() -> None:
    with pytest.raises(GpffError, match="no structure to start from"):
        Motifs(())
