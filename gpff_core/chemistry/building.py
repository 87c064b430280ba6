"""From a drawn molecule to what it is made of."""

from collections import Counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from gpff_core.chemistry.formulas import MAX_ATOMS, hill_ordered
from gpff_core.composition import Composition
from gpff_core.errors import GpffError, shown

MAX_SMILES_LENGTH: Final = 500
"""The longest SMILES that is read, in characters."""

EMBEDDING_SEED: Final = 0xF00D
"""Of RDKit's distance geometry, so that a SMILES has one geometry."""

EMBEDDING_SECONDS: Final = 2
"""For each of two attempts: there are SMILES on which RDKit would try for minutes."""

MOST_RELAXATION_STEPS: Final = 500
"""Two seconds for 150 atoms on a slow core; molecules of drug size need less."""


def structure_from_smiles(smiles: str) -> tuple[Composition, NDArray[np.float32]]:
    """Atoms in the order of the SMILES, its hydrogens last, and a geometry (N, 3) in Å: ETKDG, relaxed by MMFF94s.

    Raises GpffError for what `composition_from_smiles` refuses, and where RDKit finds no geometry.
    """
    composition_from_smiles(smiles)
    with rdBase.BlockLogs():
        return _embedded(Chem.MolFromSmiles(smiles.strip()), shown(smiles))


def structure_from_mol_block(text: str) -> tuple[Composition, NDArray[np.float32]]:
    """Atoms in the order of a MOL file, the hydrogens it leaves out last, and positions (N, 3) in Å.

    Atoms that have 3D coordinates keep them; a drawing is embedded as a SMILES is. Raises GpffError for what RDKit
    cannot read, for charges, radicals, isotopes and several pieces, and where it finds no geometry.
    """
    with rdBase.BlockLogs():
        molecule = Chem.MolFromMolBlock(text, removeHs=False)
        if molecule is None:
            raise GpffError("The drawing is not one RDKit can read; check its valences, or give a SMILES.")
        if problem := _problem(Chem.AddHs(molecule)):
            raise GpffError(f"The drawing {problem}.")
        if not molecule.GetConformer().Is3D():
            return _embedded(molecule, "the drawing")
        return _atoms_and_places(Chem.AddHs(molecule, addCoords=True))


def _embedded(molecule: Chem.Mol, name: str) -> tuple[Composition, NDArray[np.float32]]:
    molecule = Chem.AddHs(molecule)
    if not _embed(molecule):
        raise GpffError(f"RDKit found no 3D geometry for {name}; check its rings and stereo marks.")
    rdForceFieldHelpers.MMFFOptimizeMolecule(molecule, mmffVariant="MMFF94s", maxIters=MOST_RELAXATION_STEPS)
    return _atoms_and_places(molecule)


def _atoms_and_places(molecule: Chem.Mol) -> tuple[Composition, NDArray[np.float32]]:
    numbers = tuple(atom.GetAtomicNum() for atom in molecule.GetAtoms())
    return Composition(numbers), np.asarray(molecule.GetConformer().GetPositions(), dtype=np.float32)


def _embed(molecule: Chem.Mol) -> bool:
    """Give the molecule coordinates, where RDKit finds some in time; random starts help long chains and cages."""
    settings: Any = rdDistGeom.ETKDGv3()  # its stubs call every setting a set of settings
    settings.randomSeed, settings.timeout = EMBEDDING_SEED, EMBEDDING_SECONDS
    if rdDistGeom.EmbedMolecule(molecule, settings) == 0:
        return True
    settings.useRandomCoords = True
    return bool(rdDistGeom.EmbedMolecule(molecule, settings) == 0)


def composition_from_smiles(smiles: str) -> Composition:
    """The atoms of a SMILES, hydrogens included, in Hill's order.

    The order is the formula's and not the SMILES's, so "CCO" and "C2H6O" give the same molecules for the same seed.
    A neutral molecule written with a pair of charges, such as a nitro group, has a composition like any other.
    Raises GpffError for text that is not the SMILES of one neutral molecule without radicals and isotopes.
    """
    text = smiles.strip()
    if not text:
        raise GpffError("The SMILES is empty; try one such as CCO.")
    if len(text) > MAX_SMILES_LENGTH:
        raise GpffError(
            f"The SMILES is {len(text)} characters long, and at most {MAX_SMILES_LENGTH} are read; "
            "try a smaller molecule."
        )
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text)
    if molecule is None:
        raise GpffError(
            f"{shown(text)} is not a SMILES RDKit can read; check brackets, ring numbers and valences, or try one such "
            "as CCO."
        )
    molecule = Chem.AddHs(molecule)
    if problem := _problem(molecule):
        raise GpffError(f"{shown(text)} {problem}.")
    return hill_ordered(Counter(atom.GetAtomicNum() for atom in molecule.GetAtoms()))


def _problem(molecule: Chem.Mol) -> str:
    """Why these atoms cannot be generated as one neutral molecule; "" where they can."""
    atoms = list(molecule.GetAtoms())
    if not atoms:
        return "contains no atoms; try a SMILES such as CCO"
    if len(atoms) > MAX_ATOMS:
        return f"has {len(atoms)} atoms, and at most {MAX_ATOMS} are allowed; try a smaller molecule"
    if any(atom.GetAtomicNum() == 0 for atom in atoms):
        return "contains a wildcard atom (*); replace it with an element"
    n_pieces = len(Chem.GetMolFrags(molecule))
    if n_pieces > 1:
        return f"consists of {n_pieces} separate pieces, and one molecule is generated at a time; give one of them"
    charge = Chem.GetFormalCharge(molecule)
    if charge:
        return f"has a charge of {charge:+d}, and only neutral molecules can be generated; add or remove hydrogens"
    if any(atom.GetNumRadicalElectrons() for atom in atoms):
        return "has unpaired electrons, and only closed-shell molecules can be generated; add the missing hydrogens"
    if any(atom.GetIsotope() for atom in atoms):
        return "names an isotope, and only ordinary isotopes can be generated; write the element alone"
    return ""
