"""CIF: the whole molecules of a molecular crystal, as ASE reads its tags.

A crystal's file lists an asymmetric unit: atoms that may belong to several molecules and lie on different sides of the
cell. The cell is filled by the symmetry operations, bonds are drawn across its faces, and every molecule is put
together again. Of molecules that symmetry makes equal, the first is given; fractional coordinates are called u.
"""

import re
import warnings
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import ase.io.cif
import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from ase.spacegroup.spacegroup import parse_sitesym
from numpy.typing import NDArray
from rdkit import Chem

from gpff_core.chemistry.verdicts import HEAVY_TOLERANCE, HYDROGEN_TOLERANCE
from gpff_core.distances import CLOSEST_APPROACH
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure, structure

MOST_SITES: Final = 1000
MOST_CELL_ATOMS: Final = 2000
SAME_PLACE: Final = 0.1
"""Å. Images of one site nearer than this are one atom on a symmetry element."""

SITES: Final = "_atom_site_"
PLACES: Final = ("_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z")

MACROMOLECULAR: Final = (b"_atom_site.", b"_chem_comp_atom.")

_WORD: Final = re.compile(rb"""'(?:[^'\n]|'(?=\S))*'(?=\s|$)|"(?:[^"\n]|"(?=\S))*"(?=\s|$)|[^\s'"][^\s]*['"]\S*""")
"""A quoted word of a CIF, in which a quote counts as closing only before a blank; or a bare word with a quote in it."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def read(path: Path) -> Iterator[Structure]:
    """The molecules of every data block of a CIF that has atoms. Networks and disorder without groups are refused."""
    data = path.read_bytes()
    with warnings.catch_warnings():  # ASE's opinions on space groups; the operations are listed or derived below
        warnings.simplefilter("ignore")
        parsed = ase.io.cif.parse_cif(BytesIO(_WORD.sub(_without_inner_quotes, data)))
        found = [molecules(block) for block in parsed if block.has_structure()]
    if not found and any(tag in data for tag in MACROMOLECULAR):
        raise GpffError("it is a macromolecular CIF, and only those of small molecules are read; give a .pdb or .sdf")
    for structures in found:
        yield from structures


def _without_inner_quotes(word: re.Match[bytes]) -> bytes:
    """ASE takes the quote within C1' or 'O'Brien' for one that begins or ends; no such word is a coordinate."""
    text = word[0]
    quoted = len(text) > 1 and text[:1] in (b"'", b'"') and text[-1:] == text[:1]
    inner = text[1:-1] if quoted else text
    inner = inner.replace(b"'", b"*").replace(b'"', b"*")
    return text[:1] + inner + text[-1:] if quoted else inner


def molecules(block: ase.io.cif.CIFBlock) -> list[Structure]:
    """The molecules of a data block that no symmetry operation makes equal, their atoms in the order of the sites."""
    listed = ase.io.cif.CIFBlock(block.name, _ordered_part(block))
    sites = listed.get_unsymmetrized_structure()
    if len(sites) > MOST_SITES:
        raise GpffError(f"it lists {len(sites)} atoms, and at most {MOST_SITES} can be used; give a smaller molecule")
    if sites.cell.rank < 3 or abs(sites.cell.volume) < 1e-3:
        return [structure(sites.numbers, sites.positions)]
    cell, kinds = _filled(sites, *_operations(listed))
    return [_molecule(cell, kinds, members) for members in _distinct(_pieces(cell), kinds)]


def _ordered_part(block: Mapping[str, object]) -> dict[str, object]:
    """The block's tags without the atoms of all alternatives but the first, and without placeholders."""
    tags = dict(block)
    n_sites = max((len(value) for key, value in tags.items() if key in PLACES and isinstance(value, list)), default=0)
    columns = {key: v for key, v in tags.items() if key.startswith(SITES) and isinstance(v, list) and len(v) == n_sites}
    kept = [i for i in range(n_sites) if _is_ordered(columns, i)]
    return {**tags, **{key: [column[i] for i in kept] for key, column in columns.items()}}


def _is_ordered(columns: Mapping[str, Sequence[object]], site: int) -> bool:
    """Groups are numbered from 1, negative about a symmetry element; "." is a site without alternatives.

    Left out are also sites whose place is unknown ("?"), and the dummies that describe rings.
    """
    if any(isinstance(columns[place][site], str) for place in PLACES if place in columns):
        return False
    group = str(columns[f"{SITES}disorder_group"][site]) if f"{SITES}disorder_group" in columns else "."
    calculated = str(columns[f"{SITES}calc_flag"][site]) if f"{SITES}calc_flag" in columns else "."
    return group in (".", "?", "0", "1", "-1") and calculated != "dum"


