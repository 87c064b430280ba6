"""Schedules as a person designs them: small documents that a session file and a share link can hold.

A schedule is a recipe without its seed, which all schedules of a comparison share.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

from gpff_app.recipe_controls import SAMPLER_TEXT
from gpff_core.errors import GpffError
from gpff_core.priors import Isotropic
from gpff_core.recipe import Recipe
from gpff_core.samplers import SAMPLERS
from gpff_core.samplers.settings import settings_of

LETTERS: Final = "ABCD"
"""What the schedules of a comparison are called, in their order; as many as can be told apart side by side."""

MAX_STEPS: Final = 1000
"""Steps of a schedule in the lab."""

MAX_NAME: Final = 40


def _new_key() -> str:
    return uuid.uuid4().hex[:8]


@dataclass(frozen=True)
class Schedule:
    """One way down from noise to a molecule; what is None, or not among `settings`, is what was measured best.

    `sigma_max` (Å) is the width of the round cloud it starts from, `settings` are the sampler's own by the names of
    `samplers.settings.SETTINGS`, `key` tells the widgets of two schedules apart.
    """

    sampler: str = "direct"
    steps: int | None = None
    sigma_max: float | None = None
    settings: Mapping[str, float | str] = field(default_factory=dict)
    name: str = ""
    key: str = field(default_factory=_new_key, compare=False)

    def __post_init__(self) -> None:
        if len(self.name) > MAX_NAME:
            raise GpffError(f"The name has {len(self.name)} characters; give at most {MAX_NAME}.")

    @property
    def title(self) -> str:
        """Its name, or what it does; the name of a preset says so once the schedule is no longer that one."""
        namesakes = [known for preset in PRESETS.values() for known in preset.schedules if known.name == self.name]
        if self.name and namesakes and self not in namesakes:
            return f"{self.name}, changed"
        return self.name or f"{SAMPLER_TEXT[self.sampler]}, {Recipe(self.sampler, self.steps).n_steps} steps"

    def recipe(self, seed: int = 0) -> Recipe:
        """The recipe, with everything in it validated; GpffError says what does not fit."""
        prior = None if self.sigma_max is None else Isotropic(self.sigma_max)
        recipe = Recipe(self.sampler, self.steps, prior, self.settings, seed)
        if recipe.n_steps > MAX_STEPS:
            raise GpffError(f"{recipe.n_steps} steps were asked for; the lab compares schedules of 1 to {MAX_STEPS}.")
        recipe.build_sampler()
        return recipe

    def with_sampler(self, sampler: str) -> Self:
        """Another sampler with the settings they have in common."""
        common = {name: value for name, value in self.settings.items() if name in settings_of(SAMPLERS[sampler])}
        return replace(self, sampler=sampler, settings=common)

    def with_setting(self, name: str, value: float | str | None) -> Self:
        """One setting changed, or left to the library (None)."""
        others = {other: kept for other, kept in self.settings.items() if other != name}
        if name == "schedule" and value == "geometric":
            others.pop("rho", None)  # the geometric ladder has none
        return replace(self, settings=others if value is None else {**others, name: value})

    def copy(self) -> Self:
        """The same under a key of its own."""
        return replace(self, settings=dict(self.settings), key=_new_key())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Any) -> Self:
        """Raises GpffError for what is no schedule, as in a session file that was edited by hand.

        Numbers out of range are let through: a person who types them is told, and keeps them to correct.
        """
        try:
            schedule = cls(**{**said, "settings": dict(said.get("settings", {}))})
            Recipe(schedule.sampler, settings=schedule.settings)
            readable = all(isinstance(number, int | float | None) for number in (schedule.steps, schedule.sigma_max))
        except GpffError:
            raise
        except (TypeError, AttributeError, ValueError):
            readable = False
        if not readable:
            raise GpffError("A saved schedule cannot be read; start again from one of the presets.")
        return schedule


@dataclass(frozen=True)
class Preset:
    """A question that a comparison answers, and the schedules that ask it."""

    question: str
    schedules: tuple[Schedule, ...]


PRESETS: Final[dict[str, Preset]] = {
    "Where few calls go wrong": Preset(
        "Six network calls a molecule: does it matter how they are spent?",
        (
            Schedule("direct", 6, name="Direct, 6 calls"),
            Schedule("ancestral", 6, name="Ancestral, 6 calls"),
            Schedule("heun", 3, settings={"sigma_min": 0.02}, name="Heun, 5 calls"),  # its best ends higher
        ),
    ),
    "Churn or no churn": Preset(
        "Does putting noise back before every step repair the errors of a flow?",
        (
            Schedule("heun", 20, settings={"churn": 0.0}, name="Heun, no churn"),
            Schedule("heun", 20, settings={"churn": 8.0}, name="Heun, churn 8"),
        ),
    ),
    "Adaptive against plain": Preset(
        "Is it better to read the noise level off the molecule than off the clock?",
        (
            Schedule("ancestral", 40, name="Ancestral by the clock"),
            Schedule("adaptive-ancestral", 40, name="Adaptive ancestral"),
        ),
    ),
    "Spacing of the ladder": Preset(
        "The same steps, spaced by Karras with two values of ρ and geometrically: where should most levels be?",
        (
            Schedule("ancestral", 30, settings={"schedule": "karras", "rho": 3.0}, name="Karras, ρ = 3"),
            Schedule("ancestral", 30, settings={"schedule": "karras", "rho": 7.0}, name="Karras, ρ = 7"),
            Schedule("ancestral", 30, settings={"schedule": "geometric"}, name="Geometric"),
        ),
    ),
    "How hard to shake": Preset(
        "Direct denoising with three values of λ: does shaking free a structure from clashes?",
        (
            Schedule("direct", 30, settings={"stochastic_lambda": 0.0}, name="No shaking"),
            Schedule("direct", 30, settings={"stochastic_lambda": 0.7}, name="λ = 0.7 Å"),
            Schedule("direct", 30, settings={"stochastic_lambda": 2.0}, name="λ = 2 Å"),
        ),
    ),
}
"""Comparisons to start from; the first is what an empty page shows."""


def of_preset(name: str) -> list[Schedule]:
    """The schedules of a preset, free to be changed."""
    return [schedule.copy() for schedule in PRESETS[name].schedules]


def preset_of(schedules: Sequence[Schedule]) -> str | None:
    """The preset that these schedules are, as long as nothing was changed."""
    return next((name for name, preset in PRESETS.items() if list(preset.schedules) == list(schedules)), None)


def changed(schedules: Sequence[Schedule], place: int, change: Callable[[Schedule], Schedule]) -> list[Schedule]:
    """The list with one of them changed."""
    return [change(schedule) if i == place else schedule for i, schedule in enumerate(schedules)]
