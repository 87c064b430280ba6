"""Which structures are trained on, and which never are."""

import enum

import numpy as np
from numpy.typing import NDArray


class Split(enum.IntEnum):
    TRAINING = 0
    VALIDATION = 1
    TEST = 2


HELD_OUT = 2_000
"""Structures in each of the validation and the test split of a large data set."""


def _splitmix64(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A fixed, well-mixed hash (Steele et al. 2014), the same on every platform and in every NumPy version."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def split_of(identifiers: NDArray[np.int32]) -> NDArray[np.uint8]:
    """The `Split` of every structure, from a hash of its identifier (`gdb_index` for QM9).

    The 2,000 lowest hashes are for validation, the next 2,000 for testing; a set of fewer than 20,000 structures gives
    a tenth to each. The order of the structures does not matter.
    """
    held_out = min(HELD_OUT, len(identifiers) // 10)
    order = np.argsort(_splitmix64(identifiers.astype(np.uint64)), kind="stable")
    splits = np.full(len(identifiers), Split.TRAINING, dtype=np.uint8)
    splits[order[:held_out]] = Split.VALIDATION
    splits[order[held_out : 2 * held_out]] = Split.TEST
    return splits
