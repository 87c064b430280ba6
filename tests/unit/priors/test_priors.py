"""What every prior must satisfy; a new one joins by a line in `examples`."""

from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch
from gpff_core.noise import Noise
from gpff_core.priors import PRIORS, Blobs, Curve, Isotropic, Motif, PointCloud, Prior, Shape, Typical
from tests.unit.analytic import Dirac, centring, copies
from tests.unit.moments import assert_moments
from tests.unit.priors.examples import EVERY, FLOATING, MOLECULES, PLACED, pinned

every_prior = pytest.mark.parametrize("prior", EVERY, ids=str)

POINTS = ((1.0, 2.0, 3.0), (0.0, 1.0, 0.5), (2.0, 0.0, 0.0), (1.0, 1.0, 1.0), (5.0, 0.0, 1.0), (0.0, 0.0, 0.25))
OTHER: dict[str, Any] = {
    **dict.fromkeys(("sigma", "own_sigma", "spacing", "spread", "size"), 0.123),
    **dict.fromkeys(("xx", "yy", "zz"), 7.0),
    **dict.fromkeys(("xy", "xz", "yz"), 0.123),
    "ratios": (0.5, 0.3, 0.2),
    "points": POINTS,
    "positions": POINTS,
    "numbers": (8, 6, 1, 1, 1, 1),
    "blobs": ((1.0, 0.0, 0.0, 0.0, 0.5),),
}
"""A value of every setting that no prior among the examples has."""


def matrix(prior: Prior) -> torch.Tensor:
    return torch.tensor(prior.covariance, dtype=torch.float64)


def test_every_prior_is_in_this_kit() -> None:
    assert {type(prior) for prior in EVERY} == set(PRIORS.values())


@pytest.mark.parametrize("prior", [prior for prior in FLOATING if not isinstance(prior, Typical)], ids=str)
def test_clouds_have_their_covariance_in_every_pair_of_coordinates(prior: Prior) -> None:
    """Of a molecule of three atoms, flattened: (1 − 1/N) C within an atom, −C/N between two, since it is centred."""
    n_molecules, n_atoms = 4000, 3
    x = prior.sample(copies(n_molecules, n_atoms), Noise(1, range(n_molecules))).double()
    expected = centring(n_atoms) @ torch.kron(torch.eye(n_atoms, dtype=torch.float64), matrix(prior))
    assert_moments(x.view(n_molecules, -1), torch.zeros(3 * n_atoms, dtype=torch.float64), expected)


@pytest.mark.parametrize(
    ("prior", "n_atoms"),
    [(prior, 6) for prior in PLACED if isinstance(prior, Curve | Blobs)] + [(PLACED[1], 1), (PLACED[2], 7)],
    ids=str,
)
def test_each_atom_is_anywhere_on_the_curve_or_in_any_blob(prior: Prior, n_atoms: int) -> None:
    """With the covariance the prior states and the mean of all atoms; blobs of 1 : 3 : 2 share six atoms exactly."""
    n_molecules = 6000
    x = prior.sample(copies(n_molecules, n_atoms), Noise(1, range(n_molecules))).double().view(n_molecules, n_atoms, 3)
    for atom in {0, n_atoms - 1}:
        assert_moments(x[:, atom], x.mean((0, 1)), matrix(prior))


@pytest.mark.parametrize("prior", FLOATING, ids=str)
def test_a_cloud_is_centred_on_the_origin(prior: Prior) -> None:
    batch = AtomBatch.from_compositions(MOLECULES)
    assert not prior.placed
    assert batch.mean(prior.sample(batch, Noise(5, range(4)))).abs().max() < 1e-6


@pytest.mark.parametrize("prior", PLACED, ids=str)
def test_places_in_space_are_kept(prior: Prior) -> None:
    """A molecule drawn from a prior that was moved is moved, and is the same otherwise."""
    shift = torch.tensor([10.0, -20.0, 30.0])
    batch = AtomBatch.from_compositions(MOLECULES)
    assert prior.placed
    moved = _moved(prior, shift).sample(batch, Noise(5, range(4)))
    torch.testing.assert_close(moved - shift, prior.sample(batch, Noise(5, range(4))), atol=1e-5, rtol=0)


def _moved(prior: Any, shift: torch.Tensor) -> Prior:
    dx, dy, dz = shift.tolist()
    if isinstance(prior, Blobs):
        return Blobs(tuple((w, x + dx, y + dy, z + dz, sigma) for w, x, y, z, sigma in prior.blobs))
    name = "positions" if isinstance(prior, Motif) else "points"
    return replace(prior, **{name: tuple((x + dx, y + dy, z + dz) for x, y, z in getattr(prior, name))})


