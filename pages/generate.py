"""Generate: a formula becomes molecules, and one watches."""

from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st
from rdkit import Chem

from gpff_app import resources
from gpff_app.controls import choose_checkpoint, controls
from gpff_app.jobs import JobState
from gpff_app.results import SUMMARY_HELP, results, summary
from gpff_app.run import Order, Run
from gpff_app.session import Session, current
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_core.errors import GpffError
from gpff_core.samples import Sample

# Comments, because Streamlit writes a string that stands alone in a page onto it.
POLL: Final = 0.25  # seconds between looks at a run that goes on
STYLE_SHEET: Final = Path(__file__).parents[1] / "static" / "app.css"

WELCOME: Final = "Type a formula on the left and press Generate: clouds of noise will fall into molecules here."
STATE_TEXT: Final = {
    JobState.FINISHED: "Finished",
    JobState.STOPPED: "Stopped, what was there is kept",
}


def generate_page() -> None:
    """The whole page."""
    st.html(STYLE_SHEET)
    session = current()
    with st.sidebar:
        try:
            name = choose_checkpoint()
            field, reference = resources.checkpoint(name), resources.training_reference(name)
        except GpffError as error:
            st.error(plain(str(error)))
            return
        order = controls(field, reference)
        if order is not None and st.session_state["go"]:
            try:
                session.start(Run(order, field, reference))
            except GpffError as error:
                st.error(plain(str(error)))
    st.fragment(_watch, run_every=POLL if session.active else None)(session, order)


def _watch(session: Session, order: Order | None) -> None:
    """The part that follows a run: status, 3D view, results."""
    was_active = session.active
    run = session.run
    _status(session)
    request = run.request if run else order.request() if order else None
    viewer(
        run.recording if run else None,
        key="viewer",
        live=was_active,
        focus=session.focus,
        on_focus=session.look_at,
        captions=captions(run.samples) if run else [],
        bonds=[bonds(sample) for sample in run.samples] if run else [],
        prior_axes=half_axes(request.prior.covariance) if request else None,
        message=WELCOME,
    )
    results(session)
    if was_active and not session.active:
        st.rerun()  # the run has ended: show its results and stop polling


def _status(session: Session) -> None:
    """One line of constant height, so that nothing below it moves."""
    job, run = session.job, session.run
    with st.container(horizontal=True, vertical_alignment="center", height=56, border=False):
        if job is None or run is None:
            st.markdown("#### Generate molecules", width="stretch")
        elif job.state is JobState.WAITING:
            ahead = resources.job_queue().jobs_ahead(job)
            st.progress(0.0, text=f"Waiting for a free place ({ahead} runs before yours) …")
        elif job.state is JobState.RUNNING:
            step = min(run.recording.n_frames, run.order.recipe.n_steps)
            text = (
                f"{run.order.n_molecules} × {run.order.composition.formula}: step {step} of {run.order.recipe.n_steps}"
            )
            st.progress(run.progress, text=text)
        elif job.state is JobState.FAILED:
            st.error(plain(job.error))
        else:
            said = [f"**{run.order.composition.formula}**", STATE_TEXT[job.state], *summary(run.samples)]
            st.markdown(" · ".join(said), width="stretch", help=SUMMARY_HELP)
        if job is not None and job.active:
            st.button("Stop", icon=":material/stop:", on_click=job.stop, key="stop")


def captions(samples: list[Sample]) -> list[str]:
    """A line for each cloud of the overview."""
    return [f"✓ {sample.verdict.smiles}" if sample.verdict.valid else "✗ not valid" for sample in samples]


def bonds(sample: Sample) -> list[tuple[int, int, int]]:
    """Bonds of a valid molecule as (atom, atom, order), with alternating single and double bonds in aromatic rings."""
    if sample.verdict.molecule is None:
        return []
    molecule = Chem.Mol(sample.verdict.molecule)
    Chem.Kekulize(molecule)
    return [
        (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), int(bond.GetBondTypeAsDouble())) for bond in molecule.GetBonds()
    ]


def half_axes(covariance: tuple[tuple[float, float, float], ...]) -> np.ndarray:
    """The principal axes (columns, 3×3, Å) of a covariance, one standard deviation long."""
    variances, directions = np.linalg.eigh(np.array(covariance))
    return directions * np.sqrt(variances)


generate_page()
