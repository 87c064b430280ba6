"""The command line in this process: what it returns and prints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gpff_core.cli import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def summary(self) -> dict[str, Any]:
        """The object that --json prints."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Outcome]


@pytest.fixture
def gpff(capsys: pytest.CaptureFixture[str], trained: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `python -m gpff_core …` here; the small trained checkpoint is known as "small"."""
    monkeypatch.setenv("GPFF_CHECKPOINTS", str(trained.parent))

    def run(*words: str | Path) -> Outcome:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:  # argparse's way out
            code = int(left.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def sample(gpff: Command) -> Command:
    """`sample` with the small checkpoint."""
    return lambda *words: gpff("sample", "--checkpoint", "small", *words)