@every_prior
def test_a_molecule_is_indifferent_to_its_batch_and_its_seed_decides_everything(prior: Prior) -> None:
    x = prior.sample(AtomBatch.from_compositions(MOLECULES), Noise(5, range(4)))
    for place, part in enumerate(torch.split(x, [len(molecule) for molecule in MOLECULES])):
        alone = AtomBatch.from_compositions([MOLECULES[place]])
        torch.testing.assert_close(prior.sample(alone, Noise(5, [place])), part)
        if len(MOLECULES[place]) > 1:
            assert not torch.isclose(prior.sample(alone, Noise(6, [place])), part).all()


@every_prior
def test_pinned_atoms_may_be_anywhere(prior: Prior) -> None:
    """Where they are does not change where the free atoms start."""
    frozen = [[0, 1], [], [0], [1, 3, 5]]
    near, far = (pinned(MOLECULES, frozen, anchor) for anchor in (20.0, 50.0))
    free = ~near.pins.pinned.squeeze(-1)  # type: ignore[union-attr]
    one, other = (prior.sample(batch, Noise(5, range(4))) for batch in (near, far))
    assert torch.equal(one[free], other[free])
    assert one.isfinite().all()


@every_prior
def test_a_molecule_with_all_its_atoms_pinned_is_no_problem(prior: Prior) -> None:
    batch = pinned(MOLECULES, [[0, 1, 2, 3, 4], [0], [], []])
    assert prior.sample(batch, Noise(5, range(4))).isfinite().all()


@pytest.mark.parametrize("prior", [prior for prior in EVERY if not isinstance(prior, Motif)], ids=str)
def test_scale_is_the_root_mean_square_coordinate(prior: Prior) -> None:
    assert prior.scale**2 == pytest.approx(matrix(prior).trace().item() / 3)


@every_prior
def test_only_a_held_shape_has_a_lasting_influence(prior: Prior) -> None:
    field = Dirac(torch.zeros(3, 3))
    assert (prior.guide(field) is field) == (not (isinstance(prior, Shape) and prior.hold))


@pytest.mark.parametrize("prior", {type(prior): prior for prior in reversed(EVERY)}.values(), ids=str)
def test_the_name_states_every_setting(prior: Any) -> None:
    for setting in fields(prior):
        value = getattr(prior, setting.name)
        changed = replace(prior, **{setting.name: not value if isinstance(value, bool) else OTHER[setting.name]})
        assert str(changed) != str(prior), f"{setting.name} is missing in {prior}"


def test_the_name_of_a_large_cloud_is_short_and_its_own() -> None:
    points = torch.arange(30_000.0).view(-1, 3).mul(0.1).tolist()
    names = [str(PointCloud.of(points)), str(PointCloud.of(points[::-1])), str(PointCloud.of(points[1:]))]
    assert len(set(names)) == 3
    assert all(len(name) < 80 for name in names)


@pytest.mark.parametrize("length", [0, -1, torch.nan, torch.inf, 1e5])
def test_lengths_that_are_none_are_refused(length: float) -> None:
    for make in (
        lambda: Isotropic(length),
        lambda: Shape((1, 1, 1), length),
        lambda: PointCloud(POINTS, length),
        lambda: Curve(POINTS, length),
        lambda: Blobs(((1, 0, 0, 0, length),)),
        lambda: Typical(length),
    ):
        with pytest.raises(GpffError, match=f"is {length}"):
            make()


@pytest.mark.parametrize("kind", [PointCloud, Curve, Motif])
@pytest.mark.parametrize("coordinate", [torch.nan, torch.inf, -1e5])
def test_points_that_are_nowhere_are_refused(kind: type, coordinate: float) -> None:
    points = [*POINTS[:3], (0.0, coordinate, 0.0)]
    with pytest.raises(GpffError, match="Point 4 of the"):
        kind((1,) * 4, tuple(points)) if kind is Motif else kind(tuple(points))


@pytest.mark.parametrize("array", [torch.zeros(3), torch.zeros(4, 2), torch.zeros(2, 3, 3)])
def test_arrays_that_are_no_points_are_refused(array: torch.Tensor) -> None:
    for make in (PointCloud.of, Curve.of):
        with pytest.raises(GpffError, match="three coordinates"):
            make(array)
