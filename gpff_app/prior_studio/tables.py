"""Tables of numbers one can type in, add rows to and delete rows from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

Row = list[float]


def table(
    columns: Mapping[str, str],
    rows: Sequence[Sequence[float]],
    put: Callable[[list[Row]], None],
    *,
    key: str,
    defaults: Sequence[float | None],
    height: int = 215,
) -> None:
    """Draw a table of rows; `put` is told all complete rows when a person changed some.

    `columns` are headings and what they mean; `defaults` fill a new row, None where a number must be typed. The widget
    remembers what was typed on top of what it was given, so it is given the same until the rows change elsewhere.
    """
    given = st.session_state.get(f"{key} given")
    if given is None or st.session_state[f"{key} now"] != [list(row) for row in rows]:
        version = 0 if given is None else given[0] + 1
        given = st.session_state[f"{key} given"] = (version, [list(row) for row in rows])
        st.session_state[f"{key} now"] = given[1]
    version, base = given
    widget = f"{key} {version}"

    def changed() -> None:
        complete = edited(base, st.session_state[widget], list(columns), defaults)
        st.session_state[f"{key} now"] = complete
        put(complete)

    st.data_editor(
        pd.DataFrame(base, columns=list(columns), dtype=float),
        key=widget,
        num_rows="dynamic",
        hide_index=True,
        height=height,
        on_change=changed,
        column_config={
            heading: st.column_config.NumberColumn(heading, help=meaning, default=default, format="%.3f")
            for (heading, meaning), default in zip(columns.items(), defaults, strict=True)
        },
    )


def edited(
    base: Sequence[Sequence[float]],
    edits: Mapping[str, Any],
    columns: Sequence[str],
    defaults: Sequence[float | None],
) -> list[Row]:
    """The rows after what a data editor reports was done to them, without those that are not complete yet."""
    rows: list[list[float | None]] = [list(row) for row in base]
    for place, cells in edits.get("edited_rows", {}).items():
        for heading, value in cells.items():
            rows[int(place)][columns.index(heading)] = value
    gone = set(edits.get("deleted_rows", []))
    kept = [row for place, row in enumerate(rows) if place not in gone]
    kept += [
        [cells.get(heading, default) for heading, default in zip(columns, defaults, strict=True)]
        for cells in edits.get("added_rows", [])
    ]
    return [[float(x) for x in row if x is not None] for row in kept if None not in row]
