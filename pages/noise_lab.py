"""Noise lab: design schedules, run them from the same seeds, compare; and the method in pictures."""

from typing import Final

import streamlit as st

from gpff_app import resources
from gpff_app.controls import choose_checkpoint
from gpff_app.kept import key
from gpff_app.noise_lab import design, editor, method, outcome
from gpff_app.noise_lab.comparison import Comparison, Plan
from gpff_app.noise_lab.lab import current
from gpff_app.noise_lab.schedules import LETTERS
from gpff_app.text import plain
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint

VIEWS: Final = ("Compare schedules", "The method in pictures")


def noise_lab_page() -> None:
    """The whole page."""
    view = st.segmented_control(
        "View",
        VIEWS,
        key=key(editor.PAGE, "view", first=VIEWS[0]),
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    try:
        with st.sidebar:
            name = choose_checkpoint()
        field, reference = resources.checkpoint(name), resources.training_reference(name)
    except GpffError as error:
        st.error(plain(str(error)))
        return
    if view == VIEWS[1]:
        method.pictures(field)
    else:
        _compare(field, reference)


def _compare(field: Checkpoint, reference: TrainingReference | None) -> None:
    schedules = editor.load()
    editor.store(schedules)
    with st.sidebar:
        plan = editor.plan_of(schedules, editor.question(field), field.name)
        _run_button(plan, field, reference)
        editor.edit(schedules)
    design.presets(schedules)
    outcome.status(current())
    lines = design.lines_of(schedules)
    axis = design.figures(lines)
    design.costs(lines, schedules, plan)
    outcome.outcome(current(), axis)


def _run_button(plan: Plan | None, field: Checkpoint, reference: TrainingReference | None) -> None:
    letters = ", ".join(LETTERS[: len(plan.schedules)]) if plan else ""
    text = f"Run {letters}"
    pressed = st.button(
        text, type="primary", icon=":material/play_arrow:", width="stretch", disabled=plan is None, key="noise run"
    )
    if pressed and plan is not None:
        try:
            current().start(Comparison(plan, field, reference))
        except GpffError as error:
            st.error(plain(str(error)))


noise_lab_page()
