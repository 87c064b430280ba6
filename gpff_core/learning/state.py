"""The whole state of a training run in one safetensors file, so that a killed run continues bit for bit."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from gpff_core.atomic_files import replacing
from gpff_core.errors import GpffError


def save_state(
    path: Path, modules: dict[str, nn.Module], optimizers: list[torch.optim.Optimizer], progress: dict[str, Any]
) -> None:
    """Weights, optimiser moments and `progress` (anything JSON can hold), written in one step."""
    tensors: dict[str, Tensor] = {}
    for name, module in modules.items():
        tensors |= {f"{name}/{key}": value.detach().cpu().contiguous() for key, value in module.state_dict().items()}
    for i, optimizer in enumerate(optimizers):
        for place, moments in optimizer.state_dict()["state"].items():
            tensors |= {
                f"optimizer{i}/{place}/{key}": value.detach().cpu().contiguous() for key, value in moments.items()
            }
    with replacing(path) as temporary:
        save_file(tensors, temporary, {"progress": json.dumps(progress)})


def load_state(path: Path, modules: dict[str, nn.Module], optimizers: list[torch.optim.Optimizer]) -> dict[str, Any]:
    """Put everything back where `save_state` found it and return `progress`."""
    try:
        with safe_open(path, framework="pt") as file:
            progress: dict[str, Any] = json.loads((file.metadata() or {})["progress"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, KeyError) as error:
        raise GpffError(f"The training state {path.name} cannot be read ({error}); start the run again.") from error
    try:
        for name, module in modules.items():
            module.load_state_dict(_below(tensors, f"{name}/"))
    except RuntimeError as error:
        raise GpffError(
            f"The training state {path.name} belongs to a network of other sizes; resume with its own --config."
        ) from error
    for i, optimizer in enumerate(optimizers):
        moments: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, f"optimizer{i}/").items():
            place, _, moment = key.partition("/")
            moments.setdefault(int(place), {})[moment] = value
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    return progress


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
