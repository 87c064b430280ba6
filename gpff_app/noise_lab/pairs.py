"""Results side by side: a component with one card a seed, in it what every schedule made of it."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from gpff_app.component import component
from gpff_app.drawing import drawing
from gpff_app.noise_lab.comparison import Comparison
from gpff_app.noise_lab.schedules import LETTERS
from gpff_core.samples import Sample

_show = component("pairs")

SeedKey = tuple[int, int]
"""The seed and the place in the run: what the molecules of a card have in common."""

Row = tuple[SeedKey, list[Sample | None]]
"""A seed and what each schedule made of it; None where its run has not finished."""

SAME: Final = "same molecule"
DIFFERENT: Final = "different molecules"
NONE_VALID: Final = "none valid"
FILTERS: Final = {"All": "", "Same molecule": SAME, "Different molecules": DIFFERENT, "Only some valid": "only"}
"""What may be looked for, and how the badge of such a card begins."""


def rows_of(comparison: Comparison) -> list[Row]:
    """All seeds on which at least one schedule has finished, in their order."""
    made = [comparison.samples_of(place) for place in range(len(comparison.plan.schedules))]
    keys = sorted({key for samples in made for key in samples})
    return [(key, [samples.get(key) for samples in made]) for key in keys]


def badge(samples: Sequence[Sample | None]) -> str:
    """How the molecules of one seed compare."""
    valid = [bool(sample and sample.verdict.valid) for sample in samples]
    if not any(valid):
        return NONE_VALID
    if not all(valid):
        return f"only {', '.join(letter for letter, good in zip(LETTERS, valid, strict=False) if good)} valid"
    return SAME if len({sample.verdict.smiles for sample in samples if sample}) == 1 else DIFFERENT


def pairs(
    rows: Sequence[Row], columns: Sequence[str], *, focus: SeedKey, on_focus: Callable[[SeedKey], None], key: str
) -> None:
    """Show rows as cards; `columns` are the letters of the schedules, `on_focus` is called with the card clicked."""

    def chosen() -> None:
        seed, place = str(st.session_state[key]["focus"]["key"]).split(" ")
        on_focus((int(seed), int(place)))

    cards = [_card(seed, samples) for seed, samples in rows]
    _show(key=key, data={"columns": list(columns), "cards": cards, "focus": _text(focus)}, on_focus_change=chosen)


def _text(key: SeedKey) -> str:
    return f"{key[0]} {key[1]}"


def _card(key: SeedKey, samples: Sequence[Sample | None]) -> dict[str, Any]:
    seed, place = key
    title = f"Seed {seed} · molecule {place + 1}"
    return {"key": _text(key), "title": title, "badge": badge(samples), "cells": [_cell(sample) for sample in samples]}


def _cell(sample: Sample | None) -> dict[str, Any]:
    if sample is None:
        return {"valid": False, "missing": True, "smiles": "", "reason": "not finished", "drawing": ""}
    verdict = sample.verdict
    return {
        "valid": verdict.valid,
        "missing": False,
        "smiles": verdict.smiles,
        "reason": verdict.reason,
        "drawing": drawing(verdict.smiles) if verdict.valid else "",
    }
