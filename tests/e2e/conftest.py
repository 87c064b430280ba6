"""Fixtures of the tests in a real browser."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import REPOSITORY, Serve, served, served_app

expect.set_options(timeout=30_000)  # a busy machine may be slow; what is expected still has to come


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serve a script as the app is served: beside the repository's static files and settings."""
    with ExitStack() as stack:

        def start(script: Path, **environment: str) -> str:
            folder = tmp_path_factory.mktemp("app")
            for name in ("static", "pages", ".streamlit"):
                shutil.copytree(REPOSITORY / name, folder / name)
            return stack.enter_context(served(Path(shutil.copy(script, folder)), **environment))

        yield start


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app itself, with a data folder of its own; a module that looks at less has its own `url`."""
    with served_app(REPOSITORY, GPFF_DATA_FOLDER=str(tmp_path_factory.mktemp("data"))) as url:
        yield url
