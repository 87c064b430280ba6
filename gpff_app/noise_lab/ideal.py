"""What a schedule asks for, step by step: the sampler itself, run where every prediction is perfect.

A field that knows the one true structure X₀ = 0 and a noise whose draws are orthogonal directions of known length turn
the library's own sampler into an exact calculation: the noise level of X is the length of a vector, and what the noise
of a step contributed can be read off its coordinate. No formula of a sampler is written twice, and a new sampler has
its picture at once.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gpff_core.field import pseudo_force, raw_noise_level
from gpff_core.molecules import AtomBatch, Composition
from gpff_core.noise import Noise
from gpff_core.recipe import Recipe
from gpff_core.samplers import SAMPLERS
from gpff_core.samplers.settings import SCHEDULE_SETTINGS, settings_of

Levels = NDArray[np.float64]

_HYDROGEN: Final = 1  # any element: the perfect field looks at none


@dataclass(frozen=True, eq=False)
class IdealWalk:
    """Each step of a schedule, S of them.

    `asked` (S,) is the noise level in Å the sampler works with, `reached` (S,) the one its structures would have if
    every prediction were perfect, `added` (S,) how much of that is new: the standard deviation in Å of the noise that
    came in since the step before. `calls` (S,) counts network calls up to the look at that step, `n_calls` all of them.
    """

    asked: Levels
    reached: Levels
    added: Levels
    calls: NDArray[np.int64]
    n_calls: int
    most_calls: int
    """As many as it may use on real molecules, on which a schedule that stops by itself needs longer."""

    @property
    def stops_by_itself(self) -> bool:
        return self.most_calls > self.n_calls

    def calls_at(self, n: int) -> NDArray[np.int64]:
        """Network calls up to the look at each of n steps, of a molecule that is still moving."""
        each = int(self.calls[1] - self.calls[0]) if len(self.calls) > 1 else 1
        return int(self.calls[0]) + each * np.arange(n)


def ideal_walk(recipe: Recipe) -> IdealWalk:
    """Walk down a recipe's schedule with a perfect field; raises GpffError where the recipe does not fit together."""
    sampler, start = recipe.plain_sampler(), recipe.build_prior().scale
    n_draws = recipe.plain_steps * (1 + recipe.calls_per_step)
    batch = AtomBatch.from_compositions([Composition((_HYDROGEN,) * (n_draws // 3 + 3))])
    perfect, draws = _PerfectField(), _OrthogonalDraws(batch)
    x = start * draws.centred_normal(batch)
    asked, reached, added, calls = [], [], [], []
    seen = 1
    for step in sampler.steps(perfect, x, batch, draws):
        coordinates = step.x.flatten().double() / draws.length
        asked.append(float(step.sigma[0]))
        reached.append(float(coordinates.norm()))
        added.append(float(coordinates[seen : draws.n].norm()))
        calls.append(int(step.n_evaluations[0]))
        seen = draws.n
    return IdealWalk(
        np.array(asked),
        np.array(reached),
        np.array(added),
        np.array(calls),
        perfect.n_calls + recipe.polish_calls,
        _most_calls(recipe),
    )


def ladder(recipe: Recipe) -> Levels | None:
    """The noise levels (n,) in Å of the recipe's ladder, without the final 0; None for a sampler that has none."""
    if SCHEDULE_SETTINGS[0] not in settings_of(SAMPLERS[recipe.sampler]):
        return None
    sampler = recipe.plain_sampler()
    levels: Levels = sampler.schedule.sigmas(recipe.plain_steps)[:-1].numpy()  # type: ignore[attr-defined]
    return levels


def _most_calls(recipe: Recipe) -> int:
    """Calls if no molecule stops before the sampler's last step, which looks once."""
    return (recipe.plain_steps - 1) * recipe.calls_per_step + 1 + recipe.polish_calls


@dataclass
class _PerfectField:
    """Knows that every structure is X₀ = 0."""

    n_calls: int = 0

    def __call__(self, positions: Tensor, batch: AtomBatch, /) -> Tensor:
        self.n_calls += 1
        return pseudo_force(positions, torch.zeros_like(positions))

    def noise_level(self, force: Tensor, batch: AtomBatch, /) -> Tensor:
        return raw_noise_level(force, batch)


@dataclass
class _OrthogonalDraws(Noise):
    """Draw k is the k-th axis of the space of all coordinates, as long as noise of unit σ is expected to be."""

    batch: AtomBatch
    n: int = 0
    length: float = field(init=False)

    def __post_init__(self) -> None:
        self.length = float(self.batch.degrees_of_freedom[0]) ** 0.5

    def centred_normal(self, batch: AtomBatch) -> Tensor:
        draw = torch.zeros(batch.n_atoms * 3)
        draw[self.n] = self.length
        self.n += 1
        return draw.view(-1, 3)
