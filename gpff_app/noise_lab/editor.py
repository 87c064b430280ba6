"""The sidebar of the Noise lab: what to compare on, and the settings of each schedule.

The schedules are one kept document. A widget writes what is typed into it, under a key of its schedule, so that
schedules that are loaded, duplicated or removed never meet another's widgets.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gpff_app.controls import formula_control, seed_control
from gpff_app.kept import key
from gpff_app.noise_lab.comparison import MAX_SEEDS, Plan
from gpff_app.noise_lab.faults import Fault, fault, fault_of
from gpff_app.noise_lab.schedules import LETTERS, MAX_NAME, PRESETS, Schedule, changed, of_preset
from gpff_app.recipe_controls import SAMPLER_TEXT, SETTING_TEXT, sentence_on
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.errors import GpffError
from gpff_core.molecules import Composition
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import SCHEDULES, Recipe
from gpff_core.samplers import SAMPLERS, summary_of
from gpff_core.samplers.settings import calls_of_step, settings_of

PAGE: Final = "noise_lab"
FIRST: Final = {"formula": "C7H10O2", "n_molecules": 24, "seed": 0, "n_seeds": 1}

FITS: Final = 1
"""Molecules, seeds or first seed that nothing is wrong with."""

_DOCUMENT: Final = "schedules"
_EDITED: Final = "edited"


def load() -> list[Schedule]:
    """The schedules of this session; those of the first preset where there are none, or none that can be read."""
    said = st.session_state.get(key(PAGE, _DOCUMENT))
    if said is None:
        return of_preset(next(iter(PRESETS)))
    try:
        found = [Schedule.from_json(schedule) for schedule in list(said)[: len(LETTERS)]]
    except (GpffError, TypeError) as error:
        st.error(plain(str(error) if isinstance(error, GpffError) else "The saved schedules cannot be read."))
        found = []
    return found or of_preset(next(iter(PRESETS)))


def store(schedules: Sequence[Schedule], edit: int | None = None) -> None:
    """Keep the schedules, and choose the one to edit."""
    st.session_state[key(PAGE, _DOCUMENT)] = [schedule.as_json() for schedule in schedules]
    if edit is not None:
        st.session_state[key(PAGE, _EDITED)] = min(edit, len(schedules) - 1)


@dataclass(frozen=True)
class Question:
    """What to compare on; `composition` is None if what was typed is none.

    `beside` are the places under the numbers, by their names, where it is said what is wrong with one.
    """

    composition: Composition | None
    n_molecules: int
    seed: int
    n_seeds: int
    beside: Mapping[str, DeltaGenerator]


def question(field: Checkpoint) -> Question:
    """Ask what to compare on."""
    for name, value in FIRST.items():
        key(PAGE, name, first=value)
    with st.container():
        explanation = "The atoms of every molecule, for example C7H10O2."
        composition = formula_control(PAGE, field, "Formula", explanation)
    left, right = st.columns(2, gap="small")
    n_molecules = left.number_input(
        "Molecules",
        step=8,
        key=key(PAGE, "n_molecules"),
        persist_state="session",
        help=f"How many each schedule makes with one seed, 1 to {settings().max_molecules}. "
        "Differences between schedules that are smaller than about 100 / √molecules % cannot be told from chance.",
    )
    n_seeds = right.number_input(
        "Seeds",
        step=1,
        key=key(PAGE, "n_seeds"),
        persist_state="session",
        help=f"With how many seeds, counted up from the first, 1 to {MAX_SEEDS}. Every schedule runs with all of them.",
    )
    under_numbers = st.container()
    explanation = (
        "Molecule by molecule all schedules start from the same random numbers, so they can be compared in pairs."
    )
    seed = seed_control(PAGE, "First seed", explanation)
    beside = {"n_molecules": under_numbers, "n_seeds": under_numbers, "seed": st.container()}
    return Question(composition, int(n_molecules), seed, int(n_seeds), beside)


def plan_of(schedules: Sequence[Schedule], asked: Question, checkpoint: str) -> Plan | None:
    """The comparison that is asked for; None after saying in a sentence what is wrong with it, and where."""
    composition = asked.composition
    if composition is None:
        return None
    numbers = {"n_molecules": asked.n_molecules, "seed": asked.seed, "n_seeds": asked.n_seeds}

    def plan(**others: int) -> Plan:
        return Plan(tuple(schedules), composition, **{**numbers, **others}, checkpoint=checkpoint)

    wrong = fault(plan, {name: partial(plan, **{name: FITS}) for name in numbers})
    if wrong is None:
        return plan()
    if wrong.name:
        asked.beside[wrong.name].error(plain(wrong.sentence))
        return None
    edited: Any = st.session_state.get(key(PAGE, _EDITED))
    said_below = edited in range(len(schedules)) and fault_of(schedules[edited]) is not None
    if said_below and wrong.sentence.startswith(f"{LETTERS[edited]}: "):
        st.caption(f":material/error: Schedule {LETTERS[edited]} has a number to correct, see below.")
    else:
        st.error(plain(wrong.sentence))
    return None


def edit(schedules: Sequence[Schedule]) -> None:
    """Choose a schedule, change it, add, duplicate or remove one."""
    st.markdown(
        ":small[Schedule to edit]",
        help="A schedule says at which noise levels σ the network looks at the atoms on their way from a cloud of "
        f"noise to a molecule, and how much noise is put back in between. Compare up to {len(LETTERS)}.",
    )
    place = _choose(schedules)
    _list_actions(schedules, place)
    schedule = schedules[place]
    _name(schedules, place)
    st.selectbox(
        "Sampler",
        list(SAMPLERS),
        index=list(SAMPLERS).index(schedule.sampler),
        format_func=SAMPLER_TEXT.__getitem__,
        key=_key(schedule, "sampler"),
        on_change=_change_sampler,
        args=[schedules, place],
    )
    st.caption(summary_of(SAMPLERS[schedule.sampler]))
    _numbers(schedules, place)


def _choose(schedules: Sequence[Schedule]) -> int:
    chosen = key(PAGE, _EDITED, first=0)
    if st.session_state[chosen] not in range(len(schedules)):
        st.session_state[chosen] = 0
    place = st.segmented_control(
        "Schedule to edit",
        range(len(schedules)),
        format_func=LETTERS.__getitem__,
        key=chosen,
        persist_state="session",
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    return int(place or 0)


def _list_actions(schedules: Sequence[Schedule], place: int) -> None:
    def duplicate() -> None:
        twin = replace(schedules[place].copy(), name="")
        store([*schedules[: place + 1], twin, *schedules[place + 1 :]], place + 1)

    def add() -> None:
        store([*schedules, Schedule()], len(schedules))

    def remove() -> None:
        store([*schedules[:place], *schedules[place + 1 :]], max(0, place - 1))

    full = len(schedules) == len(LETTERS)
    columns = st.columns(3, gap="small")
    actions = [
        ("Add", add, full, "Add a schedule: direct denoising with its best settings."),
        ("Copy", duplicate, full, "Duplicate this schedule, to change one thing in it."),
        ("Remove", remove, len(schedules) == 1, "Take this schedule out of the comparison."),
    ]
    for column, (text, action, disabled, explanation) in zip(columns, actions, strict=True):
        column.button(
            text,
            on_click=action,
            disabled=disabled,
            help=explanation,
            key=f"noise {text}",
            width="stretch",
        )


def _name(schedules: Sequence[Schedule], place: int) -> None:
    schedule = schedules[place]

    def rename() -> None:
        name = str(st.session_state[_key(schedule, "name")]).strip()[:MAX_NAME]
        store(changed(schedules, place, lambda old: replace(old, name=name)))

    st.text_input(
        "Name",
        value=schedule.name,
        max_chars=MAX_NAME,
        placeholder=replace(schedule, name="").title,
        key=_key(schedule, "name"),
        on_change=rename,
        help="What it is called in figures, tables and files; left empty, it is called by what it does.",
    )


def _change_sampler(schedules: Sequence[Schedule], place: int) -> None:
    sampler = st.session_state[_key(schedules[place], "sampler")]
    store(changed(schedules, place, lambda old: old.with_sampler(sampler)))


def _numbers(schedules: Sequence[Schedule], place: int) -> None:
    """Steps, start and the sampler's own settings; one left empty has the value that was measured best."""
    schedule = schedules[place]
    best = Recipe(schedule.sampler, schedule.steps if schedule.steps and schedule.steps > 0 else None)
    calls = calls_of_step(SAMPLERS[schedule.sampler], schedule.settings)
    left, right = st.columns(2, gap="small")
    with left:
        _number(schedules, place, "steps", "Steps", 1, best.n_steps, f"A step is {calls} network call(s).")
    with right:
        start = best.build_prior().scale
        explanation = "σ_max: standard deviation of every coordinate of the cloud the atoms start from."
        _number(schedules, place, "sigma_max", "Start σ (Å)", 0.5, start, explanation)
    wrong = fault_of(schedule)
    _say(wrong, "steps", "sigma_max")
    names = settings_of(SAMPLERS[schedule.sampler])
    if "schedule" in names:
        _spacing(schedules, place)
    numbers = [name for name in names if name != "schedule" and not _unused(schedule, name)]
    for row in (numbers[i : i + 2] for i in range(0, len(numbers), 2)):
        for column, name in zip(st.columns(2, gap="small"), row, strict=False):
            with column:
                label, step = SETTING_TEXT[name]
                _number(schedules, place, name, label, step, best.value_of(name), sentence_on(name))
        _say(wrong, *row)
    _say(wrong, "")


