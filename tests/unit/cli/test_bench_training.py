"""`bench training`: the learning curve of runs' logs."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Command

LOG = Path(__file__).parents[3] / "docs" / "benchmarks" / "training-log-1.jsonl"


def test_the_table_holds_every_sampled_validity_of_the_log(gpff: Command, tmp_path: Path) -> None:
    assert gpff("bench", "training", "--run-log", LOG, "--docs", tmp_path).code == 0
    page = (tmp_path / "benchmarks.md").read_text()
    measured = [line for line in map(json.loads, LOG.read_text().splitlines()) if "validity" in line]
    assert len(measured) >= 3
    for line in measured:
        valid = f"{100 * line['validity']:.1f} % of {line['n_samples']}"
        assert f"| 1 | {line['elapsed'] / 60:.0f} | {line['step']} | {valid} |" in page


def test_minutes_go_on_where_a_run_began_with_the_weights_of_another(gpff: Command, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    loss = {"step": 50, "elapsed": 300.0, "loss": 0.5}
    quality = {"step": 100, "elapsed": 600.0, "validity": 0.9, "n_samples": 100}
    first.write_text("".join(json.dumps(line) + "\n" for line in (loss, quality, {"step": 120, "elapsed": 720.0})))
    second.write_text("".join(json.dumps(line) + "\n" for line in (loss, quality)))
    assert gpff("bench", "training", "--run-log", first, "--run-log", second, "--docs", tmp_path).code == 0
    page = (tmp_path / "benchmarks.md").read_text()
    assert f"--run-log {first} --run-log {second}`" in page
    assert "| 1 | 10 | 100 | 90.0 % of 100 |\n| 2 | 22 | 100 | 90.0 % of 100 |" in page


def test_without_a_log_it_says_which_one_it_needs(gpff: Command, tmp_path: Path) -> None:
    for words in ((), ("--run-log", LOG, "--run-log", tmp_path / "gone.jsonl")):
        outcome = gpff("bench", "training", *words, "--docs", tmp_path)
        assert outcome.code == 2
        assert "--run-log" in outcome.err
