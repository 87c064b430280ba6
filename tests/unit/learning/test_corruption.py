"""The forward process of training, against the distributions it is meant to draw from."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from gpff_core.errors import GpffError
from gpff_core.learning.corruption import (
    TWO_FRAGMENTS,
    CorruptionConfig,
    corrupt,
    draw_fragments,
    draw_sigma,
    draw_stretches,
)
from gpff_core.learning.dataset import MoleculeDataset, PaddedBatch
from gpff_core.learning.split import Split

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"
PLAIN = {"heteroscedastic_share": 0.0, "anisotropic_share": 0.0}


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def molecules() -> PaddedBatch:
    """400 of QM9, of 5 to 27 atoms."""
    data = MoleculeDataset.from_npz(QM9)
    return data.padded(data.indices_of(Split.TRAINING)[::304])


def cloned(batch: PaddedBatch, place: int, times: int) -> PaddedBatch:
    return PaddedBatch(
        *(t[place : place + 1].expand(times, *t.shape[1:]) for t in (batch.numbers, batch.positions, batch.mask))
    )


@pytest.mark.parametrize(
    "config",
    [
        CorruptionConfig(),
        CorruptionConfig(log_sigma_mean=0.5, log_sigma_spread=0.4, smallest_sigma=1.0, largest_sigma=3.0),
    ],
    ids=["default", "hard truncation"],
)
def test_noise_levels_follow_the_truncated_log_normal(config: CorruptionConfig) -> None:
    drawn = draw_sigma(config, 200_000, generator()).numpy()
    mean, spread = config.log_sigma_mean, config.log_sigma_spread
    low, high = ((math.log(s) - mean) / spread for s in (config.smallest_sigma, config.largest_sigma))
    expected = stats.truncnorm(low, high, loc=mean, scale=spread)
    assert drawn.min() >= config.smallest_sigma * (1 - 1e-5)
    assert drawn.max() <= config.largest_sigma * (1 + 1e-5)
    assert stats.kstest(np.log(drawn), expected.cdf).pvalue > 1e-3


def test_plain_noise_has_one_level_for_all_atoms(molecules: PaddedBatch) -> None:
    corrupted = corrupt(molecules, CorruptionConfig(**PLAIN), generator())
    level = corrupted.sigma.amax(1, keepdim=True)
    assert torch.equal(corrupted.sigma, level * molecules.mask)
    z = (corrupted.positions - molecules.positions) / level
    drawn = z[molecules.mask.expand_as(z) > 0].numpy()
    assert stats.kstest(drawn, "norm").pvalue > 1e-3


def test_padding_is_untouched(molecules: PaddedBatch) -> None:
    config = CorruptionConfig(heteroscedastic_share=0.5, anisotropic_share=0.5)
    corrupted = corrupt(molecules, config, generator())
    nothing = molecules.mask.expand_as(corrupted.positions) == 0
    assert corrupted.positions[nothing].abs().max() == 0
    assert (corrupted.sigma * (1 - molecules.mask)).abs().max() == 0


def test_the_same_generator_gives_the_same_noise(molecules: PaddedBatch) -> None:
    one, two = (corrupt(molecules, CorruptionConfig(), generator(7)) for _ in range(2))
    assert torch.equal(one.positions, two.positions)
    assert torch.equal(one.sigma, two.sigma)


def bonded_pieces(numbers: np.ndarray, positions: np.ndarray) -> int:
    """Connected components of the atoms, with textbook covalent radii and a generous tolerance."""
    radius = {1: 0.31, 6: 0.76, 7: 0.71, 8: 0.66}
    radii = np.array([radius[int(z)] for z in numbers])
    bonded = np.linalg.norm(positions[:, None] - positions[None], axis=-1) < 1.35 * (radii[:, None] + radii[None])
    group = np.arange(len(numbers))
    for _ in numbers:
        group = np.where(bonded, group[None], len(numbers)).min(1)
    return len(np.unique(group))


def test_fragments_are_one_or_two_connected_parts_of_real_molecules(molecules: PaddedBatch) -> None:
    pieces = []
    for seed in range(5):
        for m, fragment in enumerate(draw_fragments(molecules, generator(seed))):
            n_atoms = int(molecules.mask[m].sum())
            assert not fragment[n_atoms:].any()
            assert 1 <= int(fragment.sum()) < n_atoms
            chosen = fragment.numpy()
            pieces.append(bonded_pieces(molecules.numbers[m].numpy()[chosen], molecules.positions[m].numpy()[chosen]))
    assert set(pieces) == {1, 2}
    assert 0.02 < pieces.count(2) / len(pieces) < TWO_FRAGMENTS, "two seeds often grow together"


def test_half_the_fragments_leave_out_their_hydrogens(molecules: PaddedBatch) -> None:
    """As a frozen ring is given: its carbons alone."""
    place = int((molecules.numbers > 1).sum(1).argmax())
    fragments = draw_fragments(cloned(molecules, place, 2_000), generator())
    with_hydrogen = (fragments & (molecules.numbers[place] == 1)).any(1)
    large = fragments.sum(1) > 4
    share = float(with_hydrogen[large].float().mean())
    assert 0.4 < share < 0.75  # of large fragments: those that may contain hydrogens can be all of them


def test_fragments_have_every_size(molecules: PaddedBatch) -> None:
    place = int((molecules.numbers > 1).sum(1).argmax())
    sizes = draw_fragments(cloned(molecules, place, 2_000), generator()).sum(1)
    n_atoms, n_heavy = int(molecules.mask[place].sum()), int((molecules.numbers[place] > 1).sum())
    assert set(range(1, n_heavy + 1)) <= set(sizes.tolist())
    assert sizes.max() == n_atoms - 1


def test_frozen_atoms_keep_their_places(molecules: PaddedBatch) -> None:
    config = CorruptionConfig(heteroscedastic_share=1.0, anisotropic_share=0.0)
    corrupted = corrupt(molecules, config, generator())
    moved = (corrupted.positions - molecules.positions).norm(dim=-1)
    assert moved[corrupted.sigma[..., 0] == 0].max() == 0
    heavy = (molecules.numbers > 1).sum(1) > 2
    lowest = corrupted.sigma[..., 0].masked_fill(molecules.mask[..., 0] == 0, torch.inf).amin(1)[heavy]
    highest = corrupted.sigma[..., 0].amax(1)[heavy]
    assert (lowest <= 0.1).all()
    assert (highest >= config.smallest_sigma).all()
    assert 0.6 < float((lowest == 0).float().mean()) < 0.8


def test_frozen_atoms_are_marked_and_no_others(molecules: PaddedBatch) -> None:
    corrupted = corrupt(molecules, CorruptionConfig(heteroscedastic_share=0.5, smallest_sigma=0.2), generator())
    still = (corrupted.sigma <= 0.1) & (molecules.mask > 0)
    assert 0.02 < float(still.float().mean()) < 0.5
    assert torch.equal(corrupted.frozen > 0, still)


def test_shares_are_kept(molecules: PaddedBatch) -> None:
    config = CorruptionConfig(heteroscedastic_share=0.25, anisotropic_share=0.0)
    many = cloned(molecules, -1 % len(molecules.numbers), 4_000)
    sigma = corrupt(many, config, generator()).sigma[..., 0].masked_fill(many.mask[..., 0] == 0, torch.nan)
    varied = (sigma.nan_to_num(nan=torch.inf).amin(1) < sigma.nan_to_num(nan=0).amax(1)).float().mean()
    assert float(varied) == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 4_000))


def test_stretches_keep_the_total_variance() -> None:
    stretches = draw_stretches(3_000, generator()).double()
    covariance = stretches @ stretches.transpose(1, 2)
    assert covariance.diagonal(dim1=1, dim2=2).sum(1).numpy() == pytest.approx(np.full(3_000, 3.0), abs=1e-5)
    eigenvalues = torch.linalg.eigvalsh(covariance)
    assert float((eigenvalues[:, 2] / eigenvalues[:, 0]).median()) > 3
    mean = covariance.mean(0).numpy()  # turned every way: isotropic on average
    assert mean == pytest.approx(np.eye(3), abs=0.1)


def test_anisotropic_noise_has_the_level_it_says(molecules: PaddedBatch) -> None:
    config = CorruptionConfig(heteroscedastic_share=0.0, anisotropic_share=1.0)
    corrupted = corrupt(molecules, config, generator())
    level = corrupted.sigma.amax(1, keepdim=True)
    z = ((corrupted.positions - molecules.positions) / level)[molecules.mask[..., 0] > 0]
    assert float(z.square().sum(1).mean()) == pytest.approx(3, rel=0.06)
    assert float(stats.kurtosis(z.flatten().numpy())) > 0.2  # a mixture of widths, not one Gaussian


@pytest.mark.parametrize(
    "settings",
    [{"heteroscedastic_share": 1.2}, {"anisotropic_share": -0.1}, {"smallest_sigma": 0.0}, {"largest_sigma": 0.01}],
)
def test_senseless_settings_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(GpffError):
        CorruptionConfig(**settings)
