"""A recipe: sampler, prior and seed by the names and numbers a person types, with the defaults measured best.

The command line and the app both speak in recipes, so the app can show the command that makes the same molecules.
"""

import math
from dataclasses import dataclass, fields, replace
from typing import Final

from gpff_core.errors import GpffError
from gpff_core.priors import Covariance, Isotropic, Prior
from gpff_core.samplers import SAMPLERS, Ancestral, DirectDenoising, Heun, Sampler, SelfPaced
from gpff_core.schedules import Geometric, Karras, NoiseSchedule

SCHEDULES: Final = ("karras", "geometric")
LADDER_START: Final = 10.0
"""Å: where the ladder of ancestral and Heun starts by default; far beyond molecular size, so the start is forgotten."""


@dataclass(frozen=True)
class Recipe:
    """How to generate; None means the default that was measured best for this sampler and number of steps.

    `steps` are sampler steps (a step of Heun is two network calls); `sigma` (Å) is the isotropic prior's standard
    deviation and `covariance` (Å²) the entries xx, yy, zz, xy, xz, yz of a full-covariance prior: give at most one.
    """

    sampler: str = "direct"
    steps: int | None = None
    sigma: float | None = None
    covariance: tuple[float, float, float, float, float, float] | None = None
    stochastic_lambda: float | None = None
    kappa: float | None = None
    sigma_stop: float | None = None
    schedule: str | None = None
    rho: float | None = None
    sigma_min: float | None = None
    churn: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise GpffError(f"There is no sampler called {self.sampler!r}; choose one of {', '.join(SAMPLERS)}.")
        if self.sigma is not None and self.covariance is not None:
            raise GpffError("Both a σ and a covariance were given for the prior; give one of them.")
        for name in sorted(set(_SETTINGS) - set(_SETTINGS_OF[self.sampler])):
            if getattr(self, name) is not None:
                owners = " or ".join(s for s in SAMPLERS if name in _SETTINGS_OF[s])
                raise GpffError(
                    f"{_option(name)} does not apply to the sampler {self.sampler}; leave it out or choose {owners}."
                )
        if self.rho is not None and self.schedule == "geometric":
            raise GpffError("--rho belongs to the Karras schedule; leave it out or choose --schedule karras.")

    @classmethod
    def for_calls(cls, sampler: str, n_calls: int, seed: int = 0) -> "Recipe":
        """The default recipe of a sampler that may use `n_calls` network calls per structure."""
        return cls(sampler, steps=(n_calls + 1) // 2 if sampler == "heun" else n_calls, seed=seed)

    @property
    def n_steps(self) -> int:
        return _DEFAULT_STEPS[self.sampler] if self.steps is None else self.steps

    def prior(self) -> Prior:
        """The prior, validated."""
        if self.covariance is not None:
            return Covariance(*self.covariance)
        return Isotropic(self._default_sigma() if self.sigma is None else self.sigma)

    def build_sampler(self) -> Sampler:
        """The sampler, validated."""
        if self.sampler == "direct":
            shake = self._best_direct()[0] if self.stochastic_lambda is None else self.stochastic_lambda
            return DirectDenoising(self.n_steps, shake)
        if self.sampler == "self-paced":
            defaults = SelfPaced(self.n_steps)
            given = {name: getattr(self, name) for name in ("kappa", "sigma_stop") if getattr(self, name) is not None}
            return replace(defaults, **given)
        if self.sampler == "ancestral":
            return Ancestral(self.n_steps, self._schedule())
        return Heun(self.n_steps, self._schedule(), churn=self.churn or 0.0)

    def options(self) -> list[str]:
        """The words of the command line that say the same as this recipe."""
        words = ["--sampler", self.sampler]
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "sampler" or value is None:
                continue
            text = ",".join(str(entry) for entry in value) if field.name == "covariance" else f"{value}"
            words.append(f"{_option(field.name)}={text}")
            if field.name == "covariance":
                words.insert(-1, "--prior=covariance")
        return words

    def _schedule(self) -> NoiseSchedule:
        start = self.prior().scale
        lowest = 0.02 if self.sigma_min is None else self.sigma_min
        if self.schedule == "geometric":
            return Geometric(start, lowest)
        return Karras(start, lowest, 7.0 if self.rho is None else self.rho)

    def _default_sigma(self) -> float:
        if self.sampler in ("ancestral", "heun"):
            return LADDER_START
        return self._best_direct()[1] if self.sampler == "direct" else 3.0

    def _best_direct(self) -> tuple[float, float]:
        """λ and start σ (Å) of direct denoising for this number of steps."""
        return next((shake, sigma) for most, shake, sigma in BEST_DIRECT if self.n_steps <= most)


BEST_DIRECT: Final = ((8, 0.0, 1.5), (40, 0.7, 2.0), (math.inf, 1.0, 3.0))
"""Steps up to which, λ and start σ in Å that gave the highest validity on validation formulas.

A few steps have no time to settle what shaking stirs up; many can afford a wider start and a hard shake.
"""

_DEFAULT_STEPS: Final = {"direct": 60, "self-paced": 120, "ancestral": 60, "heun": 30}
_SETTINGS_OF: Final[dict[str, tuple[str, ...]]] = {
    "direct": ("stochastic_lambda",),
    "self-paced": ("kappa", "sigma_stop"),
    "ancestral": ("schedule", "rho", "sigma_min"),
    "heun": ("schedule", "rho", "sigma_min", "churn"),
}
_SETTINGS: Final = tuple({name: None for names in _SETTINGS_OF.values() for name in names})

PRESETS: Final[dict[str, Recipe]] = {
    "fast": Recipe("direct", steps=10),
    "best": Recipe("direct", steps=60),
}
"""Named recipes of the Generate page: a sketch in a blink, and the highest validity."""


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
