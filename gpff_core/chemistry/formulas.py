"""Molecular formulas: reading them, and saying which of them a neutral closed-shell molecule can have.

A formula is turned into atoms in Hill's order (carbon, hydrogen, then the rest by letter), so the same formula written
in any way gives the same atoms in the same order, and with a seed the same molecule.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from rdkit import Chem

from gpff_core.composition import Composition
from gpff_core.elements import SYMBOLS, symbol_of
from gpff_core.errors import GpffError

MAX_ATOMS: Final = 200
"""The largest molecule that is accepted: beyond it a typing error is likelier than a wish."""

MAX_FORMULA_LENGTH: Final = 200
"""The longest formula that is read, in characters."""

HYDROGEN: Final = 1
CARBON: Final = 6

_EXAMPLE: Final = "C7H10O2"
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ISOTOPE_MARKS: Final = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹[]")
_CHARGE_MARKS: Final = frozenset("+-−–⁺⁻^")
_TOKEN: Final = re.compile(r"\(|(?:(?P<symbol>[A-Z][a-z]?)|\))(?P<count>[0-9]*)")


def parse_formula(text: str) -> Composition:
    """Read "C7H10O2", "C₆H₆" or "CH3(CH2)4OH" as atoms in Hill's order; spaces are ignored.

    Raises GpffError for anything that is not the formula of one neutral molecule of ordinary isotopes.
    """
    compact = "".join(text.split()).translate(_SUBSCRIPTS)
    _refuse_what_a_formula_cannot_say(compact)
    counts = _element_counts(compact)
    n_atoms = sum(counts.values())
    if n_atoms > MAX_ATOMS:
        raise GpffError(f"{compact} has {n_atoms} atoms, and at most {MAX_ATOMS} are allowed; try a smaller molecule.")
    return hill_ordered(counts)


def hill_ordered(counts: Mapping[int, int]) -> Composition:
    """The atoms of {atomic number: how many} in Hill's order."""
    first = [CARBON, HYDROGEN] if counts.get(CARBON) else []
    rest = sorted(set(counts) - set(first), key=symbol_of)
    return Composition(tuple(number for number in first + rest for _ in range(counts.get(number, 0))))


def _refuse_what_a_formula_cannot_say(formula: str) -> None:
    if not formula:
        raise GpffError(f"The formula is empty; try one such as {_EXAMPLE}.")
    if len(formula) > MAX_FORMULA_LENGTH:
        raise GpffError(
            f"The formula is {len(formula)} characters long, and at most {MAX_FORMULA_LENGTH} are read; "
            f"try one such as {_EXAMPLE}."
        )
    if _CHARGE_MARKS & set(formula):
        raise GpffError(
            f"{formula} carries a charge or a bond sign, and only neutral formulas without signs can be generated; "
            f"try one such as {_EXAMPLE}."
        )
    if formula[0].isdigit() or _ISOTOPE_MARKS & set(formula):
        raise GpffError(
            f"{formula} names an isotope or a multiple, and only single molecules of ordinary isotopes can be "
            "generated; write the symbols alone, as in CH4."
        )


def _element_counts(formula: str) -> Counter[int]:
    """How many atoms of each atomic number; a parenthesis opens a count that is multiplied when it closes."""
    groups: list[Counter[int]] = [Counter()]
    place = 0
    while place < len(formula):
        token = _TOKEN.match(formula, place)
        if token is None:
            raise GpffError(
                f"{formula[place]!r} at place {place + 1} of {formula} cannot be read; a formula is symbols that begin "
                f"with a capital letter, each followed by its number of atoms, such as {_EXAMPLE}."
            )
        place = token.end()
        if token[0] == "(":
            groups.append(Counter())
        elif token["symbol"]:
            groups[-1][_atomic_number(formula, token["symbol"])] += _factor(formula, token["count"])
        elif len(groups) == 1:
            raise GpffError(f"{formula} closes a parenthesis that it never opens; check the parentheses.")
        else:
            factor = _factor(formula, token["count"])
            for number, count in groups.pop().items():
                groups[-1][number] += count * factor
    if len(groups) > 1:
        raise GpffError(f"{formula} opens a parenthesis that it never closes; check the parentheses.")
    return groups[0]


