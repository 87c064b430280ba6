"""Training as a resumable generator of steps on Lightning Fabric: one loop for a CPU, a GPU or several devices.

Batch k, its noise and its order are pure functions of (seed, k); together with the saved weights and optimiser moments
that makes a killed run continue bit for bit. The caller logs, plots and stops: see `gpff_core.cli.train`.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from gpff_core.errors import GpffError
from gpff_core.learning.corruption import Corrupted, CorruptionConfig, corrupt
from gpff_core.learning.dataset import BatchOrder, MoleculeDataset, PaddedBatch
from gpff_core.learning.objective import denoising_loss, noise_weight
from gpff_core.learning.optimisation import averaged_copy, build_optimizers, learning_rate_factor
from gpff_core.learning.split import Split
from gpff_core.learning.state import load_state, save_state
from gpff_core.learning.validation import BandErrors, validate
from gpff_core.networks.checkpoint import build_network


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides a run's weights, apart from the data. Exactly one of `minutes` and `steps` is its length.

    With `steps` a run is reproducible; with `minutes` the learning rate follows the clock, so that a run ends well
    whatever the machine.
    """

    network: str = "transformer"
    network_config: dict[str, Any] = field(default_factory=dict)
    minutes: float | None = None
    steps: int | None = None
    batch_size: int = 128
    learning_rate: float = 2e-3
    gradient_clip: float = 1.0
    small_noise_weight: float = 1.0
    seed: int = 0
    precision: str = "32-true"
    compile: bool = False
    validate_every_minutes: float = 10.0
    save_every_minutes: float = 3.0
    log_every_steps: int = 50
    corruption: CorruptionConfig = field(default_factory=CorruptionConfig)

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.steps is None):
            raise GpffError("A training run needs either minutes or steps, not both and not neither; try --minutes 60.")
        length = self.minutes if self.minutes is not None else self.steps
        if length is None or not length > 0:
            raise GpffError(f"A training run of length {length} trains nothing; give a positive number.")
        if self.batch_size < 1:
            raise GpffError(f"A batch of {self.batch_size} structures is empty; give at least 1.")
        for name in ("learning_rate", "gradient_clip", "small_noise_weight", "log_every_steps"):
            if not getattr(self, name) > 0:
                raise GpffError(f"{name} is {getattr(self, name)}; it must be positive, as in checkpoints/qm9.toml.")


@dataclass(frozen=True)
class TrainingStep:
    """One optimiser step. `elapsed` counts seconds of training only, over all resumptions.

    `validation` is there after the steps that were followed by a validation of the averaged weights.
    """

    step: int
    loss: float
    gradient_norm: float
    learning_rate: float
    elapsed: float
    fraction: float
    validation: tuple[BandErrors, ...] = ()


class DenoisingObjective(nn.Module):
    """Network and loss as one module, so that Fabric wraps and distributes both."""

    def __init__(self, network: nn.Module, *, small_noise_weight: float, compiled: bool) -> None:
        super().__init__()
        self.network, self._small_noise_weight = network, small_noise_weight
        equilibrium: Any = network.equilibrium
        self._equilibrium: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] = (
            torch.compile(equilibrium, dynamic=False) if compiled else equilibrium
        )

    def forward(self, numbers: Tensor, x: Tensor, mask: Tensor, frozen: Tensor, x0: Tensor, sigma: Tensor) -> Tensor:
        x0_hat = self._equilibrium(numbers, x, mask, frozen)
        weight = noise_weight(sigma, self._small_noise_weight)
        return (weight * denoising_loss(x0_hat.float(), x0, sigma, mask)).mean()