def _say(wrong: Fault | None, *names: str) -> None:
    """What is wrong with one of these numbers, under them; one element in any case, so that none below moves."""
    with st.container():
        if wrong is not None and wrong.name in names:
            st.error(plain(wrong.sentence))


def _unused(schedule: Schedule, name: str) -> bool:
    """The geometric ladder has no ρ."""
    return name == "rho" and schedule.settings.get("schedule") == "geometric"


def _spacing(schedules: Sequence[Schedule], place: int) -> None:
    schedule = schedules[place]

    def change() -> None:
        spacing = st.session_state[_key(schedule, "schedule")]
        store(changed(schedules, place, lambda old: old.with_setting("schedule", spacing)))

    st.selectbox(
        "Spacing of the ladder",
        SCHEDULES,
        index=SCHEDULES.index(str(schedule.settings.get("schedule", SCHEDULES[0]))),
        format_func=str.capitalize,
        key=_key(schedule, "schedule"),
        on_change=change,
        help="How the noise levels are spaced. Geometric: a constant ratio from one to the next. Karras: finer and "
        "finer towards the low levels, by ρ.",
    )


def _number(
    schedules: Sequence[Schedule], place: int, name: str, label: str, step: float, best: Any, explanation: str
) -> None:
    """A number of a schedule; empty is the best."""
    schedule = schedules[place]
    widget = _key(schedule, name)
    own = name in ("steps", "sigma_max")
    value = getattr(schedule, name) if own else schedule.settings.get(name)

    def change() -> None:
        given = st.session_state[widget]
        if name == "steps":
            given = None if given is None else int(given)
        update = (lambda old: replace(old, **{name: given})) if own else (lambda old: old.with_setting(name, given))
        store(changed(schedules, place, update))

    st.number_input(
        label,
        value=None if value is None else type(step)(value),
        step=step,
        key=widget,
        on_change=change,
        placeholder=f"best: {best:g}" if math.isfinite(best) else "none",
        help=explanation,
    )


def _key(schedule: Schedule, name: str) -> str:
    return f"noise {schedule.key} {name}"
