"""PaiNN as a pseudo-force field: its symmetries in float64, ragged batches, SchNetPack's layers left as they are."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from gpff_core.calibration import NoiseCalibration
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.networks.checkpoint import load_checkpoint, save_checkpoint
from gpff_core.networks.painn import PaiNN, PaiNNConfig, all_pairs
from gpff_core.networks.schnetpack_compatibility import schnetpack

METHANE = Composition((6, 1, 1, 1, 1))
FORMAMIDE = Composition((8, 6, 7, 1, 1, 1))
WATER = Composition((8, 1, 1))
LONE_ATOM = Composition((2,))
ALL = AtomBatch.from_compositions([METHANE, LONE_ATOM, FORMAMIDE, WATER])

SMALL = PaiNNConfig(n_features=32, n_interactions=2, n_radial=40, cutoff=30.0)
EXACT = {"rtol": 1e-9, "atol": 1e-10}
seeds = st.integers(0, 2**31)


@pytest.fixture(scope="module")
def field() -> PaiNN:
    torch.manual_seed(0)
    return PaiNN(SMALL).double().requires_grad_(requires_grad=False)


def cloud(seed: int, batch: AtomBatch = ALL) -> Tensor:
    """A cloud of atoms about the size of a molecule, off the origin."""
    return 1.5 * torch.randn(batch.n_atoms, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 4


def random_rotation(seed: int) -> Tensor:
    q = torch.linalg.qr(cloud(seed, AtomBatch.from_compositions([WATER]))).Q
    return q * torch.linalg.det(q).sign()


@pytest.mark.parametrize("parity", [1, -1], ids=["rotation", "rotation and inversion"])
@given(seed=seeds, turn=seeds)
def test_turning_or_inverting_the_atoms_does_the_same_to_the_forces(
    field: PaiNN, parity: int, seed: int, turn: int
) -> None:
    x, q = cloud(seed), parity * random_rotation(turn)
    torch.testing.assert_close(field(x @ q.T, ALL), field(x, ALL) @ q.T, **EXACT)


@given(seed=seeds)
def test_translating_each_molecule_leaves_the_forces(field: PaiNN, seed: int) -> None:
    x = cloud(seed)
    moved = x + cloud(seed + 1)[: ALL.n_molecules][ALL.molecule]
    torch.testing.assert_close(field(moved, ALL), field(x, ALL), **EXACT)


@given(seed=seeds, order=st.permutations(range(len(FORMAMIDE))))
def test_reordering_atoms_reorders_the_forces(field: PaiNN, seed: int, order: list[int]) -> None:
    batch = AtomBatch.from_compositions([FORMAMIDE])
    reordered = AtomBatch.from_compositions([Composition(tuple(FORMAMIDE.numbers[k] for k in order))])
    x = cloud(seed, batch)
    torch.testing.assert_close(field(x[order], reordered), field(x, batch)[order], **EXACT)


@given(seed=seeds)
def test_a_molecule_does_not_notice_its_batch(field: PaiNN, seed: int) -> None:
    x = cloud(seed)
    together = ALL.split(field(x, ALL))
    for composition, alone, force in zip([METHANE, LONE_ATOM, FORMAMIDE, WATER], ALL.split(x), together, strict=True):
        torch.testing.assert_close(field(alone, AtomBatch.from_compositions([composition])), force, **EXACT)


def test_forces_see_the_elements_and_push_no_molecule_as_a_whole(field: PaiNN) -> None:
    x = cloud(1)
    force = field(x, ALL)
    torch.testing.assert_close(ALL.mean(force), torch.zeros(ALL.n_molecules, 3, dtype=x.dtype), **EXACT)
    sulfide = AtomBatch(torch.where(ALL.numbers == 8, 16, ALL.numbers), ALL.molecule)
    changed = (field(x, sulfide) - force).norm(dim=-1) > 1e-6
    assert changed.tolist() == [False] * 6 + [True] * 9


def test_every_ordered_pair_of_a_molecule_is_seen_once() -> None:
    pairs = list(zip(*(ends.tolist() for ends in all_pairs(ALL)), strict=True))
    molecule = ALL.molecule.tolist()
    expected = [(i, j) for i in range(15) for j in range(15) if i != j and molecule[i] == molecule[j]]
    assert pairs == expected


def test_coinciding_atoms_have_finite_forces_and_gradients() -> None:
    """A noise cloud may put two atoms on one spot, where SchNetPack's r/d has no value."""
    batch = AtomBatch.from_compositions([WATER])
    field = PaiNN(SMALL)
    force = field(torch.zeros(3, 3), batch)
    field(torch.tensor([[0.0, 0, 0], [0, 0, 0], [1, 0, 0]]), batch).square().sum().backward()
    assert torch.equal(force, torch.zeros(3, 3))
    assert all(p.grad is None or p.grad.isfinite().all() for p in field.parameters())


def test_features_are_schnetpacks_where_the_directions_agree() -> None:
    """r/(d + 1) tends to r/d far away, and there the whole pass is SchNetPack's: its weights keep their meaning."""
    torch.manual_seed(0)
    field = PaiNN(PaiNNConfig(n_features=32, n_interactions=3, n_radial=40, cutoff=3e9)).double()
    batch = AtomBatch.from_compositions([FORMAMIDE, WATER])
    x = 2e8 * cloud(3, batch)
    i, j = all_pairs(batch)
    names = schnetpack.properties
    expected = field.representation({names.Z: batch.numbers, names.Rij: x[j] - x[i], names.idx_i: i, names.idx_j: j})
    *_, (scalars, vectors) = field.features(x, batch)
    torch.testing.assert_close(scalars, expected["scalar_representation"], rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(vectors, expected["vector_representation"], rtol=1e-6, atol=1e-7)


def test_the_early_read_out_is_the_network_without_its_last_interaction() -> None:
    torch.manual_seed(0)
    whole, shorter = PaiNN(replace(SMALL, n_interactions=3)).double(), PaiNN(replace(SMALL, n_interactions=2)).double()
    weights = whole.state_dict()
    # One linear map makes the filters of all interactions, one interaction after another.
    shorter.load_state_dict({name: weights[name][: len(own)] for name, own in shorter.state_dict().items()})
    early, final = whole.early_and_final(cloud(5), ALL)
    torch.testing.assert_close(early, shorter(cloud(5), ALL), **EXACT)
    torch.testing.assert_close(final, whole(cloud(5), ALL), **EXACT)
    assert not torch.allclose(early, final)


def test_a_checkpoint_brings_the_same_network_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = PaiNN(SMALL)
    save_checkpoint(tmp_path / "painn.safetensors", network, NoiseCalibration.identity(), {"elements": [1, 6, 7, 8]})
    x, loaded = cloud(4).float(), load_checkpoint(tmp_path / "painn.safetensors")
    assert torch.equal(loaded(x, ALL), network(x, ALL))
    with torch.inference_mode():
        assert torch.equal(loaded(x, ALL), network(x, ALL)), "it has no other form for inference"


def test_the_padded_form_for_training_is_the_jump_of_the_forces(field: PaiNN) -> None:
    x = cloud(3)
    mask = (ALL.padded_numbers > 0).double()[..., None]
    x0_hat = field.equilibrium(ALL.padded_numbers, ALL.pad(x), mask)
    expected = ALL.centred(x + field(x, ALL) / 2)
    torch.testing.assert_close(ALL.unpad(x0_hat), expected, **EXACT)
    assert torch.equal(x0_hat * (1 - mask), torch.zeros_like(x0_hat))
