"""Chains that begin at data: where they lead, and what they ask for, with networks whose answers are known."""

from pathlib import Path

import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from gpff_core.errors import GpffError
from gpff_core.learning.dataset import MoleculeDataset, PaddedBatch
from gpff_core.learning.split import Split
from gpff_core.learning.train import TrainingConfig
from gpff_core.learning.walkback import MOST_STEPS, SHAKES, walk

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"
TURN = torch.tensor(Rotation.from_rotvec([0.3, -0.2, 0.4]).as_matrix(), dtype=torch.float32)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def molecules() -> PaddedBatch:
    data = MoleculeDataset.from_npz(QM9)
    return data.padded(data.indices_of(Split.TRAINING)[::304])


class Oracle:
    """Knows the equilibrium and answers with it, changed in one way; counts how often it was asked."""

    def __init__(self, answer: Tensor) -> None:
        self.answer, self.n_calls = answer, 0

    def __call__(self, numbers: Tensor, x: Tensor, mask: Tensor) -> Tensor:
        self.n_calls += 1
        return self.answer


def test_a_network_without_mistakes_is_shown_data_with_gaussian_noise(molecules: PaddedBatch) -> None:
    own = walk(Oracle(molecules.positions), molecules, generator())
    torch.testing.assert_close(own.target, molecules.positions, atol=1e-4, rtol=0)
    level = own.sigma.amax(1).flatten()
    assert SHAKES[0] * 0.5 < level.min() < 0.2
    assert 0.5 < level.max() < SHAKES[1] * 1.5
    z = ((own.positions - own.target) / own.sigma.clamp(min=1e-9))[molecules.mask[..., 0] > 0]
    assert z.mean().abs() < 0.01
    assert z.square().mean() == pytest.approx(1, abs=1e-3), "σ is the root mean square of what is to be undone"


def test_nothing_stands_where_there_is_no_atom(molecules: PaddedBatch) -> None:
    own = walk(Oracle(molecules.positions), molecules, generator())
    padding = molecules.mask[..., 0] == 0
    assert padding.any()
    for values in (own.positions, own.target, own.sigma):
        assert not values[padding].any()


def test_the_target_turns_with_the_chain(molecules: PaddedBatch) -> None:
    turned = molecules.positions @ TURN.T
    own = walk(Oracle(turned), molecules, generator())
    chiral = torch.linalg.matrix_rank(molecules.positions, atol=0.05) == 3  # flat ones fit either way round
    torch.testing.assert_close(own.target[chiral], turned[chiral], atol=2e-3, rtol=0)


def test_a_mistake_counts_as_noise_and_is_not_asked_for(molecules: PaddedBatch) -> None:
    """One hydrogen is put elsewhere: the data's place is what is asked for."""
    wrong = molecules.positions.clone()
    wrong[:, 4] += torch.tensor([1.0, 0, 0])
    right = walk(Oracle(molecules.positions), molecules, generator())
    own = walk(Oracle(wrong), molecules, generator())
    squares = [3 * molecules.mask.sum((1, 2)) * values.sigma.amax((1, 2)).square() for values in (own, right)]
    assert 0.7 < (squares[0] - squares[1]).mean() < 1.1, "1 Å², less what turning makes good"
    lengths = torch.cdist(own.target, own.target) - torch.cdist(molecules.positions, molecules.positions)
    both = molecules.mask @ molecules.mask.mT > 0
    assert lengths[both].abs().max() < 2e-3, "turned as a whole, not bent"


def test_chains_take_one_step_to_three_and_repeat_with_their_generator(molecules: PaddedBatch) -> None:
    counts = set()
    for seed in range(20):
        oracle = Oracle(molecules.positions)
        own = walk(oracle, molecules, generator(seed))
        again = walk(oracle, molecules, generator(seed))
        assert torch.equal(own.positions, again.positions)
        counts.add(oracle.n_calls // 2)
    assert counts == set(range(1, MOST_STEPS + 1))


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_share(share: float) -> None:
    with pytest.raises(GpffError, match="walkback_share"):
        TrainingConfig(steps=1, walkback_share=share)
