"""Runs that are stopped or killed keep what was finished, and continue to the very same result."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ase.io
import pytest

from gpff_core.errors import GpffError
from gpff_core.generation import BatchFinished
from tests.unit.cli.conftest import Command

SLOW = ("--formula", "CH4", "--formula", "H2O", "-n", "6", "--steps", "120", "--batch-size", "3", "--seed", "5")


def lines_of(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.is_file() else 0


def killed_while_running(words: tuple[str, ...], journal: Path) -> int:
    """A process of its own, killed once its journal holds a batch; its return code."""
    process = subprocess.Popen([sys.executable, "-m", "gpff_core", *words])
    deadline = time.monotonic() + 60
    while lines_of(journal) < 4 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    return process.wait(timeout=60)


def test_a_killed_run_resumes_to_the_same_file(gpff: Command, trained: Path, tmp_path: Path) -> None:
    words = ("sample", "--checkpoint", str(trained), *SLOW)
    whole, cut = tmp_path / "whole.extxyz", tmp_path / "cut.extxyz"
    journal = tmp_path / "cut.extxyz.partial.jsonl"
    assert gpff(*words, "--out", whole).code == 0
    assert killed_while_running((*words, "--out", str(cut)), journal) == -signal.SIGKILL
    assert 3 <= lines_of(journal) - 1 < 12
    assert not cut.exists()
    assert gpff(*words, "--out", cut, "--resume").code == 0
    assert cut.read_bytes() == whole.read_bytes()
    assert not journal.exists()


def test_ctrl_c_keeps_what_is_finished(
    sample: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: Path
) -> None:
    """The signal itself, in the middle of a batch."""
    whole, cut = tmp_path / "whole.extxyz", tmp_path / "cut.extxyz"
    sample(*SLOW, "--out", whole)
    with monkeypatch.context() as patch:
        interrupt(patch, after=2, problem=None)
        stopped = sample(*SLOW, "--out", cut, "--json")
    assert stopped.code == 1
    assert stopped.summary["finished"] == len(ase.io.read(cut, index=":")) == 6
    assert stopped.summary["requested"] == 12
    assert "stopped after 6 of 12; the same command with --resume makes the rest." in stopped.err
    assert sample(*SLOW, "--out", cut, "--resume").code == 0
    assert cut.read_bytes() == whole.read_bytes()


@pytest.fixture
def half_done(sample: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The output of a run that Ctrl-C stopped after its second batch of three."""
    interrupt(monkeypatch, after=2, problem=None)
    outcome = sample(*SLOW[:-8], "-n", "5", "--steps", "4", "--batch-size", "3", "--out", tmp_path / "a.extxyz")
    assert outcome.code == 1
    monkeypatch.undo()
    return tmp_path / "a.extxyz"


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int, problem: Exception | None) -> None:
    """Let the run end with `problem`, or else with Ctrl-C, when it has finished so many batches."""
    from gpff_core.cli import sample as module

    generate = module.generate

    def interrupted(*args: object):  # type: ignore[no-untyped-def]
        finished = 0
        for event in generate(*args):  # type: ignore[arg-type]
            if finished == after and problem is None:
                signal.raise_signal(signal.SIGINT)
            if finished == after and problem is not None:
                raise problem
            yield event
            finished += isinstance(event, BatchFinished)

    monkeypatch.setattr(module, "generate", interrupted)


AGAIN = (*SLOW[:-8], "-n", "5", "--steps", "4", "--batch-size", "3")


def test_a_torn_line_in_the_journal_costs_one_molecule(gpff: Command, trained: Path, half_done: Path) -> None:
    """Killed while writing, resumed, killed again, resumed: nothing may be written behind half a line."""
    journal = half_done.with_name("a.extxyz.partial.jsonl")
    whole = half_done.with_name("whole.extxyz")
    words = ("sample", "--checkpoint", trained, *AGAIN)
    assert gpff(*words, "--out", whole).code == 0
    text = journal.read_text()
    journal.write_text(text[: len(text) - 40])
    with pytest.MonkeyPatch.context() as patch:
        interrupt(patch, after=1, problem=None)
        assert gpff(*words, "--out", half_done, "--resume").code == 1
    assert gpff(*words, "--out", half_done, "--resume").code == 0
    there, here = (ase.io.read(file, index=":") for file in (whole, half_done))
    assert len(here) == 10
    for one, other in zip(there, here, strict=True):
        assert one.positions == pytest.approx(other.positions, abs=1e-4)
        assert (
            one.info["smiles" if one.info["valid"] else "reason"]
            == other.info["smiles" if one.info["valid"] else "reason"]
        )


@pytest.mark.parametrize("change", [("--seed", "6"), ("--steps", "5"), ("--sigma", "2"), ("-n", "4")])
def test_another_run_cannot_be_resumed(gpff: Command, trained: Path, half_done: Path, change: tuple[str, ...]) -> None:
    outcome = gpff("sample", "--checkpoint", trained, *AGAIN, *change, "--out", half_done, "--resume")
    assert outcome.code == 2
    assert "belongs to a run with other settings" in outcome.err


def test_a_damaged_journal_is_refused(gpff: Command, trained: Path, half_done: Path) -> None:
    half_done.with_name("a.extxyz.partial.jsonl").write_text("rubbish\n{")
    outcome = gpff("sample", "--checkpoint", trained, *AGAIN, "--out", half_done, "--resume")
    assert outcome.code == 2
    assert "belongs to a run with other settings" in outcome.err


def test_what_a_run_left_is_not_thrown_away_by_the_next(gpff: Command, trained: Path, half_done: Path) -> None:
    journal = half_done.with_name("a.extxyz.partial.jsonl")
    before = journal.read_text()
    outcome = gpff("sample", "--checkpoint", trained, *AGAIN, "--out", half_done)
    assert (outcome.code, journal.read_text()) == (2, before)
    assert f"{journal} holds 6 molecules of a run that was cut short; add --resume" in outcome.err
    journal.unlink()
    assert gpff("sample", "--checkpoint", trained, *AGAIN, "--out", half_done).code == 0


def test_a_run_that_fails_keeps_what_was_finished(
    sample: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, after=2, problem=GpffError("The disk of the cluster went away."))
    outcome = sample(*AGAIN, "--out", tmp_path / "a.extxyz")
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1] == "gpff_core: The disk of the cluster went away."
    assert len(ase.io.read(tmp_path / "a.extxyz", index=":")) == 6


def test_ctrl_c_while_loading_is_no_traceback(gpff: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gpff_core.cli.sample.prepare", interrupted)
    outcome = gpff("sample", "--formula", "CH4")
    assert outcome.code == 1
    assert outcome.err == "gpff_core: stopped.\n"


def test_the_module_is_the_command(trained: Path) -> None:
    """`python -m gpff_core` as typed, exit code and all."""
    environment = {**os.environ, "GPFF_CHECKPOINTS": str(trained.parent)}
    command = [sys.executable, "-m", "gpff_core", "sample", "--formula", "CH4", "--steps", "0"]
    outcome = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("gpff_core: 0 steps were asked for")
    assert outcome.stdout == ""
