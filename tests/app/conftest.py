"""The app's tests run with a tiny network of random weights."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from gpff_app import resources
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from tests.tiny_checkpoint import make_tiny_checkpoint


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoints"))


@pytest.fixture
def field(tiny_path: Path) -> Checkpoint:
    return load_checkpoint(tiny_path)


@pytest.fixture
def tiny_network(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app finds the tiny network and no other; its user has not closed the tab, though there is no browser."""
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(tiny_path.parent))
    monkeypatch.setattr(resources, "_is_present", lambda session: True)
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()
