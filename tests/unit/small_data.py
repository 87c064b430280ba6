"""A data set of three small molecules, and a network that has learned them: real generation in seconds."""

from pathlib import Path

import ase.build
import numpy as np
import torch
from lightning_fabric import Fabric

from gpff_core.chemistry.novelty import build_reference
from gpff_core.learning.dataset import MoleculeDataset
from gpff_core.learning.train import TrainingConfig, TrainingRun
from gpff_core.learning.validation import calibrate
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import save_checkpoint

TINY = {"n_features": 32, "n_vectors": 16, "n_heads": 2, "n_layers": 1, "n_pair": 16, "n_radial": 32}
FORMULAS = {"H2O": "O", "CH4": "C", "CH2O": "C=O"}
_NAMES = {"H2O": "H2O", "CH4": "CH4", "CH2O": "H2CO"}


def structure(formula: str) -> tuple[Composition, np.ndarray]:
    """The G2 geometry of one of `FORMULAS`, atoms in Hill's order (which is also the one ASE's H2CO and CH4 lack)."""
    atoms = ase.build.molecule(_NAMES[formula])
    hill = {6: 0, 1: 1, 8: 2}
    order = sorted(range(len(atoms)), key=lambda i: hill[int(atoms.numbers[i])])
    return Composition(tuple(atoms.numbers[order].tolist())), atoms.positions[order]


def dataset(copies: int = 20) -> MoleculeDataset:
    """The molecules over and over, so that every split has each of them."""
    return MoleculeDataset.from_structures(structure(formula) for formula in FORMULAS for _ in range(copies))


def fabric() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


def config(steps: int, **settings: object) -> TrainingConfig:
    return TrainingConfig(
        steps=steps,
        **{"network_config": TINY, "batch_size": 32, "learning_rate": 5e-3, **settings},  # type: ignore[arg-type]
    )


def train_checkpoint(folder: Path, steps: int = 300) -> Path:
    """Train on the molecules and write weights and training reference; formaldehyde is left out of the reference."""
    data = dataset()
    run = TrainingRun(config(steps), data, folder, fabric())
    for _ in run.steps():
        pass
    path = folder / "small.safetensors"
    card = {"elements": list(data.elements)}
    save_checkpoint(path, run.network, calibrate(run.network, data, torch.device("cpu")), card)
    known = [formula for formula in FORMULAS if formula != "CH2O"]
    reference = build_reference([FORMULAS[f] for f in known], [structure(f)[0] for f in known])
    reference.save(path.with_suffix(".reference.npz"))
    return path
