"""Molecular crystals: molecules are cut by a cell's faces and multiplied by its symmetry, and come back whole."""

from pathlib import Path

import ase.build
import numpy as np
import pytest
from ase import Atoms
from ase.geometry import cellpar_to_cell
from scipy.spatial.distance import pdist
from scipy.spatial.transform import Rotation

from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError
from gpff_core.formats.reading import read_structures
from gpff_core.formats.structures import Structure

FILES = Path(__file__).parents[2] / "data" / "files"

P21C = ("x,y,z", "-x,1/2+y,1/2-z", "-x,-y,-z", "x,1/2-y,1/2+z")
CELL = (11.2, 12.3, 13.1, 90.0, 103.5, 90.0)
HEADER = """data_test
_cell_length_a {0}(2)
_cell_length_b {1}(3)
_cell_length_c {2}
_cell_angle_alpha {3}
_cell_angle_beta {4}(1)
_cell_angle_gamma {5}
"""
SITES = "loop_\n_atom_site_label\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"


def cif(molecules: list[Atoms], operations: tuple[str, ...] = P21C, cell: tuple[float, ...] = CELL) -> str:
    """A crystal whose asymmetric unit is these molecules, every atom brought into the cell on its own."""
    loop = "loop_\n_symmetry_equiv_pos_as_xyz\n" + "".join(f"'{operation}'\n" for operation in operations)
    inverse = np.linalg.inv(cellpar_to_cell(cell))
    lines = [
        f"{symbol}{index}' {symbol} {u:.6f}(3) {v:.6f} {w:.6f}\n"
        for atoms in molecules
        for index, (symbol, (u, v, w)) in enumerate(zip(atoms.symbols, atoms.positions @ inverse % 1.0, strict=True))
    ]
    return HEADER.format(*cell) + loop + SITES + "".join(lines)


def placed(name: str, centre: tuple[float, float, float], seed: int = 0) -> Atoms:
    atoms = ase.build.molecule(name)
    turned = Rotation.random(random_state=seed).apply(atoms.positions - atoms.positions.mean(0))
    atoms.positions = turned + np.array(centre) @ cellpar_to_cell(CELL)
    return atoms


def read(text: str, folder: Path) -> list[Structure]:
    path = folder / "crystal.cif"
    path.write_text(text)
    return list(read_structures(path))


def assert_same_molecule(found: Structure, atoms: Atoms) -> None:
    """The same atoms in the same order at the same distances."""
    assert found.composition.numbers == tuple(atoms.numbers)
    np.testing.assert_allclose(pdist(found.positions), pdist(atoms.positions), atol=1e-4)


@pytest.mark.parametrize("name", ["C5H5N", "CH3CH2OH", "CH3CONH2", "C6H6", "bicyclobutane"])
def test_a_molecule_cut_by_the_faces_of_its_cell_comes_back_whole_and_once(name: str, tmp_path: Path) -> None:
    atoms = placed(name, (0.02, 0.24, 0.99))
    (found,) = read(cif([atoms]), tmp_path)
    assert_same_molecule(found, atoms)


def test_two_molecules_of_the_asymmetric_unit_are_both_there(tmp_path: Path) -> None:
    pair = [placed("C5H5N", (0.2, 0.1, 0.0)), placed("CH3CONH2", (0.75, 0.12, 0.5), seed=3)]
    found = read(cif(pair), tmp_path)
    for one, atoms in zip(found, pair, strict=True):
        assert_same_molecule(one, atoms)


def test_half_a_molecule_is_completed_by_its_inversion_centre(tmp_path: Path) -> None:
    """Benzene about the origin: the file lists three C and three H."""
    whole = placed("C6H6", (0.0, 0.0, 0.0))
    half = whole[[0, 1, 2, 6, 7, 8]]
    (found,) = read(cif([half]), tmp_path)
    assert found.composition.formula == "C6H6"
    assert verdict(found.composition.numbers, found.positions).smiles == "c1ccccc1"


def test_urea_as_a_crystallographic_database_files_it() -> None:
    """On a special position, with uncertainties in parentheses, charges in its symbols and quotes within quotes."""
    (urea,) = read_structures(FILES / "urea.cif")
    assert verdict(urea.composition.numbers, urea.positions).smiles == "NC(N)=O"
    assert urea.composition.symbols == ("C", "O", "N", "N", "H", "H", "H", "H")


def test_a_space_group_named_and_not_listed_is_known(tmp_path: Path) -> None:
    atoms = placed("CH3CH2OH", (0.02, 0.24, 0.99))
    listed = "loop_\n_symmetry_equiv_pos_as_xyz\n" + "".join(f"'{operation}'\n" for operation in P21C)
    (found,) = read(cif([atoms]).replace(listed, "_symmetry_space_group_name_H-M 'P 21/c'\n"), tmp_path)
    assert_same_molecule(found, atoms)


def test_of_a_disordered_group_the_first_alternative_is_taken(tmp_path: Path) -> None:
    atoms = placed("CH3CH2OH", (0.3, 0.2, 0.4))
    other = atoms[[2]]
    other.positions += 0.3
    sites = cif([atoms, other]).split(SITES)
    lines = sites[1].splitlines()
    marked = [f"{line} {'2' if i == len(lines) - 1 else '1' if i == 2 else '.'}\n" for i, line in enumerate(lines)]
    (found,) = read(sites[0] + SITES + "_atom_site_disorder_group\n" + "".join(marked), tmp_path)
    assert_same_molecule(found, atoms)


SALT = HEADER.format(5.64, 5.64, 5.64, 90, 90, 90) + "_symmetry_space_group_name_H-M 'F m -3 m'\n"


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (SALT + SITES + "Na1 Na 0 0 0\nCl1 Cl 0.5 0.5 0.5\n", "bonds run through the whole crystal"),
        (cif([placed("CH4", (0.3, 0.2, 0.4)), placed("CH4", (0.31, 0.2, 0.4))]), "disordered"),
        (cif([placed("CH4", (0.3, 0.2, 0.4))]).replace("-x,-y,-z", "-x,-y,-z,1,1"), "could not be read"),
        (cif([ase.build.molecule("C6H6")] * 100), "lists 1200 atoms"),
        (cif([ase.build.molecule("C6H6")] * 50), "cell holds up to 2400 atoms"),
        ("data_x\nloop_\n_atom_site.id\n_atom_site.Cartn_x\n1 0.0\n", "macromolecular"),
        ("data_x\n_cell_length_a 5\n", "contains no structures"),
    ],
)
def test_what_is_no_crystal_of_molecules_is_refused_in_one_sentence(text: str, because: str, tmp_path: Path) -> None:
    with pytest.raises(GpffError, match=because) as caught:
        read(text, tmp_path)
    assert "\n" not in str(caught.value)
