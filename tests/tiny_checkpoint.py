"""A checkpoint with random weights: everything around the network can be tested with it, in a blink."""

from pathlib import Path

import torch

from gpff_core.calibration import NoiseCalibration
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import build_reference
from gpff_core.networks.checkpoint import build_network, save_checkpoint

SMALL = {"n_features": 16, "n_vectors": 8, "n_heads": 2, "n_layers": 1, "n_pair": 8}
KNOWN = {"CCO": "C2H6O", "COC": "C2H6O", "C": "CH4", "O": "H2O", "CC=O": "C2H4O"}


def make_tiny_checkpoint(folder: Path, name: str = "tiny") -> Path:
    """Write weights and training reference for H, C, N, O into a folder."""
    torch.manual_seed(0)
    path = folder / f"{name}.safetensors"
    save_checkpoint(path, build_network("transformer", SMALL), NoiseCalibration.identity(), {"elements": [1, 6, 7, 8]})
    reference = build_reference(KNOWN, map(parse_formula, KNOWN.values()))
    reference.save(path.with_suffix(".reference.npz"))
    return path
