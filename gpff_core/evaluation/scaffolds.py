"""Is a frozen scaffold still there in a valid molecule? A fixed set of cases, named by what the chemist would draw."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.scaffolds import ScaffoldSource, composition_to_add
from gpff_core.evaluation.metrics import Fraction
from gpff_core.generation import GenerationRequest, generate, samples_of
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import Recipe


@dataclass(frozen=True)
class ScaffoldCase:
    """Freeze the atoms of `source` (SMILES) that match a SMARTS, and generate the rest of `formula`.

    The rest starts at the first atom that matches `attach`, if there is one.
    """

    name: str
    source: str
    frozen: str
    formula: str
    attach: str = ""


BENZENE: Final = "c1ccccc1"

CASES: Final = (
    ScaffoldCase("benzamide", BENZENE, BENZENE, "C7H7NO"),
    ScaffoldCase("acetophenone", BENZENE, BENZENE, "C8H8O"),
    ScaffoldCase("cresol, anisole", BENZENE, BENZENE, "C7H8O"),
    ScaffoldCase("aniline", BENZENE, BENZENE, "C6H7N"),
    ScaffoldCase("toluene", BENZENE, BENZENE, "C7H8"),
    ScaffoldCase("pyrazole", "c1cn[nH]c1", "c1cnnc1", "C3H4N2"),
    ScaffoldCase("3-aminopyridine", "c1ccncc1", "c1ccncc1", "C5H6N2"),
    ScaffoldCase("linker between two nitriles", "N#CCCCC#N", "C#N", "C5H6N2"),
    ScaffoldCase("grown from a carbonyl", "CC(C)=O", "C=O", "C6H10O"),
    ScaffoldCase("grown from one atom of phenyl", "Cc1ccccc1", "[c,$([#1]c)]", "C9H12", attach="[cH0]"),
)
"""The first five freeze the six carbons of benzene. Cresol and anisole are one formula, and so one case."""


COUNTED: Final = ("valid", "kept", "at_once")
"""The fractions of a `ScaffoldPoint`."""


@dataclass(frozen=True)
class ScaffoldPoint:
    """What became of a case: how many are valid, and how many of these kept the scaffold.

    `at_once` kept it without any reheating.
    """

    case: ScaffoldCase
    valid: Fraction
    kept: Fraction
    at_once: Fraction
    distinct: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {name: getattr(self, name).as_dict() for name in COUNTED}


def measure_scaffolds(field: Checkpoint, recipe: Recipe, n: int) -> Iterator[ScaffoldPoint]:
    """Run every case `n` times."""
    for case in CASES:
        source = ScaffoldSource(*structure_from_smiles(case.source))
        attachment = source.select(case.attach)[0] if case.attach else None
        scaffold = source.scaffold(source.select(case.frozen), attachment=attachment)
        whole = scaffold.grown_by(composition_to_add(scaffold, parse_formula(case.formula)))
        request = GenerationRequest.of(recipe, [whole] * n, scaffold=scaffold)
        samples = samples_of(generate(field, request))
        kept = [sample for sample in samples if sample.scaffold == "kept"]
        yield ScaffoldPoint(
            case,
            Fraction(sum(sample.verdict.valid for sample in samples), n),
            Fraction(len(kept), n),
            Fraction(sum(sample.n_evaluations <= recipe.n_calls for sample in kept), n),
            tuple(sorted({sample.verdict.smiles for sample in kept})),
        )
