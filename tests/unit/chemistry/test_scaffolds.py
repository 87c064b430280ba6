"""Scaffolds cut from real molecules: which atoms, how many hydrogens, and whether a result kept them."""

import ase.build
import numpy as np
import pytest
from rdkit import Chem

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.scaffolds import ATTACHMENT_LENGTH, ScaffoldSource, composition_to_add, loss_of_scaffold
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.molecules import Composition
from gpff_core.scaffold import Scaffold


def source(smiles: str) -> ScaffoldSource:
    return ScaffoldSource(*structure_from_smiles(smiles))


BENZENE, TOLUENE = source("c1ccccc1"), source("Cc1ccccc1")
RING = tuple(range(6))


@pytest.mark.parametrize(
    ("choice", "atoms"),
    [
        ("0,2,4-6", (0, 2, 4, 5, 6)),
        (" 3 , 3-4", (3, 4)),
        ("all", tuple(range(15))),
        ("c1ccccc1", (1, 2, 3, 4, 5, 6)),
        ("[CH3]", (0,)),
        ("[CH3]-[cH0]", (0, 1)),
    ],
)
def test_atoms_are_chosen_by_index_by_smarts_or_all(choice: str, atoms: tuple[int, ...]) -> None:
    assert TOLUENE.select(choice) == atoms


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("", "list of atoms to freeze is empty"),
        ("0,99", "counted from 0 to 14"),
        ("5-3", "counted from 0 to 14"),
        ("1-2-3", "not an index or a range"),
        ("c1ccccc1N", "Nothing in the structure matches"),
        ("c1ccc(", "nor a SMARTS RDKit can read"),
    ],
)
def test_what_names_no_atoms_is_refused(choice: str, sentence: str) -> None:
    with pytest.raises(GpffError, match=sentence):
        TOLUENE.select(choice)


@pytest.mark.parametrize(
    ("smiles", "chosen", "added", "hydrogens"),
    [
        ("c1ccccc1", "c1ccccc1", "C", 8),  # toluene C7H8
        ("c1ccccc1", "c1ccccc1", "N", 7),  # aniline C6H7N
        ("c1ccccc1", "c1ccccc1", "O", 6),  # phenol C6H6O
        ("c1ccccc1", "c1ccccc1", "CNO", 9),  # benzamide has two less, for its C=O
        ("CC(C)=O", "C=O", "C2", 6),  # acetone again
        ("N#CCCCC#N", "C#N", "C3", 6),  # two pieces joined by a chain: glutaronitrile again
        ("c1cn[nH]c1", "c1cnnc1", "C", 6),  # methylpyrazole C4H6N2
    ],
)
def test_hydrogens_saturate_what_a_chemist_would_draw(smiles: str, chosen: str, added: str, hydrogens: int) -> None:
    cut = source(smiles)
    assert cut.hydrogens_to_saturate(cut.select(chosen), parse_formula(added)) == hydrogens


def test_hydrogens_are_not_guessed_where_bond_orders_are_unknown() -> None:
    bare = ScaffoldSource(Composition((6,) * 5), BENZENE.positions[:5])
    assert bare.hydrogens_to_saturate((0, 1), parse_formula("C")) is None


def test_a_scaffold_knows_its_bonds_in_its_own_numbering() -> None:
    ring = TOLUENE.scaffold(TOLUENE.select("c1ccccc1"))
    bonds = {(bond.first, bond.second) for bond in ring.bonds}
    assert bonds == {(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5)}
    assert all(bond.aromatic for bond in ring.bonds)
    assert np.array_equal(ring.positions, TOLUENE.positions[1:7])


def in_order(smiles: str, first: str) -> tuple[Composition, np.ndarray]:
    """A molecule with the atoms that match a SMARTS first, as a scaffold's results have them."""
    whole = source(smiles)
    chosen = whole.select(first)
    order = [*chosen, *(i for i in range(len(whole.composition)) if i not in chosen)]
    return Composition(tuple(whole.composition.numbers[i] for i in order)), whole.positions[order]


@pytest.mark.parametrize("product", ["Cc1ccccc1", "NC(=O)c1ccccc1", "COc1ccccc1", "CC(=O)c1ccccc1", "Oc1ccc(C)cc1"])
def test_substituted_benzenes_keep_the_ring(product: str) -> None:
    numbers, positions = in_order(product, "c1ccccc1")
    assert loss_of_scaffold(BENZENE.scaffold(RING), verdict(numbers.numbers, positions)) == ""


