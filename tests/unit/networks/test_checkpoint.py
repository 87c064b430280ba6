"""Checkpoints: what is saved comes back bit for bit, and a file that is not a checkpoint is refused in one sentence."""

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from gpff_core.calibration import NoiseCalibration
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import build_network, file_sha256, load_checkpoint, save_checkpoint
from tests.unit.networks.random_transformer import ALL, random_transformer

CALIBRATION = NoiseCalibration(raw=torch.tensor([0.02, 0.3, 1.1, 30.0]), sigma=torch.tensor([0.02, 0.5, 1.6, 30.0]))
CARD = {"elements": [1, 6, 7, 8], "data": "none: random weights", "metrics": {"valid": 0.0}}


def cloud() -> torch.Tensor:
    return 1.5 * torch.randn(ALL.n_atoms, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A checkpoint of a small transformer with random weights."""
    path = tmp_path / "made" / "small.safetensors"
    save_checkpoint(path, random_transformer(), CALIBRATION, CARD)
    return path


def test_the_same_field_comes_back_bit_for_bit(path: Path) -> None:
    network, loaded = random_transformer(), load_checkpoint(path)
    force = network(cloud(), ALL)
    assert torch.equal(loaded(cloud(), ALL), force)
    assert torch.equal(loaded.noise_level(force, ALL), CALIBRATION.noise_level(force, ALL))
    assert not torch.allclose(loaded.noise_level(force, ALL), NoiseCalibration.identity().noise_level(force, ALL))
    assert not any(parameter.requires_grad for parameter in loaded.network.parameters())
    assert not loaded.network.training


def test_autograd_goes_through_the_network_and_everything_else_through_its_form_for_inference(path: Path) -> None:
    loaded, network = load_checkpoint(path), random_transformer()
    x = cloud().requires_grad_()
    loaded(x, ALL).square().sum().backward()
    assert x.grad is not None
    assert x.grad.abs().max() > 0
    for without_autograd in (torch.no_grad(), torch.inference_mode()):
        with without_autograd:
            assert torch.equal(loaded(cloud(), ALL), loaded.inference(cloud(), ALL))
            torch.testing.assert_close(loaded(cloud(), ALL), network(cloud(), ALL), rtol=0, atol=1e-4)
    assert loaded.inference is not loaded.network


def test_the_card_is_beside_the_weights_and_inside_them_and_identifies_the_file(path: Path) -> None:
    loaded = load_checkpoint(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert json.loads(path.with_suffix(".json").read_text()) == CARD | {"sha256": digest}
    assert loaded.card == CARD
    assert loaded.elements == (1, 6, 7, 8)
    assert (loaded.name, loaded.sha256) == ("small", digest)


def test_saving_again_replaces_the_file_and_leaves_nothing_else(path: Path) -> None:
    before = file_sha256(path)
    save_checkpoint(path, random_transformer(gain=1.5), CALIBRATION, CARD)
    assert file_sha256(path) != before
    assert sorted(p.name for p in path.parent.iterdir()) == ["small.json", "small.safetensors"]


def rewritten(path: Path, **changes: str | None) -> None:
    """Give a checkpoint other metadata; None removes an entry."""
    with safe_open(path, framework="pt") as file:
        metadata = {key: value for key, value in (file.metadata() | changes).items() if value is not None}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    save_file(tensors, path, metadata)


def without_tensor(path: Path, name: str) -> None:
    with safe_open(path, framework="pt") as file:
        metadata, tensors = file.metadata(), {n: file.get_tensor(n) for n in file.keys() if n != name}  # noqa: SIM118
    save_file(tensors, path, metadata)


def truncated(share: float) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        whole = path.read_bytes()
        path.write_bytes(whole[: int(share * len(whole))])

    return cut


def config_with(**changes: Any) -> str:
    return json.dumps({"n_features": 24, "n_vectors": 12, "n_heads": 3, "n_layers": 2, "n_pair": 8} | changes)


SPOILED: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (Path.unlink, "There is no checkpoint small"),
    "empty": (truncated(0), "damaged"),
    "cut in the header": (truncated(0.001), "damaged"),
    "cut in the middle": (truncated(0.5), "damaged"),
    "cut at the end": (truncated(0.9999), "damaged"),
    "text": (lambda path: path.write_text("C7H10O2\n" * 100), "damaged"),
    "a PyTorch pickle": (lambda path: torch.save(random_transformer().state_dict(), path), "damaged"),
    "another program's safetensors": (lambda path: save_file({"weight": torch.zeros(3)}, path), "format 'missing'"),
    "a later format": (lambda path: rewritten(path, format="gpff-99"), "format 'gpff-99'"),
    "an unknown network": (lambda path: rewritten(path, kind="oracle"), "no network called 'oracle'"),
    "no kind": (lambda path: rewritten(path, kind=None), "does not say what it holds"),
    "no card": (lambda path: rewritten(path, card=None), "does not say what it holds"),
    "a config that is no JSON": (lambda path: rewritten(path, config="{"), "does not say what it holds"),
    "an unknown setting": (lambda path: rewritten(path, config=config_with(n_wings=2)), "do not fit the network"),
    "weights of other sizes": (lambda path: rewritten(path, config=config_with(n_radial=33)), "own description"),
    "weights of more layers": (lambda path: rewritten(path, config=config_with(n_layers=3)), "own description"),
    "a missing weight": (lambda path: without_tensor(path, "vector_gate.bias"), "own description"),
    "a missing calibration": (lambda path: without_tensor(path, "calibration.raw"), "own description"),
}


@pytest.mark.parametrize(("spoil", "reason"), SPOILED.values(), ids=SPOILED)
def test_what_is_no_checkpoint_is_refused_in_one_sentence(
    path: Path, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(path)
    with pytest.raises(GpffError, match=reason) as refusal:
        load_checkpoint(path)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert str(path.parent) not in message, "a name is enough; the app shows this to everybody"


class Trap:
    """Code that would run if it were unpickled."""

    def __init__(self, victim: Path) -> None:
        self._victim = victim

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self._victim,)


@pytest.mark.parametrize("save", [torch.save, lambda trap, path: path.write_bytes(pickle.dumps(trap))])
def test_nothing_is_ever_unpickled(tmp_path: Path, save: Callable[[Trap, Path], None]) -> None:
    path, victim = tmp_path / "trap.safetensors", tmp_path / "victim"
    save(Trap(victim), path)
    with pytest.raises(GpffError, match="damaged"):
        load_checkpoint(path)
    assert not victim.exists()
    pickle.loads(pickle.dumps(Trap(victim)))
    assert victim.exists(), "the trap does work"


def test_networks_go_by_name() -> None:
    with pytest.raises(GpffError, match="choose one of painn, transformer"):
        build_network("oracle", {})
