"""Where checkpoints are found by name."""

import os
from pathlib import Path
from typing import Final

from gpff_core.errors import GpffError

DEFAULT_CHECKPOINT: Final = "qm9"


def checkpoint_folder() -> Path:
    """`checkpoints/` beside the library, or the folder the environment variable GPFF_CHECKPOINTS names."""
    folder = os.environ.get("GPFF_CHECKPOINTS")
    return Path(folder) if folder else Path(__file__).parents[2] / "checkpoints"


def checkpoint_names() -> list[str]:
    return sorted(path.stem for path in checkpoint_folder().glob("*.safetensors"))


def checkpoint_path(name: str) -> Path:
    """File of a checkpoint given by a name from `checkpoint_folder` or by its path."""
    if name in checkpoint_names():
        return checkpoint_folder() / f"{name}.safetensors"
    path = Path(name)
    if path.is_file():
        return path
    names = ", ".join(checkpoint_names()) or "none"
    raise GpffError(f"There is no checkpoint {name!r}; give the path of a .safetensors file or one of: {names}.")


def reference_path(checkpoint: Path) -> Path:
    """Where the checkpoint's training reference (for novelty and formula frequencies) lies."""
    return checkpoint.with_suffix(".reference.npz")
