"""The filters of the Library page, in the sidebar: widgets in, a `Query` out."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import streamlit as st

from gpff_app import kept
from gpff_app.library.columns import COLUMNS, NOVELTY, NUMBERS
from gpff_app.library.query import Query, Range
from gpff_app.library.store import RunLine
from gpff_app.text import plain
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.properties import CORNERS
from gpff_core.errors import GpffError

VALIDITY: Final = {"All": None, "Valid": True, "Not valid": False}
SCAFFOLD: Final = {"": "Any", "kept": "Kept", "lost": "Lost", "none": "Made without"}
DAYS: Final = {"Any time": None, "Today": 0, "Last 7 days": 6, "Last 30 days": 29, "Last year": 364}
CHOSEN: Final = "From … to …"
MADE: Final = (*DAYS, CHOSEN)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""What can be chosen in a calendar."""


def key(name: str, first: Any = None) -> str:
    return kept.key("library", name, first=first)


def filters(runs: Sequence[RunLine]) -> Query:
    """Draw the filters; GpffError says which of them cannot be used."""
    text = st.text_input(
        "Search",
        key=key("text", ""),
        persist_state="session",
        placeholder="SMILES, formula, note, run …",
        help="Looks for these letters in SMILES, formula, note, reason, scaffold and run.",
    )
    validity = st.segmented_control(
        "Validity",
        list(VALIDITY),
        key=key("validity", "All"),
        persist_state="session",
        help="Valid: the atoms can be joined by single, double and triple bonds into one neutral molecule.",
    )
    favourites = st.toggle("Favourites only", key=key("favourites", False), persist_state="session")
    formula = st.text_input("Formula", key=key("formula", ""), persist_state="session", placeholder="any, e.g. C7H10O2")
    with st.expander("More filters"):
        substructure = st.text_input(
            "Substructure (SMARTS)",
            key=key("substructure", ""),
            persist_state="session",
            placeholder="any, e.g. c1ccccc1",
            help="A pattern that the molecule must contain; a SMILES is one, too.",
        )
        novelty = st.pills(
            "Novelty",
            list(NOVELTY),
            format_func=NOVELTY.__getitem__,
            selection_mode="multi",
            key=key("novelty"),
            persist_state="session",
            help=COLUMNS["novelty"].help,
        )
        shape = st.pills(
            "Shape",
            list(CORNERS),
            selection_mode="multi",
            key=key("shape"),
            persist_state="session",
            help=COLUMNS["shape"].help,
        )
        scaffold = st.selectbox(
            "Scaffold", list(SCAFFOLD), format_func=SCAFFOLD.__getitem__, help=COLUMNS["scaffold"].help,
            key=key("scaffold", ""), persist_state="session",
        )  # fmt: skip
        since, until = _made()
        run = _run(runs)
    return Query(
        text=text.strip(),
        formula=parse_formula(formula).formula if formula.strip() else "",
        substructure=substructure.strip(),
        valid=VALIDITY[validity or "All"],
        novelty=tuple(novelty),
        shape=tuple(shape),
        scaffold=scaffold,
        run=run,
        since=since,
        until=until,
        favourites=favourites,
        ranges=_ranges(),
    )


def clear() -> None:
    """Start without any filter."""
    kept.forget(name for name in kept.snapshot("library") if not name.startswith(kept.key("library", "view")))


def zone() -> ZoneInfo:
    """The time zone of the browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ValueError, KeyError):  # a zone this machine does not know
        return ZoneInfo("UTC")


def show_only(run: str) -> None:
    """Start with one run and no other filter."""
    clear()
    st.session_state[key("run")] = run


def all_runs() -> None:
    """Take the filter of a run away, and no other."""
    kept.forget([key("run")])


def between(first: date | None, last: date | None, zone: ZoneInfo) -> tuple[str, str]:
    """From the beginning of a day to the end of another, in UTC as the library writes it; "" for any time.

    Raises GpffError if the last day is before the first.
    """
    if first and last and first > last:
        raise GpffError(f"Made from {first} to {last} is empty; swap the two days.")
    days = (first, last + timedelta(days=1) if last else None)
    since, until = (
        datetime.combine(day, time(), zone).astimezone(UTC).isoformat(timespec="seconds") if day else "" for day in days
    )
    return since, until


def moment(created: str) -> str:
    """A time of the library as people read it, where the browser is."""
    return datetime.fromisoformat(created).astimezone(zone()).strftime("%d %b %Y %H:%M")


def run_label(line: RunLine) -> str:
    """A run in the words of a person; what tells runs apart comes first, as the end may be cut off."""
    made = json.loads(line.provenance)
    what = made["prior"] if made["sampler"] == "imported" else f"{line.formula}, seed {made['seed']}"
    return f"{what} ({line.n_structures}) · {moment(line.created)}"


def _made() -> tuple[str, str]:
    """The moments between which structures were made; "" is no limit."""
    made = st.selectbox(
        "Made", MADE, key=key("made", MADE[0]), persist_state="session", help="Days begin and end where you are."
    )
    if made == CHOSEN:
        return between(_day("From", "made from"), _day("To", "made to"), zone())
    days = DAYS[made]
    return between(None if days is None else datetime.now(zone()).date() - timedelta(days=days), None, zone())


def _day(label: str, name: str) -> date | None:
    """A day, which is kept as text: session files and links cannot hold anything else."""
    place, widget = key(name, ""), f"library {name}"
    text = st.session_state[place]
    kept.show(widget, date.fromisoformat(text) if text else None)

    def choose() -> None:
        chosen = st.session_state[widget]
        st.session_state[place] = "" if chosen is None else chosen.isoformat()

    return st.date_input(
        label, value=None, min_value=FIRST_DAY, max_value=LAST_DAY, key=widget, on_change=choose, format="YYYY-MM-DD"
    )


def _run(runs: Sequence[RunLine]) -> str:
    labels = {"": "Any", **{line.id: run_label(line) for line in runs}}
    place = key("run", "")
    if st.session_state[place] not in labels:  # its last structure was deleted
        st.session_state[place] = ""
    return st.selectbox(
        "Run",
        list(labels),
        format_func=labels.__getitem__,
        key=place,
        persist_state="session",
        help="One press of Generate, or one import.",
    )


def _ranges() -> tuple[Range, ...]:
    """Limits on numbers: those chosen get two fields each."""
    chosen = st.multiselect(
        "Limits on",
        list(NUMBERS),
        format_func=lambda name: NUMBERS[name].title,
        key=key("ranges", []),
        persist_state="session",
        placeholder="QED, logP, …",
        help="Structures of which such a number is not known are left out.",
    )
    found = []
    for name in chosen:
        column = NUMBERS[name]
        low, high = st.columns(2, gap="small")
        limits = [
            place.number_input(
                f"{column.label} {word}", value=None, placeholder="any", step=1.0 if column.digits == 0 else 0.1,
                key=key(f"{word} {name}"), persist_state="session", help=column.help,
            )
            for place, word in ((low, "from"), (high, "to"))
        ]  # fmt: skip
        try:
            found.append(Range(name, *limits))
        except GpffError as error:
            st.error(plain(str(error)))
    return tuple(limits for limits in found if limits.low is not None or limits.high is not None)
