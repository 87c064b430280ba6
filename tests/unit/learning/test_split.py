"""Nothing from validation or test may ever be trained on, in this version or the next."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.split import Split, split_of

QM9 = Path(__file__).parents[3] / "data" / "qm9.npz"


@pytest.fixture(scope="module")
def identifiers() -> np.ndarray:
    return MoleculeDataset.from_npz(QM9).identifiers


def test_qm9_holds_out_two_thousand_for_each_purpose(identifiers: np.ndarray) -> None:
    counts = np.bincount(split_of(identifiers), minlength=3)
    assert counts.tolist() == [len(identifiers) - 4000, 2000, 2000]


@pytest.mark.parametrize(
    ("split", "digest"),
    [
        (Split.VALIDATION, "944b0b1b7e180bfe"),
        (Split.TEST, "59ac77dd441322a6"),
    ],
)
def test_qm9_split_is_frozen(identifiers: np.ndarray, split: Split, digest: str) -> None:
    """A changed split would silently test published weights on molecules they were trained on."""
    held_out = np.sort(identifiers[split_of(identifiers) == split]).astype("<i4")
    assert hashlib.sha256(held_out.tobytes()).hexdigest()[:16] == digest


def test_split_follows_the_identifier_not_the_place(identifiers: np.ndarray) -> None:
    shuffled = np.random.default_rng(0).permutation(identifiers)
    by_identifier = dict(zip(identifiers.tolist(), split_of(identifiers).tolist(), strict=True))
    assert [by_identifier[i] for i in shuffled.tolist()] == split_of(shuffled).tolist()


def test_split_is_unrelated_to_the_identifier(identifiers: np.ndarray) -> None:
    """QM9 is ordered by size: a split by place would test on other molecules than it trains on."""
    held_out = identifiers[split_of(identifiers) == Split.TEST]
    error = identifiers.std() / np.sqrt(len(held_out))
    assert abs(held_out.mean() - identifiers.mean()) < 4 * error


@pytest.mark.parametrize(("n", "held_out"), [(10, 1), (95, 9), (19_999, 1_999), (20_000, 2_000), (50_000, 2_000)])
def test_small_sets_hold_out_a_tenth(n: int, held_out: int) -> None:
    counts = np.bincount(split_of(np.arange(n, dtype=np.int32)), minlength=3)
    assert counts.tolist() == [n - 2 * held_out, held_out, held_out]
