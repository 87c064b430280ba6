"""The typical prior: its constants from the data, and a size that follows the composition."""

from pathlib import Path

import pytest
import torch
from scipy.optimize import curve_fit

from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.priors import Typical
from gpff_core.priors.typical import AXES, USUAL, typical_axes
from tests.unit.analytic import copies
from tests.unit.priors.examples import pinned

DATA = Path(__file__).parents[3] / "data" / "qm9.npz"


def test_the_constants_are_the_least_squares_fit_to_the_variances_of_qm9() -> None:
    data = MoleculeDataset.from_npz(DATA)
    molecules = AtomBatch(data.numbers, torch.repeat_interleave(torch.arange(len(data)), data.counts))
    off = molecules.centred(data.positions.double())
    products = molecules.total(off[:, :, None] * off[:, None])
    variances = torch.linalg.eigvalsh(products / (data.counts - 1)[:, None, None]).flip(1)
    for axis, constants in enumerate(AXES):
        (a, b), _ = curve_fit(lambda n, a, b: (a * n**b) ** 2, data.counts.double().numpy(), variances[:, axis], (1, 0))
        assert (a, b) == pytest.approx(constants, abs=6e-4)
    assert data.counts.median() == USUAL


@pytest.mark.parametrize("n_atoms", [4, 18, 29])
def test_a_cloud_is_as_large_as_molecules_of_as_many_atoms(n_atoms: int) -> None:
    """Its unbiased covariance is on average the typical one."""
    x = Typical(1.5).sample(copies(3000, n_atoms), Noise(0, range(3000))).double()
    variances = x.square().sum(0) / (3000 * (n_atoms - 1))
    expected = (1.5 * typical_axes(torch.tensor([n_atoms], dtype=torch.float64))[0]).square()
    torch.testing.assert_close(variances, expected, rtol=0.06, atol=0)
    if n_atoms == USUAL:
        torch.testing.assert_close(expected, torch.tensor(Typical(1.5).covariance).diagonal().double())


def test_every_molecule_of_a_batch_has_its_own_size_and_pinned_atoms_do_not_count() -> None:
    """The first atom of water alone, in a batch with a larger molecule, and beside frozen atoms."""
    water, large = Composition((8, 1, 1)), Composition((6,) * 20)

    def water_in(batch: AtomBatch) -> torch.Tensor:
        return Typical().sample(batch, Noise(0, [0, 1]))[:3]

    alone = water_in(AtomBatch.from_compositions([water, water]))
    torch.testing.assert_close(water_in(AtomBatch.from_compositions([water, large])), alone)
    frozen = pinned([Composition((8, 1, 1, 6, 6, 6, 6)), water], [[3, 4, 5, 6], []])
    spread = torch.stack([Typical().sample(frozen, Noise(seed, [0, 1]))[:3] for seed in range(2000)]).std((0, 1))
    torch.testing.assert_close(spread, typical_axes(torch.tensor([3.0]))[0], rtol=0.05, atol=0)
