"""The options that say what of a molecule is given, and what is to be grown on it."""

import argparse
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gpff_core.chemistry.formulas import HYDROGEN, MAX_ATOMS, hill_ordered, parse_formula
from gpff_core.chemistry.scaffolds import ScaffoldSource, composition_to_add
from gpff_core.errors import GpffError
from gpff_core.formats.reading import read_structures
from gpff_core.molecules import Composition
from gpff_core.scaffold import Scaffold

SATURATE = "saturate"
DETAILS = ("freeze", "add", "hydrogens", "attach", "stiffness")
"""Options that mean something beside --scaffold only."""


def add_scaffold(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("scaffold (with --formula for the whole molecule, or --add for what is grown)")
    what.add_argument("--scaffold", type=Path, metavar="FILE", help="a structure whose first molecule is cut from")
    what.add_argument("--freeze", metavar="INDICES|SMARTS|all", help="atoms that stay, from 0 as in 0,1,4-7")
    what.add_argument("--add", metavar="F", help="what comes on top of the frozen atoms, for example CH3")
    what.add_argument(
        "--hydrogens",
        metavar=f"N|{SATURATE}",
        help=f"hydrogens to add beside --add; {SATURATE}: as many as leave nothing that is added unsaturated",
    )
    what.add_argument("--attach", type=int, metavar="INDEX", help="frozen atom at which the cloud of the others starts")
    what.add_argument(
        "--stiffness", type=float, metavar="K", help="hold by springs of this stiffness instead of freezing (1 is soft)"
    )


@dataclass(frozen=True)
class ScaffoldTask:
    """A scaffold, one whole molecule to grow on it, and what a chemist should be told about its hydrogens."""

    scaffold: Scaffold
    composition: Composition
    advice: str


def scaffold_of(args: argparse.Namespace) -> ScaffoldTask | None:
    """The checked scaffold of parsed arguments, None if none is asked for."""
    if args.scaffold is None:
        for name in DETAILS:
            if getattr(args, name) is not None:
                raise GpffError(f"--{name} belongs to a scaffold, and none was given; add --scaffold FILE.")
        return None
    if args.freeze is None:
        raise GpffError("--scaffold needs the atoms that stay; add --freeze with indices from 0, a SMARTS, or all.")
    source = ScaffoldSource(*next(read_structures(args.scaffold)))
    chosen = source.select(args.freeze)
    scaffold = source.scaffold(chosen, math.inf if args.stiffness is None else args.stiffness, args.attach)
    added = _added(args, source, chosen, scaffold)
    whole = scaffold.grown_by(added)
    if len(whole) > MAX_ATOMS:
        raise GpffError(
            f"Scaffold and added atoms are {len(whole)} atoms, and at most {MAX_ATOMS} are allowed; add fewer."
        )
    advice = source.advice(chosen, added)
    wanted = source.hydrogens_to_saturate(chosen, added) or 0
    if advice and args.add and args.hydrogens is None and added.numbers.count(HYDROGEN) < wanted:
        advice += f" With --hydrogens {SATURATE} they are added."
    return ScaffoldTask(scaffold, whole, advice)


def _added(
    args: argparse.Namespace, source: ScaffoldSource, chosen: tuple[int, ...], scaffold: Scaffold
) -> Composition:
    formulas = args.formula or []
    if (args.add is None) == (len(formulas) != 1):
        raise GpffError("A scaffold needs either one --formula, of the whole molecule, or --add, of what comes on top.")
    if args.add is None:
        if args.hydrogens is not None:
            raise GpffError("--hydrogens belongs to --add; --formula already says how many the molecule has.")
        return composition_to_add(scaffold, parse_formula(formulas[0]))
    added = parse_formula(args.add)
    if args.hydrogens is None:
        return added
    n_hydrogens = _hydrogens(args.hydrogens, source, chosen, added)
    return hill_ordered(Counter(added.numbers) + Counter({HYDROGEN: n_hydrogens}))


def _hydrogens(text: str, source: ScaffoldSource, chosen: tuple[int, ...], added: Composition) -> int:
    if text.isdecimal() and len(text) <= 9 and int(text) <= MAX_ATOMS:
        return int(text)
    if text != SATURATE:
        raise GpffError(f"--hydrogens is {text[:40]!r}; give a number up to {MAX_ATOMS}, or {SATURATE}.")
    wanted = source.hydrogens_to_saturate(chosen, added)
    if wanted is None:
        raise GpffError(
            "How many hydrogens saturate the scaffold cannot be told, because its file does not hold one valid "
            "molecule; give their number by --hydrogens."
        )
    return max(0, wanted - added.numbers.count(HYDROGEN))