def _operations(block: ase.io.cif.CIFBlock) -> tuple[Integers, Floats]:
    """Rotations (K, 3, 3) and translations (K, 3) of u: those listed in the file, else those of its space group."""
    listed = next((block[name] for name in OPERATIONS if name in block), None)
    if listed:
        rotations, translations = parse_sitesym([listed] if isinstance(listed, str) else listed)
        return np.asarray(rotations), np.asarray(translations)
    rotations, translations = zip(*block.get_spacegroup(subtrans_included=True).get_symop(), strict=True)
    return np.array(rotations), np.array(translations)


OPERATIONS: Final = (
    "_space_group_symop_operation_xyz",
    "_space_group_symop.operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
)


def _filled(sites: Atoms, rotations: Integers, translations: Floats) -> tuple[Atoms, Integers]:
    """All atoms of the cell, and which site each of them (N,) is an image of."""
    if len(sites) * len(rotations) > MOST_CELL_ATOMS:
        raise GpffError(
            f"its cell holds up to {len(sites) * len(rotations)} atoms, and at most {MOST_CELL_ATOMS} can be used; "
            "give the molecule alone, as SDF or XYZ"
        )
    places, kinds = [], []
    for kind, u in enumerate(sites.get_scaled_positions(wrap=False)):
        images = (rotations @ u + translations) % 1.0
        distinct = _apart(images, sites.cell.array)
        places.append(distinct)
        kinds += [kind] * len(distinct)
    numbers = sites.numbers[kinds]
    return Atoms(numbers, scaled_positions=np.concatenate(places), cell=sites.cell, pbc=True), np.array(kinds)


def _apart(images: Floats, cell: Floats) -> Floats:
    """The images (K, 3) in u that are not in the place of an earlier one."""
    offset = images[:, None] - images
    distance = np.linalg.norm((offset - np.rint(offset)) @ cell, axis=-1)
    earlier = np.tril(distance < SAME_PLACE, -1).any(1)
    distinct: Floats = images[~earlier]
    return distinct


def _pieces(cell: Atoms) -> list[dict[int, Integers]]:
    """Connected atoms, each with the shift in cells that puts it beside its neighbours."""
    neighbours = _bonds(cell)
    pieces: list[dict[int, Integers]] = []
    seen: set[int] = set()
    for start in range(len(cell)):
        if start not in seen:
            pieces.append(_piece(start, neighbours))
            seen |= pieces[-1].keys()
    return pieces


def _piece(start: int, neighbours: Mapping[int, Sequence[tuple[int, Integers]]]) -> dict[int, Integers]:
    shifts = {start: np.zeros(3, dtype=np.int64)}
    queue = deque([start])
    while queue:
        atom = queue.popleft()
        for other, across in neighbours[atom]:
            shift = shifts[atom] + across
            if other not in shifts:
                shifts[other] = shift
                queue.append(other)
            elif (shifts[other] != shift).any():
                raise GpffError(
                    "its bonds run through the whole crystal, as in a salt, a metal or a polymer, and only single "
                    "molecules can be used; give a crystal of molecules"
                )
    return shifts


def _bonds(cell: Atoms) -> dict[int, list[tuple[int, Integers]]]:
    """For each atom its neighbours and the shift in cells to each; the lengths that count are those of a verdict."""
    radii = np.array([Chem.GetPeriodicTable().GetRcovalent(int(number)) for number in cell.numbers])
    first, second, distance, shift = neighbor_list("ijdS", cell, radii * HYDROGEN_TOLERANCE)
    if len(distance) and distance.min() < CLOSEST_APPROACH:
        raise GpffError(
            f"two of its atoms are only {distance.min():.2f} Å apart, as where a structure is disordered; keep one of "
            "the alternatives in the file"
        )
    heavy = (cell.numbers[first] > 1) & (cell.numbers[second] > 1)
    bonded = ~heavy | (distance < HEAVY_TOLERANCE * (radii[first] + radii[second]))
    neighbours = defaultdict(list)
    for i, j, across in zip(first[bonded], second[bonded], shift[bonded], strict=True):
        neighbours[int(i)].append((int(j), across))
    return neighbours


def _distinct(pieces: Sequence[dict[int, Integers]], kinds: Integers) -> list[dict[int, Integers]]:
    """The first of the molecules that are images of the same sites."""
    first: dict[tuple[int, ...], dict[int, Integers]] = {}
    for piece in pieces:
        first.setdefault(tuple(sorted(kinds[list(piece)].tolist())), piece)
    return list(first.values())


def _molecule(cell: Atoms, kinds: Integers, piece: Mapping[int, Integers]) -> Structure:
    atoms = sorted(piece, key=lambda atom: (kinds[atom], atom))
    shifts = np.array([piece[atom] for atom in atoms])
    return structure(cell.numbers[atoms], cell.positions[atoms] + shifts @ cell.cell.array)
