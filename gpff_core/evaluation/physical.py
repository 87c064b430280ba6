"""What physics and chemistry say of structures: strain under GFN2-xTB, plausibility, stability by bond lengths."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpff_core.chemistry.energies import NotRelaxed, Relaxation, relax
from gpff_core.chemistry.verdicts import Verdict
from gpff_core.evaluation.metrics import Fraction, Quartiles
from gpff_core.evaluation.plausibility import Plausibility, plausibility
from gpff_core.evaluation.stability import Stability, stability
from gpff_core.molecules import Composition


@dataclass(frozen=True)
class Physics:
    """What only a valid molecule can be asked."""

    relaxation: Relaxation | NotRelaxed
    plausibility: Plausibility


@dataclass(frozen=True)
class Examined:
    """One structure; `physics` is None where it is not a valid molecule."""

    stability: Stability
    physics: Physics | None

    def __str__(self) -> str:
        if self.physics is None:
            return "not valid"
        relaxed, failed = self.physics.relaxation, self.physics.plausibility.failed
        strain = relaxed.reason if isinstance(relaxed, NotRelaxed) else f"{relaxed.energy:.2f} kcal/mol"
        return f"{strain}, {'fails ' + ', '.join(failed) if failed else 'plausible'}"


def examine(composition: Composition, positions: NDArray[np.floating], verdict: Verdict) -> Examined:
    """Judge one structure at `positions` (N, 3) in Å in every way: a second or two, a minute for some cages."""
    physics = None
    if verdict.molecule is not None:
        physics = Physics(relax(composition.numbers, positions), plausibility(verdict.molecule))
    return Examined(stability(composition.numbers, positions), physics)


@dataclass(frozen=True)
class PhysicalSummary:
    """All that was found about structures of one origin.

    Stability is of all structures; `plausible` of the valid ones, and each of `checks` of those for which it could be
    decided; energies (kcal/mol) and distances (Å) are of the valid ones that could be relaxed, and `not_relaxed` counts
    the reasons of the others. `same_molecule`: of those relaxed, the bonds are still the same.
    """

    valid: Fraction
    stable_atoms: Fraction
    stable_molecules: Fraction
    plausible: Fraction
    checks: dict[str, Fraction]
    energy: Quartiles
    rmsd: Quartiles
    heavy_rmsd: Quartiles
    same_molecule: Fraction
    not_relaxed: dict[str, int]
    energies: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        fractions = {name: value.as_dict() for name, value in vars(self).items() if isinstance(value, Fraction)}
        checks = {name: fraction.as_dict() for name, fraction in self.checks.items()}
        return asdict(self) | fractions | {"checks": checks, "energies": [round(energy, 3) for energy in self.energies]}


def summarise(examined: Sequence[Examined]) -> PhysicalSummary:
    physics = [structure.physics for structure in examined if structure.physics is not None]
    relaxed = [p.relaxation for p in physics if isinstance(p.relaxation, Relaxation)]
    stabilities = [structure.stability for structure in examined]
    return PhysicalSummary(
        valid=Fraction(len(physics), len(examined)),
        stable_atoms=Fraction(sum(s.n_stable for s in stabilities), sum(s.n_atoms for s in stabilities)),
        stable_molecules=Fraction.of(s.molecule for s in stabilities),
        plausible=Fraction.of(p.plausibility.plausible for p in physics),
        checks=_checks([p.plausibility for p in physics]),
        energy=Quartiles.of(r.energy for r in relaxed),
        rmsd=Quartiles.of(r.rmsd for r in relaxed),
        heavy_rmsd=Quartiles.of(r.heavy_rmsd for r in relaxed),
        same_molecule=Fraction.of(r.same_molecule for r in relaxed),
        not_relaxed=dict(Counter(p.relaxation.reason for p in physics if isinstance(p.relaxation, NotRelaxed))),
        energies=tuple(r.energy for r in relaxed),
    )


def _checks(found: Sequence[Plausibility]) -> dict[str, Fraction]:
    passed = Counter(name for p in found for name in p.passed)
    decided = passed + Counter(name for p in found for name in p.failed)
    names = dict.fromkeys(name for p in found for name in (*p.passed, *p.failed, *p.undecided))
    return {name: Fraction(passed[name], decided[name]) for name in names}
