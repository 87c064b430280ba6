"""Damaged files of every kind are read or refused in a sentence; `python -m tests.fuzz` does it thousands of times."""

import pytest

from tests.fuzz import Target, fuzz, targets
from tests.mutations import mutants

TARGETS = targets()


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_are_read_or_refused_in_a_sentence(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    account = fuzz(TARGETS[name], 200, seed=1)
    assert account.failures == ()
    assert account.n_read + account.n_refused == 200
    assert account.n_refused > 20, "mutants that are all accepted test nothing"
    assert capfd.readouterr() == ("", "")


def test_the_hunt_notices_a_traceback_and_words_that_are_no_sentence() -> None:
    seeds = [b"1 2 3"]

    def fail(data: bytes) -> None:
        raise KeyError(data)

    assert len(fuzz(Target(fail, seeds), 5, seed=0).failures) == 5
    assert fuzz(Target(len, seeds), 5, seed=0).failures == ()
    assert list(mutants(seeds, 5, 0)) == list(mutants(seeds, 5, 0))
