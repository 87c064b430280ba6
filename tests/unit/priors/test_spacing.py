"""A cloud whose atoms keep their distance: nothing but clashes is changed, and the centre stays."""

from dataclasses import replace

import pytest
import torch

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors import Isotropic
from gpff_core.priors.spacing import spaced
from gpff_core.recipe import Recipe
from tests.unit.priors.examples import pinned

MOLECULES = [Composition((6,) * n) for n in (18, 5, 29)]
BATCH = AtomBatch.from_compositions(MOLECULES)
DISTANCE = 1.5


def nearest(x: torch.Tensor) -> float:
    return float(torch.pdist(x).min())


def test_no_two_atoms_stay_much_nearer_than_asked_for() -> None:
    """Of 1,000 clouds of 18 atoms as wide as their molecule; before, the nearest two are 0.5 Å apart."""
    batch = AtomBatch.from_compositions([Composition((6,) * 18)] * 1000)
    noise = Noise(0, range(1000))
    before = torch.tensor([nearest(x) for x in batch.split(Isotropic(1.5).sample(batch, noise))])
    after = torch.tensor([nearest(x) for x in batch.split(Isotropic(1.5, DISTANCE).sample(batch, noise))])
    assert 0.4 < before.mean() < 0.6
    assert after.min() > 0.7 * DISTANCE
    assert after.mean() > 0.9 * DISTANCE


def test_the_centre_stays_and_so_do_atoms_that_are_far_from_each_other() -> None:
    x = Isotropic(1.5).sample(BATCH, Noise(3, range(3)))
    moved = spaced(x, BATCH, DISTANCE)
    torch.testing.assert_close(BATCH.mean(moved), BATCH.mean(x), atol=1e-6, rtol=0)
    assert torch.equal(spaced(20 * x, BATCH, 0.2), 20 * x)


def test_a_pair_parts_along_its_line_by_what_it_lacks() -> None:
    batch = AtomBatch.from_compositions([Composition((6, 8))])
    x = torch.tensor([[0.0, 0.0, -0.2], [0.0, 0.0, 0.4]])
    torch.testing.assert_close(spaced(x, batch, DISTANCE), torch.tensor([[0.0, 0.0, -0.65], [0.0, 0.0, 0.85]]))


def test_a_molecule_does_not_depend_on_those_beside_it() -> None:
    x = Isotropic(1.5).sample(BATCH, Noise(3, range(3)))
    for molecule, alone in enumerate(BATCH.split(x)):
        one = spaced(alone, BATCH.select([molecule]), DISTANCE)
        torch.testing.assert_close(BATCH.split(spaced(x, BATCH, DISTANCE))[molecule], one, atol=1e-5, rtol=0)


def test_pinned_atoms_neither_move_nor_push() -> None:
    batch = pinned(MOLECULES, [[0, 1], [2], list(range(20))])
    assert batch.pins is not None
    held = batch.pins.pinned.squeeze(-1)
    x = Isotropic(1.5).sample(BATCH, Noise(3, range(3)))
    moved = spaced(x, batch, DISTANCE)
    assert torch.equal(moved[held], x[held])
    elsewhere = torch.where(held[:, None], x + 100, x)
    assert torch.equal(spaced(elsewhere, batch, DISTANCE)[~held], moved[~held])


def test_only_runs_of_few_calls_start_from_one() -> None:
    starts = [Recipe("direct", calls).build_prior() for calls in (4, 6, 15, 60)]
    assert [getattr(start, "spacing", None) for start in starts] == [1.5, 1.3, 0, 0]
    assert "--spacing=1.5" in replace(Recipe("direct", 4), prior=starts[0]).options()
    assert replace(Recipe("direct", 15), prior=starts[2]).options().count("--sigma=1.5") == 1


@pytest.mark.parametrize("spacing", [-0.1, 5.1, float("nan")])
def test_what_is_no_spacing_is_refused(spacing: float) -> None:
    with pytest.raises(GpffError, match=r"spacing .* Å; give 0 for none to 5, for example 1\.5"):
        Isotropic(1.5, spacing)
