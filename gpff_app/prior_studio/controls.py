"""Controls that several kinds of prior share; each says through its panel what a person did.

Widgets hold nothing of their own: before one is drawn it is set to what the design says, so that a slider, the number
beside it and the picture cannot disagree.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from gpff_app.prior_studio.kind import Change, Panel
from gpff_core.errors import GpffError

SIGMA_HELP: Final = (
    "σ: standard deviation of every coordinate, as root mean square over x, y and z. A molecule of 20 atoms is about "
    "1.5 Å wide."
)
TEMPERATURE_HELP: Final = (
    "kT = 2σ²: noising is heating. The pseudo-energy of an atom is the square of its distance from where it belongs, "
    "so its temperature is in Å² too. Change either, the other follows."
)
SPREAD_HELP: Final = "Standard deviation of the noise on every coordinate, about the place an atom is given."


def in_step(
    label: str,
    value: float,
    put: Callable[[float], None],
    *,
    key: str,
    top: float,
    low: float = 0.1,
    step: float = 0.1,
    explanation: str | None = None,
) -> None:
    """A slider from `low` to `top` and a number beside it, which may go beyond; `put` is told what was chosen."""
    slider, number = f"{key} slider", f"{key} number"
    st.session_state[slider] = min(max(value, low), top)
    st.session_state[number] = value
    left, right = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    left.slider(
        label, low, top, step=step, key=slider, help=explanation, on_change=lambda: put(st.session_state[slider])
    )
    right.number_input(
        f"{label}, typed",
        step=step,
        key=number,
        format="%.3f" if step < 0.1 else "%.2f",
        label_visibility="collapsed",
        on_change=lambda: put(st.session_state[number]),
    )


def heat(
    panel: Panel,
    label: str,
    sigma: float,
    settings_of: Callable[[float], Mapping[str, Any]],
    *,
    key: str,
    top: float = 5.0,
    low: float = 0.1,
    explanation: str = SIGMA_HELP,
) -> None:
    """σ by slider and by number, and the temperature that is the same; `settings_of(σ)` goes into the design."""
    in_step(
        label,
        sigma,
        lambda chosen: panel.attempt(lambda: settings_of(chosen)),
        key=key,
        top=top,
        low=low,
        step=0.05,
        explanation=explanation,
    )
    place = f"{key} temperature"
    st.session_state[place] = temperature(sigma)
    st.number_input(
        "Temperature kT = 2σ² (Å²)",
        step=0.1,
        key=place,
        format="%.3f",
        help=TEMPERATURE_HELP,
        on_change=lambda: panel.attempt(lambda: settings_of(sigma_at(st.session_state[place]))),
    )


def temperature(sigma: float) -> float:
    """kT in Å² of noise of width σ (Å)."""
    return 2 * sigma**2


def sigma_at(kt: float) -> float:
    """The width (Å) of noise at a temperature kT (Å²)."""
    if not 0 <= kt < math.inf:
        raise GpffError(f"The temperature kT is {kt:g} Å²; give 0 or a positive number, for example 4.5 for σ = 1.5 Å.")
    return round(math.sqrt(kt / 2), 6)


def numbers_in_a_row(
    label: str,
    names: Sequence[str],
    values: Sequence[float],
    put: Callable[[list[float]], None],
    *,
    key: str,
    step: float,
    explanation: str,
    decimals: int = 2,
) -> None:
    """Some numbers side by side under one label; `put` is told all of them when one has changed."""
    st.markdown(f":small[{label}]", help=explanation)
    places = [f"{key} {name}" for name in names]
    for column, place, name, value in zip(st.columns(len(names), gap="small"), places, names, values, strict=True):
        st.session_state[place] = float(value)
        column.number_input(
            f"{label} {name}",
            step=step,
            key=place,
            format=f"%.{decimals}f",
            label_visibility="collapsed",
            on_change=lambda: put([st.session_state[place] for place in places]),
        )


def choices(panel: Panel, title: str, options: Mapping[str, Change], *, key: str) -> None:
    """Buttons, each of which takes settings into the design."""
    st.markdown(f":small[{title}]")
    with st.container(horizontal=True, gap="xsmall"):
        for name, settings in options.items():
            st.button(name, key=f"{key} {name}", on_click=panel.attempt, args=[settings])
