"""A recipe: sampler, prior and seed by the names and numbers a person types, with the defaults measured best.

The command line and the app both speak in recipes, so the app can show the command that makes the same molecules.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gpff_core.errors import GpffError
from gpff_core.priors import Covariance, Isotropic, Prior
from gpff_core.priors.serialisation import prior_as_json
from gpff_core.samplers import (
    POLISH_CALLS,
    POLISH_SIGMA,
    REHEAT_SIGMA,
    REHEAT_STEPS,
    SAMPLERS,
    AnySampler,
    GuidedSampler,
    Polished,
    Reheated,
    Sampler,
)
from gpff_core.samplers.settings import (
    GUIDANCE,
    POLISH,
    SCHEDULE_SETTINGS,
    SETTINGS,
    calls_of_step,
    default_of,
    settings_of,
)
from gpff_core.schedules import Geometric, Karras, NoiseSchedule

SCHEDULES: Final = ("karras", "geometric")


@dataclass(frozen=True)
class Recipe:
    """How to generate; what is not given is what was measured best for this sampler and number of steps.

    `steps` are sampler steps (a step of Heun is two network calls), those of a polish among them. `settings` are the
    sampler's own, by the names of `samplers.settings.SETTINGS`, for example {"churn": 10} or {"schedule": "geometric"}.
    `reheat` is how often, at most, a result that is not valid (or lost its scaffold) is shaken and left to settle
    again, `REHEAT_STEPS` calls a time. `frozen` says that atoms will be frozen, for which other settings are best.
    """

    sampler: str = "direct"
    steps: int | None = None
    prior: Prior | None = None
    settings: Mapping[str, float | str] = field(default_factory=dict)
    seed: int = 0
    reheat: int = 0
    frozen: bool = False

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise GpffError(f"There is no sampler called {self.sampler!r}; choose one of {', '.join(SAMPLERS)}.")
        if not 0 <= self.reheat <= MAX_REHEAT:
            raise GpffError(f"--reheat is {self.reheat}; give 0 for none to {MAX_REHEAT} rounds, for example 4.")
        for name, value in self.settings.items():
            self._check(name, value)
        if "rho" in self.settings and self.settings.get("schedule") == "geometric":
            raise GpffError("--rho belongs to the Karras schedule; leave it out or choose --schedule karras.")

    @classmethod
    def for_calls(cls, sampler: str, n_calls: int, seed: int = 0, reheat: int = 0, *, frozen: bool = False) -> "Recipe":
        """The default recipe of a sampler that may use `n_calls` network calls per structure, reheating included."""
        recipe = cls(sampler, seed=seed, reheat=reheat, frozen=frozen)
        left = n_calls - reheat * REHEAT_STEPS
        if reheat and left < 1:
            raise GpffError(
                f"{reheat} rounds of reheating take up to {reheat * REHEAT_STEPS} calls, and {n_calls} are allowed in "
                "all; allow more or ask for fewer rounds."
            )
        return replace(recipe, steps=-(-left // SAMPLERS[sampler].calls_per_step))

    @property
    def n_steps(self) -> int:
        return int(SAMPLERS[self.sampler]().n_steps) if self.steps is None else self.steps  # type: ignore[attr-defined]

    @property
    def calls_per_step(self) -> int:
        """Network calls a molecule uses in a step of this sampler with these settings."""
        return calls_of_step(SAMPLERS[self.sampler], self.settings)

    @property
    def n_calls(self) -> int:
        """Network calls of all steps, at most; those of reheating come on top."""
        return self.n_steps * self.calls_per_step

    @property
    def plain_steps(self) -> int:
        """Steps of the sampler itself, without those of a polish."""
        return self.n_steps - -(-self.polish_calls // self.calls_per_step)

    @property
    def polish_calls(self) -> int:
        """Network calls of the polish that follows the sampler, 0 where none does."""
        return POLISH_CALLS if self._wanted()[POLISH] else 0

    @property
    def most_steps(self) -> int:
        """Steps of the sampler and of every round of reheating that may follow."""
        return self.n_steps + self.reheat * REHEAT_STEPS

    @property
    def usual_start(self) -> Isotropic:
        """The cloud measured best for this sampler and number of calls."""
        best = self._best()
        return Isotropic(best.start, best.spacing)

    def build_prior(self) -> Prior:
        """The prior, validated; a ladder of noise levels does not start below `LEAST_NOISE`."""
        if self.prior is None:
            return self.usual_start
        ladder = "schedule" in settings_of(SAMPLERS[self.sampler])
        return self.prior.noised(LEAST_NOISE) if ladder else self.prior

    def build_sampler(self) -> AnySampler:
        """The sampler, validated, with its guidance, and the polish and the rounds of reheating that follow it."""
        guidance, polish = self.value_of(GUIDANCE), self.value_of(POLISH)
        guided = GuidedSampler(self.plain_sampler(), guidance) if guidance else self.plain_sampler()
        if self.reheat:
            shake = REHEAT_SIGMA_FROZEN if self.frozen else REHEAT_SIGMA
            return Reheated(guided, self.reheat, shake, guidance, polish)
        return Polished(guided, polish) if polish else guided

    def plain_sampler(self) -> Sampler:
        """The sampler, validated, as it is without guidance, polish and reheating."""
        sampler = SAMPLERS[self.sampler]
        allowed = settings_of(sampler)
        wanted = self._wanted()
        own = {name: value for name, value in wanted.items() if name not in (*SCHEDULE_SETTINGS, GUIDANCE, POLISH)}
        if "schedule" in allowed:
            own["schedule"] = self._schedule(wanted)  # type: ignore[assignment]
        if self.plain_steps < 1 <= self.n_steps:
            raise GpffError(
                f"A polish takes {POLISH_CALLS} network calls, which leaves none of {self.n_steps} step(s) for the "
                "sampler; allow more steps or set --polish=0."
            )
        return sampler(self.plain_steps, **own)  # type: ignore[call-arg]

    def value_of(self, name: str) -> Any:
        """What a setting is: as given, or else as measured best."""
        return self._wanted()[name] if name in (GUIDANCE, POLISH) else default_of(self.plain_sampler(), name)

    def options(self) -> list[str]:
        """The words of the command line that say the same as this recipe."""
        words = ["--sampler", self.sampler]
        if self.steps is not None:
            words.append(f"--steps={self.steps}")
        if self.prior is not None:
            words += _prior_options(self.prior)
        words += [f"{_option(name)}={value}" for name, value in self.settings.items()]
        words += [f"--reheat={self.reheat}"] if self.reheat else []
        return [*words, f"--seed={self.seed}"]

    def __str__(self) -> str:
        """Sampler and prior with their settings, as measurements name them."""
        return f"{self.build_sampler()} from {self.build_prior()}"

    def _check(self, name: str, value: object) -> None:
        if name not in SETTINGS:
            raise GpffError(f"There is no setting called {name!r}; choose one of {', '.join(SETTINGS)}.")
        if name not in settings_of(SAMPLERS[self.sampler]):
            owners = " or ".join(s for s in SAMPLERS if name in settings_of(SAMPLERS[s]))
            raise GpffError(
                f"{_option(name)} does not apply to the sampler {self.sampler}; leave it out or choose {owners}."
            )
        SETTINGS[name].check(_option(name), value)
        if name == "schedule" and value not in SCHEDULES:
            raise GpffError(f"There is no schedule called {value!r}; choose one of {', '.join(SCHEDULES)}.")

    def _schedule(self, wanted: Mapping[str, float | str]) -> NoiseSchedule:
        given: dict[str, Any] = {name: wanted[name] for name in ("sigma_min", "rho") if name in wanted}
        kind = Geometric if wanted.get("schedule") == "geometric" else Karras
        start = self.build_prior().scale
        if "sigma_min" in given and "sigma_min" not in self.settings:  # a start may be lower than what is best
            given["sigma_min"] = min(given["sigma_min"], start / 2)
        return kind(start, **given)

    def _wanted(self) -> dict[str, float | str]:
        spare = self.n_calls > POLISH_CALLS and self.n_calls + self.reheat * REHEAT_STEPS > FEW_CALLS
        polish = POLISH_SIGMA if spare else 0.0
        best: dict[str, float | str] = {GUIDANCE: 0.0, POLISH: polish, **self._best().settings}
        if self.prior is not None and self.prior.known and SHAKE in best:
            best[SHAKE] = min(float(best[SHAKE]), round(self.prior.scale, 4))
        return {**best, **self.settings}

    def _best(self) -> "Best":
        """What was measured best for this sampler and number of calls."""
        of_sampler = BEST.get(self.sampler, BEST_LADDER)
        if self.frozen:
            of_sampler = BEST_FROZEN.get(self.sampler, of_sampler)
        return next(best for best in of_sampler if self.n_calls <= best.most_calls)


@dataclass(frozen=True)
class Best:
    """The start and settings of highest validity on validation formulas, for up to `most_calls` network calls.

    `start` is the σ of an isotropic cloud, and `spacing` that of its atoms (both Å).
    """

    most_calls: float
    start: float
    settings: Mapping[str, float] = field(default_factory=dict)
    spacing: float = 0.0


LEAST_NOISE: Final = 0.05
"""Å, the smallest noise the network was trained on: where a ladder starts from a structure that has less."""

SHAKE: Final = "stochastic_lambda"
"""The setting whose default is no more than the noise of a known structure, or that would not be where one starts."""

FEW_CALLS: Final = 16
"""Network calls, reheating included; a run of no more has none to spare for a polish."""

MAX_REHEAT: Final = 100
"""Rounds of reheating; what has not become a molecule by then, like most impossible formulas, never will."""

_CHURNED: Final = (Best(20, 2.0), Best(math.inf, 2.0, {"churn": 20.0}))
"""Churn takes mistakes back, once there are steps enough to settle what it stirs up."""

BEST: Final[Mapping[str, tuple[Best, ...]]] = {
    # A few steps have no time to settle what much shaking stirs up, nor to pull apart what begins in one place, and
    # momentum takes the place of those that are not there; many can afford a wider start. Only here did guidance keep
    # what it seemed to gain, and frozen scaffolds gain most (docs/adr/0016, 0018, 0020, 0022).
    "direct": (
        Best(4, 1.4, {"stochastic_lambda": 0.25, "momentum": 0.6, "guidance": 0.4}, spacing=1.5),
        Best(8, 1.5, {"stochastic_lambda": 0.2, "momentum": 0.9, "guidance": 0.4}, spacing=1.3),
        Best(12, 1.5, {"stochastic_lambda": 0.2, "momentum": 1.0, "guidance": 0.4}),
        Best(FEW_CALLS, 1.5, {"stochastic_lambda": 0.4, "momentum": 0.8, "guidance": 0.4}),
        Best(40, 2.0, {"stochastic_lambda": 0.4, "momentum": 0.6, "guidance": 0.4}),
        Best(math.inf, 3.0, {"stochastic_lambda": 0.5, "guidance": 0.4}),
    ),
    # A flow keeps every mistake it made, so it makes fewer from a start that is not far beyond molecular size. A slope
    # that is seen far down the ladder is off by more than it helps, so three steps do not go as far down.
    "heun": (Best(6, 2.0, {"sigma_min": 0.07}), *_CHURNED),
    "adaptive-heun": _CHURNED,
    "multistep": (Best(math.inf, 2.0),),
    "euler": (Best(math.inf, 2.0),),
    # Langevin steps this long nearly forget where they came from, which takes mistakes back too.
    "predictor-corrector": (Best(math.inf, 2.0, {"snr": 0.55}),),
    # With κ = 0.9 so much noise is put back that a molecule takes about 30 calls to stop.
    "self-paced": (
        Best(40, 3.0, {"kappa": 0.7, "sigma_stop": 0.05}),
        Best(math.inf, 3.0, {"kappa": 0.9, "sigma_stop": 0.03}),
    ),
}
"""By sampler, for more and more calls; all others are ladders of noise levels."""

BEST_FROZEN: Final[Mapping[str, tuple[Best, ...]]] = {
    # What grows on a scaffold has to find its way around atoms that do not give way, which takes a harder shake.
    "direct": (
        Best(4, 1.4, {"stochastic_lambda": 0.8, "momentum": 0.4, "guidance": 0.4}, spacing=1.5),
        Best(8, 1.5, {"stochastic_lambda": 1.0, "momentum": 0.8, "guidance": 0.4}, spacing=1.3),
        Best(40, 2.0, {"stochastic_lambda": 1.0, "momentum": 0.6, "guidance": 0.4}),
        Best(math.inf, 3.0, {"stochastic_lambda": 1.0, "guidance": 0.4}),
    ),
}
"""Where atoms are frozen, by sampler; all others do as well with what is best without."""

REHEAT_SIGMA_FROZEN: Final = 1.0
"""λ of a round of reheating in Å where atoms are frozen: less leaves lost scaffolds as they are (docs/adr/0020)."""

BEST_LADDER: Final = (Best(20, 2.0), Best(math.inf, 10.0))
"""Many calls can afford a start far beyond molecular size, which noise lets a structure forget, so that the data's
distribution is sampled. With few, steps from 10 Å are so wide that fewer molecules become valid.
"""

PRESETS: Final[dict[str, Recipe]] = {
    "fast": Recipe("direct", steps=12, reheat=8),
    "best": Recipe("direct", steps=60, reheat=16),
}
"""Named recipes of the app; the first is as often valid, and the second keeps more of the frozen scaffolds."""


def calls_of_defaults(sampler: str) -> list[int]:
    """Numbers of network calls up to which the defaults of a sampler stay the same, and one beyond the last of them."""
    rows = (*BEST.get(sampler, BEST_LADDER), *BEST_FROZEN.get(sampler, ()))
    edges = sorted({FEW_CALLS, *(int(best.most_calls) for best in rows if best.most_calls < math.inf)})
    return [*edges, edges[-1] + SAMPLERS[sampler].calls_per_step]


def _prior_options(prior: Prior) -> list[str]:
    if isinstance(prior, Isotropic):
        return [f"--sigma={prior.sigma}", *([f"--spacing={prior.spacing}"] if prior.spacing else [])]
    if isinstance(prior, Covariance):
        entries = (str(getattr(prior, entry)) for entry in ("xx", "yy", "zz", "xy", "xz", "yz"))
        return [f"--covariance={','.join(entries)}"]
    return [f"--prior={prior_as_json(prior)}"]


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
