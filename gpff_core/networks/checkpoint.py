"""Checkpoints: one safetensors file that says which network it holds, with its noise-level calibration and its card.

The header's metadata carries `format`, `kind` (which network), `config` (its sizes) and `card` (how it was made), all
as JSON text; the tensors are the network's state and the two columns of the calibration curve. Nothing is ever
unpickled.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from gpff_core.atomic_files import replacing
from gpff_core.calibration import NoiseCalibration
from gpff_core.errors import GpffError
from gpff_core.molecules import AtomBatch

FORMAT: Final = "gpff-1"
_CALIBRATION: Final = "calibration."


class Network(Protocol):
    """What a checkpoint calls: pseudo-forces F (A, 3) in Å, and beside them those read out before the last layer."""

    def __call__(self, positions: Tensor, batch: AtomBatch) -> Tensor: ...

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]: ...


def _transformer(config: dict[str, Any]) -> nn.Module:
    from gpff_core.networks.transformer import EquivariantTransformer, TransformerConfig

    return EquivariantTransformer(TransformerConfig(**config))


def _painn(config: dict[str, Any]) -> nn.Module:
    from gpff_core.networks.painn import PaiNN, PaiNNConfig

    return PaiNN(PaiNNConfig(**config))


NETWORKS: Final[dict[str, Callable[[dict[str, Any]], nn.Module]]] = {"transformer": _transformer, "painn": _painn}
"""Every kind of network; imported only when asked for, because SchNetPack takes seconds."""


def _transformer_inference(network: nn.Module) -> Network:
    from gpff_core.networks.transformer import EquivariantTransformer
    from gpff_core.networks.transformer_inference import TransformerInference

    assert isinstance(network, EquivariantTransformer)
    return TransformerInference(network)


INFERENCE: Final[dict[str, Callable[[nn.Module], Network]]] = {"transformer": _transformer_inference}
"""Kinds of network that have a faster form without autograd."""


def build_network(kind: str, config: dict[str, Any]) -> nn.Module:
    """A network with fresh weights."""
    if kind not in NETWORKS:
        raise GpffError(f"There is no network called {kind!r}; choose one of {', '.join(sorted(NETWORKS))}.")
    try:
        return NETWORKS[kind](config)
    except TypeError as error:
        raise GpffError(f"The settings {config} do not fit the network {kind!r} ({error}).") from error


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A loaded network, ready to be called as a `PseudoForceField`; its weights must not change any more.

    `card` says how it was made, `sha256` identifies the file, `elements` are the atomic numbers it was trained on.
    """

    name: str
    network: nn.Module
    calibration: NoiseCalibration
    card: dict[str, Any]
    sha256: str

    @property
    def device(self) -> torch.device:
        return next(self.network.parameters()).device

    @property
    def elements(self) -> tuple[int, ...]:
        return tuple(self.card["elements"])

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        """Without autograd by the network's form for inference, if it has one; the same to rounding."""
        return self._network_now(positions, batch)

    def early_and_final(self, positions: Tensor, batch: AtomBatch) -> tuple[Tensor, Tensor]:
        """F (A, 3) read out before the network's last layer, and as it is."""
        return self._network_now.early_and_final(positions, batch)

    @property
    def _network_now(self) -> Network:
        return cast(Network, self.network) if torch.is_grad_enabled() else self.inference

    @cached_property
    def inference(self) -> Network:
        """The network as it is called without autograd."""
        make = INFERENCE.get(str(self.network.kind))
        return make(self.network) if make is not None else cast(Network, self.network)

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return self.calibration.noise_level(force, batch)


def save_checkpoint(path: Path, network: nn.Module, calibration: NoiseCalibration, card: dict[str, Any]) -> None:
    """Write the weights, and beside them `<name>.json`: the card with the file's sha256."""
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    tensors |= {_CALIBRATION + name: tensor for name, tensor in calibration.tensors().items()}
    metadata = {
        "format": FORMAT,
        "kind": str(network.kind),
        "config": json.dumps(asdict(network.config)),  # type: ignore[call-overload]
        "card": json.dumps(card),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata)
    with replacing(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(card | {"sha256": file_sha256(path)}, indent=2) + "\n", encoding="utf-8")


def record_in_card(path: Path, measured: dict[str, Any]) -> None:
    """Add measured results to the card beside a checkpoint; the weights' file, and so its hash, stays as it is."""
    card = path.with_suffix(".json")
    facts = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {"sha256": file_sha256(path)}
    with replacing(card) as temporary:
        temporary.write_text(json.dumps(facts | {"measured": measured}, indent=2) + "\n", encoding="utf-8")


def measured_on(path: Path, sha256: str) -> dict[str, Any]:
    """What `record_in_card` left beside the weights of that hash; empty if nothing, or if it was for other weights."""
    card = path.with_suffix(".json")
    facts: dict[str, Any] = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
    return facts.get("measured", {}) if facts.get("sha256") == sha256 else {}


def load_checkpoint(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """Read a checkpoint; raises `GpffError` for a file that is missing, truncated or not one of ours."""
    if not path.is_file():
        raise GpffError(f"There is no checkpoint {path.name}; give the path of a .safetensors file or a shipped name.")
    try:
        with safe_open(path, framework="pt", device=str(device)) as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError) as error:
        raise GpffError(
            f"The checkpoint {path.name} is damaged or not a safetensors file ({error}); copy or train it again."
        ) from error
    if metadata.get("format") != FORMAT:
        raise GpffError(
            f"{path.name} is a safetensors file, but not a checkpoint of this program (format "
            f"{metadata.get('format', 'missing')!r}, expected {FORMAT!r}); choose one written by `train`."
        )
    try:
        kind, config, card = metadata["kind"], json.loads(metadata["config"]), json.loads(metadata["card"])
    except (KeyError, json.JSONDecodeError) as error:
        raise GpffError(f"{path.name} does not say what it holds ({error}); train or copy it again.") from error
    network = build_network(kind, config)
    columns = {name.removeprefix(_CALIBRATION): t for name, t in tensors.items() if name.startswith(_CALIBRATION)}
    weights = {name: t for name, t in tensors.items() if not name.startswith(_CALIBRATION)}
    try:
        network.load_state_dict(weights)
        calibration = NoiseCalibration(**columns)
    except (RuntimeError, TypeError) as error:
        raise GpffError(
            f"The weights in {path.name} do not fit its own description; train or copy it again."
        ) from error
    network.to(device).eval().requires_grad_(requires_grad=False)
    return Checkpoint(path.stem, network, calibration, card, file_sha256(path))


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
