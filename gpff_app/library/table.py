"""The table of structures: a component that shows one page of rows or cards, to look at, to tick, to star and to sort.

The browser holds the ticks and draws stars at once; what is found and in which order is Python's.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from gpff_app.component import component
from gpff_app.drawing import drawing
from gpff_app.library.columns import COLUMNS, NOVELTY, WORDS
from gpff_app.library.filters import moment
from gpff_app.library.query import Query

_show = component("library")


def table(
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    query: Query,
    shown: Sequence[str],
    cards: bool,
    selection: Sequence[int],
    pushed: int,
    focus: int | None,
    on_select: Callable[[list[int]], None],
    on_focus: Callable[[int], None],
    on_star: Callable[[dict[int, bool]], None],
    on_sort: Callable[[str], None],
) -> None:
    """Show rows of `Library.page`; `shown` are columns, `focus` the structure in 3D.

    `selection` is taken over by the browser when `pushed` has changed; after that the browser's ticks are told to
    `on_select`.
    """

    def selected() -> None:
        on_select([int(number) for number in st.session_state[key]["selected"]["ids"]])

    def starred() -> None:
        changes = st.session_state[key]["stars"]["changes"]
        on_star({int(number): bool(star) for number, star in changes.items()})

    _show(
        key=key,
        data={
            "rows": [_described(row, shown) for row in rows],
            "columns": [_heading(name) for name in shown],
            "sort": {"name": query.sort, "descending": query.descending},
            "cards": cards,
            "focus": focus,
            "selection": list(selection),
            "pushed": pushed,
        },
        default={"selected": {"ids": list(selection), "time": 0}},
        on_selected_change=selected,
        on_focus_change=lambda: on_focus(int(st.session_state[key]["focus"]["id"])),
        on_stars_change=starred,
        on_sort_change=lambda: on_sort(str(st.session_state[key]["sort"]["name"])),
    )


def _heading(name: str) -> dict[str, Any]:
    column = COLUMNS[name]
    return {
        "name": name,
        "label": column.label,
        "unit": column.unit,
        "help": column.help,
        "number": name not in WORDS,
    }


def _described(row: Mapping[str, Any], shown: Sequence[str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("id", "smiles", "reason", "note", "copies")},
        "valid": bool(row["valid"]),
        "favourite": bool(row["favourite"]),
        "drawing": drawing(row["smiles"]) if row["valid"] else "",
        "cells": [_cell(row, name) for name in shown],
    }


def _cell(row: Mapping[str, Any], name: str) -> str:
    """What stands in a cell; what is not known is a dash."""
    value = row[name]
    if name == "novelty":
        return "–" if value == "undetermined" else NOVELTY[value]
    if value in (None, ""):
        return "–"
    if name == "created":
        return moment(value)
    return f"{value:.{COLUMNS[name].digits}f}" if isinstance(value, int | float) else str(value)
