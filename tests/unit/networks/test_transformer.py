"""The transformer's symmetries in float64, on random weights that make every part of it count.

Its form for inference has to have them as well.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.preconditioning import skip_factor
from gpff_core.networks.transformer import EquivariantTransformer, RadialBasis, TransformerConfig
from gpff_core.networks.transformer_inference import TransformerInference
from tests.unit.networks.random_transformer import ALL, FORMAMIDE, LONE_ATOM, MIXED, SMALL, WATER, random_transformer

EXACT = {"rtol": 0, "atol": 1e-9}
SIZES = (0.3, 1.5, 10.0)
"""Å: from molecules to noise clouds, where the skip connection is in full play."""

seeds = st.integers(0, 2**31)
sizes = st.sampled_from(SIZES)


Field = Callable[[Tensor, AtomBatch], Tensor]


@pytest.fixture(scope="module")
def network() -> EquivariantTransformer:
    return random_transformer().double()


@pytest.fixture(scope="module", params=[False, True], ids=["network", "inference"])
def field(request: pytest.FixtureRequest, network: EquivariantTransformer) -> Field:
    return TransformerInference(network) if request.param else network


def cloud(seed: int, size: float = 1.5, batch: AtomBatch = ALL) -> Tensor:
    """A cloud of atoms off the origin."""
    return size * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 4


def orthogonal(seed: int, parity: int) -> Tensor:
    q = torch.linalg.qr(cloud(seed, batch=AtomBatch.from_compositions([WATER]))).Q
    return parity * q * torch.linalg.det(q).sign()


@pytest.mark.parametrize("size", SIZES)
def test_the_network_has_something_to_say(field: Field, size: float) -> None:
    """Beyond its skip connection; otherwise everything below would hold for nothing."""
    x = cloud(0, size)
    centred = ALL.centred(x)
    g2 = (ALL.mean(centred.square().sum(-1)) / 3)[ALL.molecule, None]
    out = field(x, ALL) / 2 + centred - skip_factor(g2, SMALL.data_scale) * centred
    assert (out.norm(dim=-1) > 0.1)[ALL.counts[ALL.molecule] > 1].all()


@pytest.mark.parametrize("parity", [1, -1], ids=["rotation", "reflection"])
@settings(max_examples=40)
@given(seed=seeds, turn=seeds, size=sizes)
def test_turning_or_reflecting_the_atoms_does_the_same_to_the_forces(
    field: Field, parity: int, seed: int, turn: int, size: float
) -> None:
    x, q = cloud(seed, size), orthogonal(turn, parity)
    torch.testing.assert_close(field(x @ q.T, ALL), field(x, ALL) @ q.T, **EXACT)


@settings(max_examples=40)
@given(seed=seeds, size=sizes)
def test_translating_each_molecule_leaves_the_forces(field: Field, seed: int, size: float) -> None:
    x = cloud(seed, size)
    shifts = 10 * cloud(seed + 1)[: ALL.n_molecules]
    torch.testing.assert_close(field(x + shifts[ALL.molecule], ALL), field(x, ALL), **EXACT)


@settings(max_examples=40)
@given(seed=seeds, size=sizes, order=st.permutations(range(len(FORMAMIDE))))
def test_reordering_atoms_reorders_the_forces(field: Field, seed: int, size: float, order: list[int]) -> None:
    batch = AtomBatch.from_compositions([FORMAMIDE])
    reordered = AtomBatch.from_compositions([Composition(tuple(FORMAMIDE.numbers[k] for k in order))])
    x = cloud(seed, size, batch)
    torch.testing.assert_close(field(x[order], reordered), field(x, batch)[order], **EXACT)


@settings(max_examples=40)
@given(seed=seeds, size=sizes)
def test_a_molecule_does_not_notice_its_batch(field: Field, seed: int, size: float) -> None:
    x = cloud(seed, size)
    for composition, alone, force in zip(MIXED, ALL.split(x), ALL.split(field(x, ALL)), strict=True):
        torch.testing.assert_close(field(alone, AtomBatch.from_compositions([composition])), force, **EXACT)


@settings(max_examples=20)
@given(seed=seeds, extra=st.integers(1, 12))
def test_padding_changes_nothing_even_where_it_holds_rubbish(
    network: EquivariantTransformer, seed: int, extra: int
) -> None:
    batch = AtomBatch.from_compositions([FORMAMIDE])
    numbers, x = batch.padded_numbers, batch.pad(cloud(seed, batch=batch))
    mask = torch.ones(1, len(FORMAMIDE), 1, dtype=torch.float64)
    padded = network.equilibrium(
        functional.pad(numbers, (0, extra)),
        functional.pad(x, (0, 0, 0, extra), value=3.0),
        functional.pad(mask, (0, 0, 0, extra)),
    )
    torch.testing.assert_close(padded[:, : len(FORMAMIDE)], network.equilibrium(numbers, x, mask), **EXACT)
    assert (padded[:, len(FORMAMIDE) :] == 0).all()


def test_a_lone_atom_is_where_it_should_be(field: Field) -> None:
    force = field(torch.tensor([[3.0, -2, 1]], dtype=torch.float64), AtomBatch.from_compositions([LONE_ATOM]))
    torch.testing.assert_close(force, torch.zeros(1, 3, dtype=torch.float64))


@pytest.mark.parametrize("positions", [[[0.0, 0, 0], [0, 0, 0], [1, 0, 0]], [[0.0, 0, 0]] * 3], ids=["two", "all"])
def test_coinciding_atoms_have_finite_forces_and_gradients(positions: list[list[float]]) -> None:
    """A noise cloud may put atoms on one spot; training must survive it, in its own precision."""
    network = random_transformer().requires_grad_()
    x = torch.tensor(positions, requires_grad=True)
    force = network(x, AtomBatch.from_compositions([WATER]))
    force.square().sum().backward()
    assert force.isfinite().all()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert all(p.grad is None or p.grad.isfinite().all() for p in network.parameters())


def test_every_parameter_is_used() -> None:
    """The last pair state and the last vectors are read out, too; only unseen elements learn nothing."""
    network = random_transformer().double().requires_grad_()
    network(cloud(0), ALL).square().sum().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert not idle


@pytest.mark.parametrize("size", SIZES)
def test_elements_matter_to_their_own_molecule_alone(field: Field, size: float) -> None:
    """Formamide with carbon and nitrogen exchanged."""
    x = cloud(1, size)
    exchanged = ALL.numbers.clone()
    exchanged[7], exchanged[8] = 7, 6
    change = (field(x, AtomBatch(exchanged, ALL.molecule)) - field(x, ALL)).norm(dim=-1)
    changed = ALL.molecule == 2
    assert (change[changed] > 1e-3).all()
    assert (change[~changed] < 1e-9).all()


def test_equal_atoms_are_told_apart_by_place_and_mirror_images_get_mirrored_forces(
    field: Field,
) -> None:
    """Water that is symmetric about the xz plane: what happens to one hydrogen is the mirror image of the other."""
    x = torch.tensor([[0.0, 0, 0.1], [0, 0.8, -0.5], [0, -0.8, -0.5]], dtype=torch.float64)
    oxygen, one, other = field(x, AtomBatch.from_compositions([WATER]))
    mirror = torch.tensor([1.0, -1, 1], dtype=torch.float64)
    torch.testing.assert_close(one, other * mirror, **EXACT)
    assert oxygen[:2].abs().max() < 1e-9, "nothing can push it out of the molecule's plane or to one side"
    assert one[1].abs() > 1e-3


def test_forces_are_smooth_as_the_skip_connection_sets_in(field: Field) -> None:
    """No jump in size anywhere on the way from a molecule to a noise cloud."""
    scales = torch.linspace(0.5, 8, 2000, dtype=torch.float64)
    one, batch = AtomBatch.from_compositions([FORMAMIDE]), AtomBatch.from_compositions([FORMAMIDE] * len(scales))
    x = (scales[:, None, None] * one.centred(cloud(3, 1.0, one))).flatten(0, 1)
    x0_hat = (x + field(x, batch) / 2).view(len(scales), len(FORMAMIDE), 3)
    assert x0_hat.diff(dim=0).abs().max() < 0.1


def overlap(basis: RadialBasis, one: float, other: float) -> float:
    """Cosine between the features of two distances in Å."""
    a, b = basis(torch.tensor([one, other], dtype=torch.float64))
    return functional.cosine_similarity(a, b, dim=0).item()


def test_radial_basis_resolves_bond_lengths_and_reaches_across_a_noise_cloud() -> None:
    """1.0 Å from 1.1 Å (C-H or O-H), a triple from a double bond; a linear grid to 150 Å would see one and the same."""
    config = TransformerConfig()
    basis = RadialBasis(config.n_radial, config.longest_distance).double()
    assert overlap(basis, 1.0, 1.1) < 0.9
    assert overlap(basis, 1.2, 1.34) < 0.85
    assert overlap(basis, 1.0, 1.4) < 0.2
    assert overlap(basis, 100.0, 140.0) < 0.5
    distances = torch.linspace(0, config.longest_distance, 5000, dtype=torch.float64)
    assert basis(distances).max(-1).values.min() > 0.5, "every distance is near the centre of some feature"


@pytest.mark.parametrize("n_layers", [1, 2, 3])
@pytest.mark.parametrize("form", ["network", "inference"])
def test_the_early_read_out_is_the_network_without_its_last_layer(form: str, n_layers: int) -> None:
    """With one layer there is nothing but the embedding, and no vector has been made yet."""
    whole = random_transformer(replace(SMALL, n_layers=n_layers)).double()
    shorter = EquivariantTransformer(replace(SMALL, n_layers=n_layers - 1)).double()
    shorter.load_state_dict({name: whole.state_dict()[name] for name in shorter.state_dict()})
    field = TransformerInference(whole) if form == "inference" else whole
    for seed in (0, 1):  # memory that is used again must not show
        x = cloud(seed)
        early, final = field.early_and_final(x, ALL)
        torch.testing.assert_close(early, shorter(x, ALL), **EXACT)
        torch.testing.assert_close(final, whole(x, ALL), **EXACT)
        assert (final - early).norm() > 0.1
