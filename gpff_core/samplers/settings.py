"""What the settings of samplers mean, for everyone who lists or asks for them.

A sampler's settings are the fields of its dataclass. Those that have a noise schedule are asked for the schedule's own
settings instead of the object.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from gpff_core.errors import GpffError
from gpff_core.samplers.step import Sampler


@dataclass(frozen=True)
class Setting:
    """A number a person may set: `unit` is empty where it has none; `meaning` is a clause for a list of options.

    While the setting that it `needs` is 0 it has no effect.
    """

    meaning: str
    unit: str = ""
    kind: type[int] | type[float] | type[str] = float
    needs: str = ""

    def check(self, name: str, value: object) -> None:
        """Refuse what is no number (or, for a name, no text)."""
        wanted = (int, float) if self.kind is float else self.kind
        if isinstance(value, bool) or not isinstance(value, wanted):
            kinds = {int: "a whole number", float: "a number", str: "a name"}
            raise GpffError(f"{name} is {value!r}; it must be {kinds[self.kind]}: {self.meaning}.")


SETTINGS: Final[dict[str, Setting]] = {
    "stochastic_lambda": Setting("λ, how hard structures are shaken while they settle", "Å"),
    "momentum": Setting("how much of the prediction's last change is added to it, 0 for none"),
    "shake_limit": Setting(
        "no shaking beyond this many times a molecule's σ̂, inf for no limit", needs="stochastic_lambda"
    ),
    "kappa": Setting("share of the noise just removed that is put back, 0 to below 1"),
    "sigma_stop": Setting("a molecule is done when its σ̂ is below this", "Å"),
    "churn": Setting("S_churn of Karras et al.: noise added back before steps, 0 for none"),
    "churn_min": Setting("S_tmin of Karras et al.: no churn below this noise level", "Å", needs="churn"),
    "churn_max": Setting("S_tmax of Karras et al.: no churn above this noise level", "Å", needs="churn"),
    "churn_noise": Setting("S_noise of Karras et al.: standard deviation of the churn's noise", needs="churn"),
    "n_corrector": Setting("Langevin steps after each step of the predictor", kind=int),
    "snr": Setting("signal-to-noise ratio of the Langevin steps: the larger, the longer they are"),
    "schedule": Setting("spacing of the noise levels: karras or geometric", kind=str),
    "rho": Setting("ρ of the Karras schedule: the larger, the finer the low noise levels"),
    "sigma_min": Setting("last noise level before 0", "Å"),
    "guidance": Setting("how much more the network's last layer counts while there is much noise, 0 for none"),
    "polish": Setting("noise of the two last looks whose mean is the result, 0 for none", "Å"),
}
"""Every setting by its name, which is also the name of the option on the command line."""

SCHEDULE_SETTINGS: Final = ("schedule", "rho", "sigma_min")
"""What is asked for in place of a sampler's schedule."""


GUIDANCE: Final = "guidance"
"""The setting that every sampler has, because it changes what the sampler is guided by."""

POLISH: Final = "polish"
"""The setting that every sampler has, because it is about what follows the sampler."""


def settings_of(sampler: type[Sampler]) -> tuple[str, ...]:
    """The names of a sampler's settings beside its number of steps, those that every sampler has last."""
    own = [field.name for field in fields(sampler)]  # type: ignore[arg-type]
    names: list[str] = []
    for name in own:
        names += SCHEDULE_SETTINGS if name == "schedule" else [name] if name != "n_steps" else []
    return (*names, GUIDANCE, POLISH)


def calls_of_step(sampler: type[Sampler], given: Mapping[str, float | str]) -> int:
    """Network calls a molecule uses in a step with these settings: each Langevin step is one beside the predictor's."""
    corrector = given.get("n_corrector")
    return sampler.calls_per_step if corrector is None else 1 + max(1, int(corrector))  # fewer are refused later


def default_of(sampler: Sampler, name: str) -> Any:
    """What a setting is in a sampler that was built without it."""
    if name == "schedule":
        return type(sampler.schedule).__name__.lower()  # type: ignore[attr-defined]
    holder = sampler.schedule if name in SCHEDULE_SETTINGS else sampler  # type: ignore[attr-defined]
    return getattr(holder, name)
