"""Features with known values, and distances that are small where they should be and large where not."""

import ase.build
import numpy as np
import pytest

from gpff_core.chemistry.verdicts import verdict
from gpff_core.evaluation.distributions import Comparison, Features, compare, features
from tests.unit.chemistry.qm9_molecules import QM9

pytest.importorskip("tblite", reason="tblite has no wheels for this platform")

ENERGY = "atomisation energy per atom (kcal/mol)"


def of(name: str) -> Features:
    atoms = ase.build.molecule(name)
    return features(verdict(atoms.numbers, atoms.positions).molecule)


@pytest.fixture(scope="module")
def data() -> list[Features]:
    """Molecules of QM9 of every size."""
    verdicts = (verdict(m.numbers, m.positions) for m in QM9().every(400))
    return [features(opinion.molecule) for opinion in verdicts if opinion.valid]


def by_quantity(comparisons: list[Comparison]) -> dict[str, Comparison]:
    return {c.quantity: c for c in comparisons}


def test_methane_is_a_tetrahedron() -> None:
    found = of("CH4")
    assert found["bond C-H (Å)"] == pytest.approx([1.09] * 4, abs=0.01)
    assert found["angle at C (°)"] == pytest.approx([np.degrees(np.arccos(-1 / 3))] * 6, abs=0.1)
    assert found["NPR1"] == pytest.approx([1], abs=1e-3)
    assert found[ENERGY] == pytest.approx([101.4], abs=0.5)
    assert set(found) == {"bond C-H (Å)", "angle at C (°)", "NPR1", "NPR2", "radius of gyration (Å)", ENERGY}


def test_a_straight_angle_is_exact() -> None:
    """Where the arccosine of a rounded cosine would be off or undefined."""
    assert of("CO2")["angle at C (°)"] == pytest.approx([180], abs=1e-9)


def test_bonds_are_named_without_regard_to_the_order_of_atoms() -> None:
    molecules = ("CH3CH2OH", "HCN", "NH3")
    names = {name for molecule in molecules for name in of(molecule) if name.startswith("bond")}
    assert names == {"bond C-C (Å)", "bond C-O (Å)", "bond C-H (Å)", "bond O-H (Å)", "bond C-N (Å)", "bond N-H (Å)"}


def test_data_against_itself_is_nothing(data: list[Features]) -> None:
    for found in compare(data, data):
        assert found.distance == 0
        assert 0 < found.band_low < found.band_high
        assert found.n_generated == found.n_data


def test_the_band_holds_other_molecules_of_the_same_distribution(data: list[Features]) -> None:
    """Of a dozen quantities, at 95 % each, hardly more than two fall outside."""
    half, other = data[::2], data[1::2]
    found = compare(half, other)
    assert len(found) >= 10
    assert sum(c.distance > 1.5 * c.band_high for c in found) <= 2


def test_a_stretch_is_its_own_wasserstein_distance(data: list[Features]) -> None:
    """A distribution that is only shifted is at exactly that distance, in the unit of the quantity."""
    shifted = [{**f, "bond C-H (Å)": f["bond C-H (Å)"] + 0.02} if "bond C-H (Å)" in f else f for f in data]
    found = by_quantity(compare(shifted, data))
    assert found["bond C-H (Å)"].distance == pytest.approx(0.02, rel=1e-6)
    assert found["bond C-H (Å)"].distance > 5 * found["bond C-H (Å)"].band_high
    assert found["bond C-H (Å)"].mean_generated - found["bond C-H (Å)"].mean_data == pytest.approx(0.02, rel=1e-6)
    assert found["bond C-C (Å)"].distance == 0


def test_the_band_narrows_as_the_root_of_the_sample_size(data: list[Features]) -> None:
    few, many = (by_quantity(compare(data[:n], data)) for n in (16, 256))
    for quantity in ("NPR1", "radius of gyration (Å)", "angle at C (°)", ENERGY):
        assert few[quantity].band_high / many[quantity].band_high == pytest.approx(4, rel=0.5)


def test_a_molecule_counts_as_one_draw(data: list[Features]) -> None:
    """Ten copies of each molecule's values say no more than one: the band must not shrink."""
    tenfold = [{name: np.repeat(values, 10) for name, values in f.items()} for f in data]
    once, repeated = by_quantity(compare(data[:50], data)), by_quantity(compare(tenfold[:50], tenfold))
    assert repeated["bond C-C (Å)"].band_high == pytest.approx(once["bond C-C (Å)"].band_high, rel=1e-9)


def test_rare_and_missing_quantities_are_left_out(data: list[Features]) -> None:
    """Oxygen bound to oxygen is in hardly any of the data, and nothing but methane's bonds is in methane."""
    rare = [*data, {"bond O-O (Å)": np.array([1.45])}]
    assert "bond O-O (Å)" not in by_quantity(compare(rare, rare))
    compared = [c.quantity for c in compare([of("CH4")], data)]
    assert compared == ["bond C-H (Å)", "angle at C (°)", "NPR1", "NPR2", "radius of gyration (Å)", ENERGY]
    assert compare([], data) == []


def test_the_seed_decides(data: list[Features]) -> None:
    assert compare(data[:30], data, seed=1) == compare(data[:30], data, seed=1)
    assert compare(data[:30], data, seed=1) != compare(data[:30], data, seed=2)
