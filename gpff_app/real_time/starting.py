"""The sidebar of the Real-time editor: what to start with, and how the molecule follows the hand."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from gpff_app.controls import LARGEST_SEED
from gpff_app.kept import key
from gpff_app.real_time.document import Document
from gpff_app.real_time.relaxing import MOST_CALLS, MOST_SHAKING, Manner
from gpff_app.real_time.session import FIRST_SMILES, PAGE, begin, document_of_smiles
from gpff_app.run import Order, Run
from gpff_app.session import Workplace
from gpff_app.text import plain
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.composition import check_elements
from gpff_core.errors import GpffError
from gpff_core.networks.checkpoint import Checkpoint
from gpff_core.recipe import PRESETS

_TAKEN: Final = "real_time run that is on the desk"


def start_controls(place: Workplace, field: Checkpoint, reference: TrainingReference | None) -> None:
    """A SMILES or a formula, and what it leads to; says in a sentence what is wrong with it."""
    with st.form("real_time start", border=False):
        smiles = st.text_input(
            "SMILES",
            key=key(PAGE, "smiles", first=FIRST_SMILES),
            persist_state="session",
            help="A molecule as text, for example CCO for ethanol; RDKit gives it its first geometry.",
        )
        if st.form_submit_button("Start with this molecule", icon=":material/science:", width="stretch"):
            place.forget_failure()
            _try(lambda: begin(field, document_of_smiles(smiles)))
    with st.form("real_time generate", border=False):
        formula = st.text_input(
            "or a formula",
            key=key(PAGE, "formula", first="C6H10O2"),
            persist_state="session",
            help="How many atoms of each element; one molecule is generated.",
        )
        if st.form_submit_button("Generate one", icon=":material/auto_awesome:", width="stretch"):
            _try(lambda: place.start(_run(formula, field, reference)))


def manner_controls() -> Manner:
    """How the molecule follows the hand; GpffError says what does not fit."""
    calls = st.slider(
        "Network calls a picture",
        1,
        MOST_CALLS // 2,
        key=key(PAGE, "calls", first=3),
        persist_state="session",
        help="More calls relax further before each picture, and each call takes time: more than about 8 feel slow.",
    )
    shaking = st.slider(
        "Shaking λ (Å)",
        0.0,
        MOST_SHAKING,
        step=0.1,
        key=key(PAGE, "shaking", first=0.0),
        persist_state="session",
        help="Random moves of this size before each call, less and less; 0 is plain relaxation. Shaking lets the "
        "molecule find another shape or another way to be bonded.",
    )
    hold = st.toggle(
        "Hold the dragged atoms",
        key=key(PAGE, "hold", first=True),
        persist_state="session",
        help="On: what is in the hand stays exactly under the pointer and the rest follows. Off: it may slip back.",
    )
    st.slider(
        "Width σ of a cloud (Å)",
        0.2,
        3.0,
        step=0.1,
        key=key(PAGE, "blob_sigma", first=0.8),
        persist_state="session",
        help="Standard deviation of the prior cloud that the picked atoms are dissolved into by *Cloud*.",
    )
    return Manner(calls, shaking, hold)


def take_generated(place: Workplace, field: Checkpoint) -> None:
    """Put the molecule of a run that has ended on the desk, once; one of a session that was opened is there already."""
    run = place.run
    if run is None or place.job is None or place.active or not run.samples:
        return
    if st.session_state.get(_TAKEN) == run.recording.run:
        return
    st.session_state[_TAKEN] = run.recording.run
    sample = run.samples[0]
    begin(field, Document(run.order.composition.formula, sample.composition, sample.positions))


def _run(formula: str, field: Checkpoint, reference: TrainingReference | None) -> Run:
    composition = parse_formula(formula)
    check_elements([composition], field.elements, field.name)
    recipe = replace(PRESETS["best"], seed=random.randint(0, LARGEST_SEED))
    return Run(Order(composition, 1, recipe, field.name), field, reference)


def _try(action: Callable[[], object]) -> None:
    try:
        action()
    except GpffError as error:
        st.error(plain(str(error)))
