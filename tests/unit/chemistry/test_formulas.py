from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.chemistry.formulas import (
    MAX_ATOMS,
    closed_shell_problem,
    hill_ordered,
    parse_formula,
    permitted_valences,
    unsaturation,
)
from gpff_core.errors import GpffError


@pytest.mark.parametrize(
    ("written", "formula"),
    [
        ("C7H10O2", "C7H10O2"),
        ("O2H10C7", "C7H10O2"),
        (" C7 H10 O2\n", "C7H10O2"),
        ("C₇H₁₀O₂", "C7H10O2"),
        ("C6H6", "C6H6"),
        ("CH3CH2OH", "C2H6O"),
        ("CH3(CH2)4OH", "C5H12O"),
        ("((CH3)3C)2O", "C8H18O"),
        ("CO", "CO"),
        ("Co", "Co"),
        ("NH3", "H3N"),
        ("H1C1N1", "CHN"),
        ("BrCl", "BrCl"),
    ],
)
def test_a_formula_is_read_however_it_is_written(written: str, formula: str) -> None:
    assert parse_formula(written).formula == formula


def test_atoms_stand_in_hills_order() -> None:
    assert parse_formula("OCH3NH").numbers == (6, 1, 1, 1, 1, 7, 8)
    assert parse_formula("OH2").numbers == (1, 1, 8)


@given(st.dictionaries(st.sampled_from([1, 6, 7, 8, 9, 16, 17, 35, 94]), st.integers(1, 20), min_size=1))
def test_what_is_written_as_a_formula_is_read_back(counts: dict[int, int]) -> None:
    composition = hill_ordered(counts)
    assert Counter(composition.numbers) == counts
    assert parse_formula(composition.formula) == composition


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("C7H10Xx", "Xx in C7H10Xx is not an element"),
        ("J", "not an element"),
        ("D2O", "isotope D"),
        ("T2", "isotope T"),
        ("13CH4", "isotope"),
        ("[13C]H4", "isotope"),
        ("¹³CH4", "isotope"),
        ("NH4+", "charge"),
        ("NH₄⁺", "charge"),
        ("SO4^2-", "charge"),
        ("CO3²⁻", "charge"),
        ("C0H4", "zero times"),
        ("C6(H)0", "zero times"),
        ("C300", "300 atoms"),
        ("C" + "9" * 50, "at most 200"),
        ("((((((CH2)9)9)9)9)9)9", "atoms, and at most"),
        ("C" * 1000, "1000 characters"),
        ("c7h10o2", "'c' at place 1"),
        ("C7H10*2", "'*' at place 6"),
        ("(CH3", "never closes"),
        ("CH3)2", "never opens"),
        ("()", "at least one atom"),
        ("CuSO4·5H2O", "'·' at place 6"),
        ("C\x00H4", "at place 2"),
    ],
)
def test_what_is_no_formula_is_refused_in_one_sentence(written: str, because: str) -> None:
    with pytest.raises(GpffError) as caught:
        parse_formula(written)
    message = str(caught.value)
    assert because in message
    assert message.endswith(".")
    assert ". " not in message
    assert "\n" not in message


def test_the_largest_molecule_is_still_read() -> None:
    assert len(parse_formula(f"H{MAX_ATOMS}")) == MAX_ATOMS
    with pytest.raises(GpffError, match="201 atoms"):
        parse_formula(f"H{MAX_ATOMS + 1}")


@pytest.mark.parametrize(
    ("formula", "rings_and_pi_bonds"),
    [("CH4", 0), ("C6H6", 4), ("C7H10O2", 3), ("C2H3N", 2), ("C10H8", 7), ("H2O", 0), ("C2H6OS", 0), ("C7H11O", 2.5)],
)
def test_unsaturation_counts_rings_and_pi_bonds(formula: str, rings_and_pi_bonds: float) -> None:
    assert unsaturation(parse_formula(formula)) == rings_and_pi_bonds


def test_unsaturation_of_metals_is_refused() -> None:
    with pytest.raises(GpffError, match="Fe has no fixed valence"):
        unsaturation(parse_formula("FeC5H10"))


@pytest.mark.parametrize(
    "formula", ["C7H10O2", "H2", "O2", "N2", "H2O", "CO2", "HCN", "CH4", "He", "SF6", "PCl5", "XeF2", "Fe", "C60"]
)
def test_formulas_of_neutral_molecules_raise_no_warning(formula: str) -> None:
    assert closed_shell_problem(parse_formula(formula)) == ""


@pytest.mark.parametrize(
    ("formula", "because", "instead"),
    [
        ("C7H11O", "odd number of electrons", "try C7H10O or C7H12O."),
        ("CN", "odd number of electrons", "try CHN."),
        ("NO2", "odd number of electrons", "try HNO2."),
        ("CH5", "odd number of electrons", "try CH4."),
        ("C7H20O", "more atoms than can be bound", "try C7H16O."),
        ("C10H30N2", "more atoms than can be bound", "try C10H24N2."),
        ("He2", "more atoms than can be bound", "bound into one molecule, usually too many hydrogens."),
        ("CO", "leaves C with at most 2 of the 4 bonds", "try CH2O."),
        ("C", "leaves C with at most 0 of the 4 bonds", "try CH4."),
        ("CH2", "leaves C with at most 2 of the 4 bonds", "try CH4."),
    ],
)
def test_impossible_formulas_are_explained_and_mended(formula: str, because: str, instead: str) -> None:
    problem = closed_shell_problem(parse_formula(formula))
    assert because in problem
    assert problem.endswith(instead)


@given(st.dictionaries(st.sampled_from([1, 6, 7, 8, 9, 16]), st.integers(1, 12), min_size=1))
def test_suggested_formulas_are_possible_and_differ_in_hydrogens_alone(counts: dict[int, int]) -> None:
    problem = closed_shell_problem(hill_ordered(counts))
    if "; try " not in problem:
        return
    for suggestion in problem.removesuffix(".").split("; try ")[1].split(" or "):
        mended = parse_formula(suggestion)
        assert closed_shell_problem(mended) == ""
        assert {z: n for z, n in Counter(mended.numbers).items() if z != 1} == {
            z: n for z, n in counts.items() if z != 1
        }


def test_valences_are_those_the_verdict_judges_by() -> None:
    assert [permitted_valences(z) for z in (1, 6, 7, 8, 16, 26)] == [(1,), (4,), (3,), (2,), (2, 4, 6), ()]
