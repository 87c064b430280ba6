"""The two-atom picture: one bond of a small molecule, pulled and pushed, as the network sees it and as the parabola is.

Everything is a function of the bond length r (Å): the two sides of the bond move apart as rigid bodies along it, about
their common centre, and the rest of the structure stays what it is at equilibrium.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from rdkit import Chem
from torch import Tensor

from gpff_core.chemistry.building import structure_from_smiles
from gpff_core.field import PseudoForceField, equilibrium, pseudo_energy, pseudo_force
from gpff_core.molecules import AtomBatch, Composition

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Bond:
    """A bond that cuts its molecule in two: its atoms in the order of the SMILES, hydrogens last."""

    smiles: str
    atoms: tuple[int, int]


BONDS: Final = {
    "C–O in ethanol": Bond("CCO", (1, 2)),
    "C–C in propane": Bond("CCC", (0, 1)),
    "C=O in acetone": Bond("CC(C)=O", (1, 3)),
    "N–C in ethylamine": Bond("CCN", (1, 2)),
    "C–H in benzene": Bond("c1ccccc1", (0, 6)),
    "O–H in water": Bond("O", (0, 1)),
}
"""Bonds to play with; the first is what the page shows."""

STRETCHES: Final = tuple(round(0.05 * step - 0.6, 2) for step in range(43))
"""Å by which the bond is longer than at equilibrium: −0.6 to 1.5."""

N_SETTLE: Final = 8
"""Jumps after which a force-field geometry is the network's own equilibrium."""


@dataclass(frozen=True, eq=False)
class BondScan:
    """What the network makes of each of K bond lengths r (Å).

    `sides` are the numbers of atoms that move with each of the two. Pseudo-energy (Å²) and pseudo-force along the bond
    (Å) are exact about `r0` and by the network; `landing` is the length after the jump X + F/2, `sigma` the noise level
    σ̂ (Å) the network reads off it.
    """

    symbols: tuple[str, str]
    sides: tuple[int, int]
    r0: float
    lengths: Values
    energy: Values
    energy_network: Values
    force: Values
    force_network: Values
    landing: Values
    sigma: Values

    def place(self, stretch: float) -> int:
        """Which of the lengths is closest to a stretch (Å) beyond equilibrium."""
        return int(np.abs(self.lengths - self.r0 - stretch).argmin())


@torch.inference_mode()
def settled(field: PseudoForceField, composition: Composition, positions: NDArray[np.float32]) -> Tensor:
    """The equilibrium (N, 3) the network itself has nearest to a geometry: a few jumps from it, centred."""
    batch = AtomBatch.from_compositions([composition])
    x = batch.centred(torch.from_numpy(positions))
    for _ in range(N_SETTLE):
        x = equilibrium(x, field(x, batch))
    return batch.centred(x)


@torch.inference_mode()
def scan(field: PseudoForceField, bond: Bond) -> BondScan:
    """Pull one bond through its lengths, all in one network call."""
    composition, geometry = structure_from_smiles(bond.smiles)
    x0, (first, second) = settled(field, composition, geometry), bond.atoms
    side = _second_side(bond)
    r0 = float((x0[second] - x0[first]).norm())
    stretches, apart, n = torch.tensor(STRETCHES), _apart(side, x0[second] - x0[first]), len(STRETCHES)
    batch = AtomBatch.from_compositions([composition] * n)
    x = (x0 + stretches[:, None, None] * apart).flatten(0, 1)
    seen, exact = field(x, batch), pseudo_force(x, x0.repeat(n, 1))
    along = apart.repeat(n, 1)
    after = equilibrium(x, seen).view(n, -1, 3)
    return BondScan(
        symbols=(composition.symbols[first], composition.symbols[second]),
        sides=(int((side == 0).sum()), int((side == 1).sum())),
        r0=r0,
        lengths=_values(r0 + stretches),
        energy=_values(_each_energy(x, exact, batch)),
        energy_network=_values(_each_energy(x, seen, batch)),
        force=_values(batch.total((exact * along).sum(-1))),
        force_network=_values(batch.total((seen * along).sum(-1))),
        landing=_values((after[:, second] - after[:, first]).norm(dim=-1)),
        sigma=_values(field.noise_level(seen, batch)),
    )


def _each_energy(x: Tensor, force: Tensor, batch: AtomBatch) -> Tensor:
    """E of each structure against the equilibrium its forces point to."""
    return torch.stack(
        [pseudo_energy(a, b) for a, b in zip(batch.split(x), batch.split(equilibrium(x, force)), strict=True)]
    )


def _second_side(bond: Bond) -> Tensor:
    """(N, 1): 1 for the atoms on the side of the bond's second atom, else 0."""
    first, second = bond.atoms
    molecule = Chem.RWMol(Chem.AddHs(Chem.MolFromSmiles(bond.smiles)))
    molecule.RemoveBond(first, second)
    side = torch.zeros(molecule.GetNumAtoms(), 1)
    for fragment in Chem.GetMolFrags(molecule):
        if second in fragment:
            side[list(fragment)] = 1
    return side


def _apart(side: Tensor, along: Tensor) -> Tensor:
    """dX/dr (N, 3): how all atoms move as the bond grows, with the centre at rest."""
    apart: Tensor = (side - side.mean()) * along / along.norm()
    return apart


def _values(tensor: Tensor) -> Values:
    return tensor.double().numpy()
