import pytest

from gpff_core.chemistry.building import composition_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError


@pytest.mark.parametrize(
    ("smiles", "formula"),
    [
        ("CCO", "C2H6O"),
        (" c1ccccc1 ", "C6H6"),
        ("C#N", "CHN"),
        ("[H][H]", "H2"),
        ("CC(C)=O", "C3H6O"),
        ("C[N+](=O)[O-]", "CH3NO2"),
        ("F/C=C/F", "C2H2F2"),
    ],
)
def test_a_smiles_has_its_formulas_atoms_in_its_formulas_order(smiles: str, formula: str) -> None:
    assert composition_from_smiles(smiles) == parse_formula(formula)


@pytest.mark.parametrize(
    ("smiles", "because"),
    [
        ("", "is empty"),
        ("not a smiles", "not a SMILES"),
        ("C1CC", "not a SMILES"),
        ("C(C)(C)(C)(C)C", "not a SMILES"),
        ("C" * 501, "501 characters"),
        ("C" * 100, "302 atoms"),
        ("CCO.O", "2 separate pieces"),
        ("[NH4+]", "charge of +1"),
        ("CC(=O)[O-]", "charge of -1"),
        ("[CH3]", "unpaired electrons"),
        ("[2H]O[2H]", "isotope"),
        ("[13CH4]", "isotope"),
        ("*C", "wildcard"),
    ],
)
def test_what_cannot_be_generated_is_refused_in_one_sentence(smiles: str, because: str) -> None:
    with pytest.raises(GpffError) as caught:
        composition_from_smiles(smiles)
    message = str(caught.value)
    assert because in message
    assert message.endswith(".")
    assert ". " not in message
    assert "\n" not in message


def test_a_refused_smiles_leaves_nothing_on_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(GpffError):
        composition_from_smiles("C1CC")
    assert capfd.readouterr() == ("", "")
