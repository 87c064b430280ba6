"""`info`: what it says of samplers, and to a reader who leaves early."""

import json
import subprocess
import sys

from gpff_core.recipe import Recipe
from tests.unit.cli.conftest import Command


def test_a_setting_that_is_best_otherwise_with_frozen_atoms_says_so(gpff: Command) -> None:
    found = json.loads(gpff("info", "samplers", "--json").out)
    free, frozen = (Recipe("direct", frozen=frozen).value_of("stochastic_lambda") for frozen in (False, True))
    assert free != frozen
    assert f"(default {free} Å, where atoms are frozen {frozen} Å)" in found["direct"]["settings"]["stochastic_lambda"]
    assert "frozen" not in found["heun"]["settings"]["churn"]


def test_a_reader_who_leaves_early_sees_no_traceback() -> None:
    """`info samplers | head -1`: nobody reads on, which is no reason to complain."""
    command = [sys.executable, "-m", "gpff_core", "info", "samplers"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1
