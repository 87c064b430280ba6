"""Controls that several kinds of prior share; each says through its panel what a person did.

Widgets hold nothing of their own: before one is drawn it is set to what the design says, so that a slider, the number
beside it and the picture cannot disagree.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator as Column

from gpff_app import kept
from gpff_app.prior_studio.kind import Change, Panel
from gpff_core.errors import GpffError

SIGMA_HELP: Final = (
    "σ: standard deviation of every coordinate, as root mean square over x, y and z. A molecule of 20 atoms is about "
    "1.5 Å wide."
)
TEMPERATURE_HELP: Final = (
    "kT = 2σ²: noising is heating. The pseudo-energy of an atom is the square of its distance from where it belongs, "
    "so its temperature is in Å² too."
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
    left, right = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    _slider(left, label, value, put, key=key, top=top, low=low, step=step, explanation=explanation)
    _number(right, f"{label}, typed", value, put, key=key, step=step, label_visibility="collapsed")


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

    def put(chosen: float) -> None:
        panel.attempt(lambda: settings_of(chosen))

    def put_temperature(kt: float) -> None:
        panel.attempt(lambda: settings_of(sigma_at(kt)))

    left, middle, right = st.columns([5, 4, 4], gap="small", vertical_alignment="bottom")
    _slider(left, label, sigma, put, key=key, top=top, low=low, step=0.05, explanation=explanation)
    _number(middle, "σ (Å)", sigma, put, key=key, step=0.05, help=explanation)
    _number(
        right,
        "kT = 2σ² (Å²)",
        temperature(sigma),
        put_temperature,
        key=f"{key} kT",
        step=0.1,
        help=f"{TEMPERATURE_HELP} Change either, the other follows.",
    )


def _slider(
    column: Column,
    label: str,
    value: float,
    put: Callable[[float], None],
    *,
    key: str,
    top: float,
    low: float,
    step: float,
    explanation: str | None,
) -> None:
    place = f"{key} slider"
    kept.show(place, min(max(value, low), top))
    column.slider(
        label, low, top, step=step, key=place, help=explanation, on_change=lambda: put(st.session_state[place])
    )


def _number(
    column: Column, label: str, value: float, put: Callable[[float], None], *, key: str, step: float, **look: Any
) -> None:
    place = f"{key} number"
    kept.show(place, value)
    column.number_input(
        label, step=step, key=place, format="%.3f", on_change=lambda: put(st.session_state[place]), **look
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
        kept.show(place, float(value))
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
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f":small[{title}]", width="content")
        for name, settings in options.items():
            st.button(name, key=f"{key} {name}", on_click=panel.attempt, args=[settings])
