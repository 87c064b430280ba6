"""Fixtures of the library's tests."""

from pathlib import Path

import pytest

from tests.unit.small_data import train_checkpoint


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that makes water, methane and formaldehyde, with a reference that knows the first two."""
    return train_checkpoint(tmp_path_factory.mktemp("trained"))
