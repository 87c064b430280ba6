"""`info`: what it says of samplers, and to a reader who leaves early."""

import json
import re
import subprocess
import sys

from gpff_core.recipe import Recipe
from tests.unit.cli.conftest import Command


def test_defaults_are_told_for_every_number_of_calls_and_for_frozen_atoms(gpff: Command) -> None:
    """What is said between two numbers holds at both ends."""
    found = json.loads(gpff("info", "samplers", "--json").out)
    said = found["direct"]["settings"]["stochastic_lambda"].partition("(default ")[2].removesuffix(")")
    for frozen, text in zip((False, True), said.split("; where atoms are frozen "), strict=True):
        first = 1
        for value, most in re.findall(r"([\d.]+) Å (?:up to (\d+) calls|with more)", text):
            last = int(most) if most else 256
            for steps in (first, last):
                assert Recipe("direct", steps, frozen=frozen).value_of("stochastic_lambda") == float(value)
            first = last + 1
        assert first == 257
    assert "frozen" not in found["heun"]["settings"]["churn"]
    assert found["ancestral"]["settings"]["polish"].endswith("(default 0.0 Å up to 16 calls, 0.05 Å with more)")
    assert found["ancestral"]["settings"]["guidance"].endswith("(default 0.0)")


def test_a_reader_who_leaves_early_sees_no_traceback() -> None:
    """`info samplers | head -1`: nobody reads on, which is no reason to complain."""
    command = [sys.executable, "-m", "gpff_core", "info", "samplers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