def _factor(formula: str, written: str) -> int:
    factor = int(written or 1)
    if factor == 0:
        raise GpffError(f"{formula} counts an element or a group zero times; leave it out or write how many there are.")
    return factor


def _atomic_number(formula: str, symbol: str) -> int:
    if symbol in ("D", "T"):
        raise GpffError(f"{formula} names hydrogen's isotope {symbol}, which cannot be generated; write H instead.")
    if symbol not in SYMBOLS:
        raise GpffError(
            f"{symbol} in {formula} is not an element this program knows; check the symbol, or try a formula such as "
            f"{_EXAMPLE}."
        )
    return SYMBOLS.index(symbol) + 1


def permitted_valences(number: int) -> tuple[int, ...]:
    """The valences RDKit lets a neutral atom have, lowest first; empty where it allows any (most metals)."""
    valences = tuple(Chem.GetPeriodicTable().GetValenceList(number))
    return () if -1 in valences else valences


def unsaturation(composition: Composition) -> float:
    """Rings plus π bonds, 1 + Σ(v − 2)/2 over the atoms' lowest valences v; a half where electrons are unpaired.

    Raises GpffError where an element has no definite valence.
    """
    total = 1.0
    for number, count in Counter(composition.numbers).items():
        valences = permitted_valences(number)
        if not valences:
            raise GpffError(
                f"{composition.formula} has no definite degree of unsaturation because {symbol_of(number)} has "
                "no fixed valence; try a formula without metals."
            )
        total += count * (valences[0] - 2) / 2
    return total


def closed_shell_problem(composition: Composition) -> str:
    """Why no neutral closed-shell molecule can have this formula, with the nearest that can; "" where one can.

    Beside the parity of the electrons these are Senior's conditions for a connected graph with given degrees
    (J. K. Senior, Am. J. Math. 73, 663, 1951).
    """
    problem = _why_impossible(composition)
    if not problem:
        return ""
    nearest = _nearest_possible(composition)
    return f"{problem}; try {' or '.join(nearest)}." if nearest else f"{problem}."


def _why_impossible(composition: Composition) -> str:
    formula = composition.formula
    if sum(composition.numbers) % 2:
        return f"{formula} has an odd number of electrons, so no neutral closed-shell molecule can have it"
    valences = [permitted_valences(number) for number in composition.numbers]
    if not all(valences):
        return ""
    if sum(max(allowed) for allowed in valences) < 2 * (len(composition) - 1):
        return f"{formula} has more atoms than can be bound into one molecule, usually too many hydrogens"
    place, most = max(enumerate(min(allowed) for allowed in valences), key=lambda item: item[1])
    offered = sum(max(allowed) for other, allowed in enumerate(valences) if other != place)
    if most > offered:
        symbol = composition.symbols[place]
        return f"{formula} leaves {symbol} with at most {offered} of the {most} bonds it needs without a charge"
    return ""


def _nearest_possible(composition: Composition) -> list[str]:
    """The formulas with fewest hydrogens less and fewest more that a neutral closed-shell molecule can have."""
    counts = Counter(composition.numbers)
    hydrogens = counts[HYDROGEN]
    fewer = range(hydrogens - 1, -1, -1)
    more = range(hydrogens + 1, hydrogens + max(max(permitted_valences(z), default=0) for z in counts) + 1)
    found = []
    for candidates in (fewer, more):
        for count in candidates:
            changed = +Counter({**counts, HYDROGEN: count})
            if changed and not _why_impossible(candidate := hill_ordered(changed)):
                found.append(candidate.formula)
                break
    return found
