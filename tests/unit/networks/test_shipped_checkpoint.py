"""Acceptance of the checkpoint that comes with the program: its symmetries, and molecules that ignore their batch."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.scaffolds import ScaffoldSource
from gpff_core.field import equilibrium
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split
from gpff_core.molecules import AtomBatch
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import DEFAULT_CHECKPOINT, checkpoint_folder
from gpff_core.noise import Noise
from gpff_core.recipe import Recipe

SHIPPED = checkpoint_folder() / f"{DEFAULT_CHECKPOINT}.safetensors"
DATA = Path(__file__).parents[3] / "data" / "qm9.npz"
N_MOLECULES = 16
TOLERANCE = 1e-4
"""Å."""

pytestmark = pytest.mark.skipif(
    not SHIPPED.is_file(), reason=f"{SHIPPED.name} is not in the checkpoint folder; train it or copy it there"
)


@pytest.fixture(scope="module")
def field() -> Checkpoint:
    return load_checkpoint(SHIPPED)


@pytest.fixture(scope="module")
def dataset() -> MoleculeDataset:
    return MoleculeDataset.from_npz(DATA)


@pytest.fixture(scope="module")
def places(dataset: MoleculeDataset) -> list[int]:
    """Molecules the network was never trained on."""
    return dataset.indices_of(Split.TEST)[:64].tolist()


@pytest.fixture(scope="module")
def batch(dataset: MoleculeDataset, places: list[int]) -> AtomBatch:
    return AtomBatch.from_compositions([dataset.composition(place) for place in places[:N_MOLECULES]])


@pytest.fixture(scope="module", params=["QM9 geometry", 0.3, 1.5, 10.0], ids=lambda start: f"{start}")
def positions(request: pytest.FixtureRequest, dataset: MoleculeDataset, places: list[int], batch: AtomBatch) -> Tensor:
    """QM9's own geometries, slightly noised, or pure clouds of a size (Å), of the same atoms."""
    noise = Noise(0, range(N_MOLECULES)).centred_normal(batch)
    if request.param == "QM9 geometry":
        starts = torch.cat([dataset.positions[dataset.starts[p] :][: dataset.counts[p]] for p in places[:N_MOLECULES]])
        return starts + 0.05 * noise
    return request.param * noise


def predicted(field: Checkpoint, x: Tensor, batch: AtomBatch) -> Tensor:
    with torch.inference_mode():
        return equilibrium(x, field(x, batch))


def orthogonal(seed: int, parity: int) -> Tensor:
    q = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)).Q
    return (parity * q * torch.linalg.det(q).sign()).float()


def test_inference_gives_what_the_network_gives_to_rounding(
    field: Checkpoint, batch: AtomBatch, positions: Tensor
) -> None:
    with torch.no_grad():
        expected = equilibrium(positions, field.network(positions, batch))
    torch.testing.assert_close(predicted(field, positions, batch), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("parity", [1, -1], ids=["rotation", "reflection"])
def test_turning_or_reflecting_the_input_does_the_same_to_the_output(
    field: Checkpoint, batch: AtomBatch, positions: Tensor, parity: int
) -> None:
    expected = predicted(field, positions, batch)
    for seed in (1, 2):
        q = orthogonal(seed, parity)
        torch.testing.assert_close(predicted(field, positions @ q.T, batch), expected @ q.T, rtol=0, atol=TOLERANCE)


def test_permuting_the_input_permutes_the_output(field: Checkpoint, batch: AtomBatch, positions: Tensor) -> None:
    generator = torch.Generator().manual_seed(1)
    orders = [
        start + torch.randperm(n, generator=generator) for start, n in zip(_starts(batch), batch.sizes, strict=True)
    ]
    order = torch.cat(orders)
    permuted = AtomBatch(batch.numbers[order], batch.molecule)
    expected = predicted(field, positions, batch)[order]
    torch.testing.assert_close(predicted(field, positions[order], permuted), expected, rtol=0, atol=TOLERANCE)


def _starts(batch: AtomBatch) -> list[int]:
    return (torch.cumsum(batch.counts, 0) - batch.counts).tolist()


def test_shifting_the_input_shifts_the_output(field: Checkpoint, batch: AtomBatch, positions: Tensor) -> None:
    shift = torch.tensor([3.0, -2.0, 1.0])
    expected = predicted(field, positions, batch) + shift
    torch.testing.assert_close(predicted(field, positions + shift, batch), expected, rtol=0, atol=TOLERANCE)


def test_the_same_seed_gives_the_same_molecules_one_at_a_time_and_64_at_once(
    field: Checkpoint, dataset: MoleculeDataset, places: list[int]
) -> None:
    compositions = tuple(dataset.composition(place) for place in places)
    recipe = Recipe.for_calls("direct", 6)
    prior, sampler = recipe.build_prior(), recipe.build_sampler()
    alone, together = (
        samples_of(generate(field, GenerationRequest(compositions, prior, sampler, seed=7, batch_size=size)))
        for size in (1, 64)
    )
    for one, other in zip(alone, together, strict=True):
        torch.testing.assert_close(torch.tensor(one.positions), torch.tensor(other.positions), rtol=0, atol=1e-3)
    assert any(sample.verdict.valid for sample in alone), "or there is nothing to compare"
    assert [sample.verdict.smiles for sample in alone] == [sample.verdict.smiles for sample in together]


@pytest.mark.parametrize("n_atoms", [3, 4, 6, 18])
def test_a_little_noise_is_read_right_whatever_the_size(
    field: Checkpoint, dataset: MoleculeDataset, n_atoms: int
) -> None:
    """Of three atoms half the noise is turns, which no network can see: water at 0.1 Å once read 0.07."""
    places = torch.nonzero(dataset.counts == n_atoms)[:12, 0].tolist()
    repeats, sigma = 96 // len(places), 0.1
    batch = AtomBatch.from_compositions([dataset.composition(place) for place in places for _ in range(repeats)])
    x0 = torch.cat([dataset.positions[dataset.starts[p] :][:n_atoms].repeat(repeats, 1) for p in places])
    x = x0 + sigma * Noise(0, range(batch.n_molecules)).centred_normal(batch)
    with torch.inference_mode():
        level = field.noise_level(field(x, batch), batch)
    assert float(level.square().mean().sqrt()) == pytest.approx(sigma, rel=0.12)


def test_springs_hold_a_ring_that_the_network_is_told_of(field: Checkpoint) -> None:
    """Unmarked, atoms on springs looked like noise: of sixteen rings on stiff springs none stayed aromatic."""
    source = ScaffoldSource(*structure_from_smiles("c1ccccc1"))
    scaffold = source.scaffold(source.select("c1ccccc1"), stiffness=50)
    recipe = Recipe("direct", steps=20, seed=3, frozen=True)
    request = GenerationRequest.of(recipe, [scaffold.grown_by(parse_formula("CH8"))] * 12, scaffold=scaffold)
    samples = samples_of(generate(field, request))
    assert sum(sample.scaffold == "kept" for sample in samples) >= 6
