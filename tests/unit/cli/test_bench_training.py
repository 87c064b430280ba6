"""`bench training`: the learning curve of a run's log."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Command

LOG = Path(__file__).parents[3] / "docs" / "benchmarks" / "training-log.jsonl"


def test_the_table_holds_every_sampled_validity_of_the_log(gpff: Command, tmp_path: Path) -> None:
    assert gpff("bench", "training", "--run-log", LOG, "--docs", tmp_path).code == 0
    page = (tmp_path / "benchmarks.md").read_text()
    measured = [line for line in map(json.loads, LOG.read_text().splitlines()) if "validity" in line]
    assert len(measured) >= 3
    for line in measured:
        assert (
            f"| {line['elapsed'] / 60:.0f} | {line['step']} | {100 * line['validity']:.1f} % of {line['n_samples']} |"
        ) in page


def test_without_a_log_it_says_which_one_it_needs(gpff: Command, tmp_path: Path) -> None:
    outcome = gpff("bench", "training", "--docs", tmp_path)
    assert outcome.code == 2
    assert "--run-log" in outcome.err
