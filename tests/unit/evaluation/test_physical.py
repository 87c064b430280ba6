"""Summaries of structures with known faults, each share with its denominator."""

import ase.build
import numpy as np
import pytest

from gpff_core.chemistry.energies import NotRelaxed, Relaxation
from gpff_core.chemistry.verdicts import verdict
from gpff_core.evaluation.metrics import Fraction, Quartiles
from gpff_core.evaluation.physical import Examined, Physics, examine, summarise
from gpff_core.evaluation.plausibility import Plausibility
from gpff_core.evaluation.stability import Stability
from gpff_core.molecules import Composition


def examined(name: str, scale: float = 1.0) -> Examined:
    atoms = ase.build.molecule(name)
    positions = (scale * atoms.positions).astype(np.float32)
    composition = Composition(tuple(atoms.numbers.tolist()))
    return examine(composition, positions, verdict(composition.numbers, positions))


def test_real_molecules_are_examined_in_every_way() -> None:
    pytest.importorskip("tblite", reason="tblite has no wheels for this platform")
    good, broken = examined("CH3CH2OH"), examined("CH3CH2OH", scale=2)
    assert good.stability.molecule
    assert good.physics is not None
    assert isinstance(good.physics.relaxation, Relaxation)
    assert str(good).endswith("kcal/mol, plausible")
    assert broken.physics is None
    assert broken.stability.n_stable == 0
    assert str(broken) == "not valid"


def relaxation(energy: float, *, same: bool = True) -> Relaxation:
    return Relaxation(energy, energy / 10, energy / 20, same, 9, np.zeros((1, 3)))


def with_physics(
    relaxed: Relaxation | NotRelaxed, failed: tuple[str, ...] = (), undecided: tuple[str, ...] = ()
) -> Examined:
    passed = tuple({"lengths", "energy"} - {*failed, *undecided})
    return Examined(Stability(4, 5), Physics(relaxed, Plausibility(passed, failed, undecided)))


def test_denominators() -> None:
    """Six structures: five valid, of which one cannot be relaxed, one changes its bonds, and two fail a check."""
    found = summarise(
        [
            with_physics(relaxation(1.0)),
            with_physics(relaxation(2.0), failed=("lengths",)),
            with_physics(relaxation(3.0, same=False), undecided=("energy",)),
            with_physics(relaxation(5.0), failed=("lengths", "energy")),
            with_physics(NotRelaxed("SCF not converged")),
            Examined(Stability(5, 5), None),
        ]
    )
    assert found.valid == Fraction(5, 6)
    assert found.stable_atoms == Fraction(25, 30)
    assert found.stable_molecules == Fraction(1, 6)
    assert found.plausible == Fraction(3, 5)
    assert found.checks == {"lengths": Fraction(3, 5), "energy": Fraction(3, 4)}
    assert found.energy == Quartiles(4, 1.75, 2.5, 3.5)
    assert found.heavy_rmsd.median == pytest.approx(0.125)
    assert found.same_molecule == Fraction(3, 4)
    assert found.not_relaxed == {"SCF not converged": 1}
    assert found.as_dict()["checks"]["energy"]["total"] == 4


def test_nothing_valid_is_no_number() -> None:
    found = summarise([Examined(Stability(0, 3), None)])
    assert found.plausible == Fraction(0, 0)
    assert str(found.energy) == str(found.plausible) == "–"
    assert found.checks == {}
