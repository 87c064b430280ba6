"""Is a valid molecule a plausible one? The checks of PoseBusters on a molecule by itself, without a reference.

Buttenschoen, Morris and Deane, Chem. Sci. 15, 3130 (2024): bond lengths and angles within the bounds of distance
geometry, no internal clash, flat aromatic rings and double bonds, rings that should pucker do, and a force-field energy
within reach of an ensemble of conformers. PoseBusters is an optional library; its configuration "mol" is used as it is,
on one thread. The energy check embeds 50 conformers: half a second for most molecules, up to a minute for a cage. Being
a ratio to the ensemble's mean it fails methane and water, whose mean is next to nothing, in their best geometry.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import rdkit
from rdkit import Chem, rdBase

from gpff_core.chemistry.optional import require_installed


@dataclass(frozen=True)
class Plausibility:
    """Names of the checks that were passed, failed, and could not be decided.

    Undecided is the energy of a cage, for example, of which RDKit can embed no conformers.
    """

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    undecided: tuple[str, ...]

    @property
    def plausible(self) -> bool:
        """No check failed."""
        return not self.failed


def require_posebusters() -> None:
    """Refuse early where the optional library is missing; raises GpffError."""
    require_installed("plausibility checks", "posebusters")


def plausibility(molecule: Chem.Mol) -> Plausibility:
    """Run all checks on a molecule with explicit hydrogens and coordinates, as a valid `Verdict` has it."""
    require_posebusters()
    import pandas as pd

    with _rdkit_log_kept():
        outcomes = _checks().bust([molecule]).iloc[0].to_dict()
    named = {name.replace("_", " "): outcome for name, outcome in outcomes.items()}
    undecided = tuple(name for name, outcome in named.items() if pd.isna(outcome))
    passed = tuple(name for name, outcome in named.items() if name not in undecided and outcome)
    failed = tuple(name for name in named if name not in (*passed, *undecided))
    return Plausibility(passed, failed, undecided)


@contextmanager
def _rdkit_log_kept() -> Iterator[None]:
    """PoseBusters sends RDKit's log through Python's and turns all of it on: let it, silently, and put things back."""
    status = dict(line.split(":") for line in rdBase.LogStatus().splitlines())
    rdkit.log_handler.stream = sys.stderr  # it flushes what it left here last time, which may be closed by now
    rdkit.logger.disabled = True
    rdBase.LogToPythonLogger()
    try:
        yield
    finally:
        rdBase.LogToCppStreams()
        rdkit.logger.disabled = False
        for name, state in status.items():
            (rdBase.EnableLog if state == "enabled" else rdBase.DisableLog)(name)


@cache
def _checks() -> Any:
    from posebusters import PoseBusters

    logging.getLogger("posebusters").setLevel(logging.ERROR)  # its warnings are our `undecided`
    checks = PoseBusters("mol")
    modules = [module for module in checks.config["modules"] if "chosen_binary_test_output" in module]  # one is twice
    for module in modules:
        if module["function"] == "energy_ratio":
            module["parameters"]["num_threads"] = 1
    checks.config["modules"] = modules
    return checks
