"""Which of the numbers that were typed a sentence is about, so that it can stand beside that number.

The library says what is wrong and not where it was typed; taking one number back after the other tells.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gpff_app.noise_lab.schedules import Schedule
from gpff_core.errors import GpffError


@dataclass(frozen=True)
class Fault:
    """What is wrong, and the name of the number that is to be corrected; "" if it is no single one."""

    name: str
    sentence: str


def fault_of(schedule: Schedule) -> Fault | None:
    """What does not fit in a schedule: `steps`, `sigma_max` or one of its settings; None if everything does."""
    without = {"steps": replace(schedule, steps=None).recipe} if schedule.steps is not None else {}
    without |= {"sigma_max": replace(schedule, sigma_max=None).recipe} if schedule.sigma_max is not None else {}
    without |= {name: schedule.with_setting(name, None).recipe for name in schedule.settings}
    return fault(schedule.recipe, without)


def fault(attempt: Callable[[], object], without: Mapping[str, Callable[[], object]]) -> Fault | None:
    """What an attempt fails with, and what to take back: `without` attempts the same without the number of that name.

    A number is to blame whose absence mends everything, else one without which something else is wrong first.
    """
    sentence = _sentence(attempt)
    if not sentence:
        return None
    said = {name: _sentence(again) for name, again in without.items()}
    mended = [name for name, other in said.items() if not other]
    blamed = mended or [name for name, other in said.items() if other != sentence]
    return Fault(blamed[0] if blamed else "", sentence)


def _sentence(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except GpffError as error:
        return str(error)
    return ""