class TrainingRun:
    """A run in a folder: `state.safetensors` is saved every few minutes and picked up again when asked to resume."""

    def __init__(self, config: TrainingConfig, dataset: MoleculeDataset, folder: Path, fabric: Fabric) -> None:
        self.config, self._dataset, self._folder, self._fabric = config, dataset, folder, fabric
        torch.manual_seed(config.seed)
        network = build_network(config.network, config.network_config)
        self.averaged = averaged_copy(network).to(fabric.device)
        self._optimizers = build_optimizers(network, config.learning_rate, config.precision)
        self._network = network
        objective = DenoisingObjective(network, small_noise_weight=config.small_noise_weight, compiled=config.compile)
        self._objective, *wrapped = fabric.setup(objective, *self._optimizers)
        self._wrapped = wrapped
        training = dataset.indices_of(Split.TRAINING)
        self._order = BatchOrder(dataset, training, config.batch_size, config.seed, fabric.world_size)
        self.step, self.elapsed = 0, 0.0

    @property
    def state_file(self) -> Path:
        return self._folder / "state.safetensors"

    @property
    def network(self) -> nn.Module:
        """The averaged network: the one to sample from and to ship."""
        return self.averaged.module

    def warm_start(self, network: nn.Module) -> None:
        """Begin from given weights instead of random ones; the optimisers start fresh."""
        begin_with(self._network, network)
        begin_with(self.averaged.module, network)

    def resume(self) -> None:
        progress = load_state(self.state_file, self._modules(), self._optimizers)
        self.step, self.elapsed = progress["step"], progress["elapsed"]

    def save(self) -> None:
        if self._fabric.is_global_zero:
            progress = {"step": self.step, "elapsed": self.elapsed}
            save_state(self.state_file, self._modules(), self._optimizers, progress)

    def steps(self) -> Iterator[TrainingStep]:
        """Train to the end, saving and validating on the way; leaving early loses nothing that was saved.

        A step is saved only after whoever iterates is done with it: a run killed in between takes it again, so what
        hangs on it (log lines, checkpoints) is never missing.
        """
        saved = validated = self.elapsed
        while (fraction := self.fraction) < 1:
            began = time.monotonic()
            loss, norm, rate = self._advance(fraction)
            self.step += 1
            # One clock for all processes: with its own each would validate and end at another step and wait for ever.
            self.elapsed = self._fabric.broadcast(self.elapsed + time.monotonic() - began)
            finished = self.fraction >= 1
            report: tuple[BandErrors, ...] = ()
            if finished or self.elapsed - validated > 60 * self.config.validate_every_minutes:
                report, validated = self.validation(), self.elapsed
            yield TrainingStep(self.step, loss, norm, rate, self.elapsed, self.fraction, report)
            if finished or self.elapsed - saved > 60 * self.config.save_every_minutes:
                self.save()
                saved = self.elapsed

    @property
    def fraction(self) -> float:
        """How much of the run is over, from 0 to 1."""
        if self.config.steps is not None:
            return self.step / self.config.steps
        assert self.config.minutes is not None
        return self.elapsed / (60 * self.config.minutes)

    def validation(self) -> tuple[BandErrors, ...]:
        """Errors of the averaged network on the validation split, per noise level."""
        return validate(self.network, self._dataset, self._fabric.device)

    def _modules(self) -> dict[str, nn.Module]:
        return {"network": self._network, "averaged": self.averaged}

    def _advance(self, fraction: float) -> tuple[float, float, float]:
        batch, noised = self._batch()
        rate = self.config.learning_rate * learning_rate_factor(self.step, fraction)
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        x, sigma, frozen = noised.positions, noised.sigma, noised.frozen
        loss = self._objective(batch.numbers, x, batch.mask, frozen, batch.positions, sigma)
        self._fabric.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(self._network.parameters(), self.config.gradient_clip)
        for wrapped in self._wrapped:
            wrapped.step()
            wrapped.zero_grad()
        self.averaged.update_parameters(self._network)
        value = float(loss.detach())
        if value != value:
            raise GpffError(f"The loss became NaN at step {self.step}; resume with a smaller learning rate.")
        return value, float(norm), rate

    def _batch(self) -> tuple[PaddedBatch, Corrupted]:
        """Batch and noise of this step, for this device."""
        place = self.step * self._fabric.world_size + self._fabric.global_rank
        indices, width = self._order[place]
        batch = self._dataset.padded(indices, width)
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_000_007 + place)
        noised = corrupt(batch, self.config.corruption, generator)
        return batch.to(self._fabric.device), noised.to(self._fabric.device)


def begin_with(network: nn.Module, given: nn.Module) -> None:
    """Give a network the weights of another; GpffError if it has other sizes.

    A network that marks frozen atoms may begin from one that does not: a mark is nothing until it is trained.
    """
    try:
        network.load_state_dict({**_marks(network), **given.state_dict()})
    except RuntimeError as error:
        raise GpffError("The weights to start from belong to a network of other sizes; use its own config.") from error


def _marks(network: nn.Module) -> dict[str, Tensor]:
    return {name: value for name, value in network.state_dict().items() if name.startswith("frozen.")}