def test_a_ring_that_opens_closes_or_fades_is_lost_for_that_reason() -> None:
    ring = BENZENE.scaffold(RING)
    losses = {}
    for name, product, first in (
        ("cyclohexane", "C1CCCCC1", "C1CCCCC1"),
        ("hexane", "CCCCCC", "CCCCCC"),
        ("a bridge", "C1CC2CC1C2", "[#6]"),
    ):
        numbers, positions = in_order(product, first)
        losses[name] = loss_of_scaffold(ring, verdict(numbers.numbers, positions))
    assert "no longer aromatic" in losses["cyclohexane"]
    assert "is lost" in losses["hexane"]
    assert "is lost" in losses["a bridge"] or "is new" in losses["a bridge"]
    torn = BENZENE.positions.copy()
    torn[11] += 5
    assert loss_of_scaffold(ring, verdict(BENZENE.composition.numbers, torn)) == "not a valid molecule"


@pytest.mark.parametrize(
    ("given", "frozen", "product", "there", "lost"),
    [
        ("CC(C)=O", "C=O", "CCC=O", "C=O", ""),
        ("CC(C)=O", "C=O", "CC(=O)OC", "C=O", ""),
        ("CC(C)=O", "C=O", "CCCO", "C-[OH]", "the double bond between atoms 0 and 1 is single now"),
        ("CC#N", "C#N", "CCC#N", "C#N", ""),
        ("CC#N", "C#N", "CC=N", "C=N", "the triple bond between atoms 0 and 1 is double now"),
        ("CC", "CC", "C=C", "C=C", "the single bond between atoms 0 and 1 is double now"),
        ("C=CC=C", "C=C", "c1ccccc1", "cc", "the double bond between atoms 0 and 1 is aromatic now"),
    ],
)
def test_a_bond_of_another_order_is_not_the_scaffolds(
    given: str, frozen: str, product: str, there: str, lost: str
) -> None:
    scaffold = source(given).scaffold(_match(source(given), frozen))
    whole = source(product)
    chosen = _match(whole, there)
    order = [*chosen, *(i for i in range(len(whole.composition)) if i not in chosen)]
    numbers = [whole.composition.numbers[i] for i in order]
    assert loss_of_scaffold(scaffold, verdict(numbers, whole.positions[order])) == lost


def _match(whole: ScaffoldSource, smarts: str) -> tuple[int, ...]:
    """The first atoms that match, in the order of the SMARTS."""
    return tuple(whole.molecule.GetSubstructMatch(Chem.MolFromSmarts(smarts)))


def test_bare_heavy_atoms_have_bonds_but_no_orders_and_ask_for_no_hydrogens() -> None:
    """A file of ring carbons alone is perceived as if it lacked nothing, as carbon with cumulated double bonds."""
    bare = ScaffoldSource(Composition((6,) * 6), BENZENE.positions[:6])
    numbers, positions = in_order("Cc1ccccc1", "c1ccccc1")
    assert loss_of_scaffold(bare.scaffold(range(6)), verdict(numbers.numbers, positions)) == ""
    assert bare.hydrogens_to_saturate(range(6), parse_formula("C")) is None
    assert bare.advice(range(6), parse_formula("CH8")) == ""


@pytest.mark.parametrize("smiles", ["O=[N+]([O-])c1ccccc1", "[O-][n+]1ccccc1"])
def test_a_ring_beside_charged_atoms_is_known_to_be_aromatic(smiles: str) -> None:
    """A nitro group makes no valid molecule, but the ring beside it is frozen as what it is."""
    whole = source(smiles)
    ring = whole.scaffold(_match(whole, "c1ccccc1" if "[N+]" in smiles else "n1ccccc1"))
    assert all(bond.aromatic for bond in ring.bonds)
    assert whole.select("c1ccccc1" if "[N+]" in smiles else "[n+]1ccccc1")
    assert "could not be perceived" not in whole.advice(range(6), parse_formula("CH3"))


def test_it_is_said_where_bond_orders_are_not_known() -> None:
    radical = ScaffoldSource(Composition(BENZENE.composition.numbers[:-1]), BENZENE.positions[:-1])
    assert radical.advice(RING, parse_formula("CH8")).startswith("The bond orders of the structure could not be")
    assert "could not be perceived" not in radical.advice((1,), parse_formula("CH3")), "a lone atom has none"


def test_it_is_said_where_nothing_can_be_bonded() -> None:
    full = "Every valence of the frozen atoms is taken"
    assert BENZENE.advice(range(12), parse_formula("CH3")).startswith(full)
    assert full not in BENZENE.advice(range(11), parse_formula("CH3"))
    assert full not in BENZENE.advice(range(12), parse_formula("H2")), "nothing but hydrogen is another mistake"


