"""Checks of values that JSON can hold: each says as a clause what a value should be instead, "" if it is that."""

import json
import math
from collections.abc import Callable, Collection
from typing import Any, Final

Check = Callable[[Any], str]
"""GpffError, TypeError, ValueError or KeyError also say that a value cannot be used."""

LARGEST: Final = 2**53 - 1
"""Whole numbers beyond it do not survive the browser."""


def is_writable(value: Any) -> bool:
    """Whether the browser can be sent the value: half a letter of a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def text(value: Any) -> str:
    return "" if isinstance(value, str) else "a text"


def truth(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def number(low: float = -LARGEST, high: float = LARGEST, *, empty: bool = False) -> Check:
    """A finite number in a range, or, with `empty`, none."""
    wanted = "a number" + _from_to(low, high)

    def check(value: Any) -> str:
        fits = empty if value is None else _is_number(value) and low <= value <= high
        return "" if fits else wanted

    return check


def whole(low: int, high: int | Callable[[], int] = LARGEST, *, empty: bool = False) -> Check:
    """A whole number in a range, or, with `empty`, none."""

    def check(value: Any) -> str:
        most = high() if callable(high) else high
        fits = empty if value is None else type(value) is int and low <= value <= most
        return "" if fits else "a whole number" + _from_to(low, most)

    return check


def one_of(names: Collection[Any] | Callable[[], Collection[Any]], *, empty: bool = False) -> Check:
    """One of these, of the same type, or, with `empty`, none."""

    def check(value: Any) -> str:
        allowed = names() if callable(names) else names
        fits = empty if value is None else any(type(value) is type(name) and value == name for name in allowed)
        return "" if fits else f"one of {', '.join(str(name) for name in allowed if name != '')}"

    return check


def some_of(names: Collection[str]) -> Check:
    """A list of some of these, none of them twice."""

    def check(value: Any) -> str:
        fits = isinstance(value, list) and not any(one_of(names)(one) for one in value)
        return "" if fits and len(set(value)) == len(value) else f"some of {', '.join(names)}"

    return check


def readable(read: Callable[[Any], object]) -> Check:
    """What a reader accepts."""

    def check(value: Any) -> str:
        read(value)
        return ""

    return check


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _from_to(low: float, high: float) -> str:
    return (f" from {low:g}" if low > -LARGEST else "") + (f" to {high:g}" if high < LARGEST else "")