@pytest.mark.parametrize(
    ("chosen", "added", "said"),
    [
        (range(5), "CH10", True),  # saturated: a ring or a chain that is not aromatic
        (range(5), "CH6", False),  # benzene again
        (range(2), "C4H4", False),
        (range(6), "CH8", False),
    ],
)
def test_part_of_an_aromatic_ring_needs_what_closes_it(chosen: range, added: str, said: bool) -> None:
    advice = BENZENE.advice(chosen, parse_formula(added))
    assert ("Part of an aromatic ring is frozen" in advice) == said


def test_what_is_added_is_the_difference_to_the_whole() -> None:
    ring = BENZENE.scaffold(RING)
    assert composition_to_add(ring, parse_formula("C7H7NO")).formula == "CH7NO"
    with pytest.raises(GpffError, match="has more C than C5H12"):
        composition_to_add(ring, parse_formula("C5H12"))
    with pytest.raises(GpffError, match="nothing to generate"):
        composition_to_add(ring, parse_formula("C6"))


def test_the_cloud_of_an_attachment_point_is_outside_the_ring() -> None:
    """A bond length from the atom, on the line from the ring's centre, where benzene has its hydrogen."""
    centre = BENZENE.scaffold(RING, attachment=2).centre
    assert centre is not None
    hydrogen = next(a.GetIdx() for a in BENZENE.molecule.GetAtomWithIdx(2).GetNeighbors() if a.GetAtomicNum() == 1)
    away = np.array(centre) - BENZENE.positions[2]
    outward = BENZENE.positions[hydrogen] - BENZENE.positions[2]
    assert np.linalg.norm(away) == pytest.approx(ATTACHMENT_LENGTH, rel=1e-5)
    assert away @ outward / np.linalg.norm(away) / np.linalg.norm(outward) > 0.999
    with pytest.raises(GpffError, match="Atom 8 is not among the frozen atoms"):
        BENZENE.scaffold(RING, attachment=8)


def test_the_cloud_of_a_linker_is_between_the_nearest_open_ends_of_its_pieces() -> None:
    biphenyl = source("c1ccccc1CCc1ccccc1")
    rings = [atom.GetIdx() for atom in biphenyl.molecule.GetAtoms() if atom.GetIsAromatic()]
    hydrogens = [a.GetIdx() for a in biphenyl.molecule.GetAtoms() if a.GetAtomicNum() == 1]
    on_rings = [h for h in hydrogens if biphenyl.molecule.GetAtomWithIdx(h).GetNeighbors()[0].GetIdx() in rings]
    scaffold = biphenyl.scaffold([*rings, *on_rings])
    assert biphenyl.open_valences([*rings, *on_rings]) == {5: 1, 8: 1}
    assert scaffold.centre == pytest.approx(biphenyl.positions[[5, 8]].mean(0).tolist())
    moved = biphenyl.scaffold([*rings, *(h for h in on_rings if h != on_rings[0])])
    assert moved.centre == scaffold.centre, "an open end that is farther from the other piece does not count"
    assert biphenyl.scaffold(rings[:6]).centre is None, "one piece starts from its centroid"
    closed = source("c1ccccc1")
    assert closed.scaffold(range(12)).centre is None


def test_impossible_scaffolds_are_refused() -> None:
    water = ase.build.molecule("H2O")
    numbers, positions = Composition(tuple(water.numbers.tolist())), water.positions.astype(np.float32)
    with pytest.raises(GpffError, match=r"Atoms 0 and 1 .* only 0\.10 Å apart"):
        Scaffold(Composition((6, 6)), np.array([[0, 0, 0], [0, 0, 0.1]], dtype=np.float32))
    near = np.array([[0, 0, 0], [0, 0, 0.8], [0, 3, 0], [0, 3, 0.7]], dtype=np.float32)
    assert len(Scaffold(Composition((6, 1, 1, 1)), near)) == 4, "so near only hydrogen comes"
    with pytest.raises(GpffError, match=r"Atoms 0 and 1 .* only 0\.80 Å apart"):
        Scaffold(Composition((6, 7, 1, 1)), near)
    with pytest.raises(GpffError, match="not 3 finite points"):
        Scaffold(numbers, positions * np.float32(np.nan))
    with pytest.raises(GpffError, match=r"stiffness is -1\.0"):
        Scaffold(numbers, positions, stiffness=-1.0)
