"""The part of a page that follows a run: status with Stop, 3D view, results. It polls by itself while a run goes on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from gpff_app import resources
from gpff_app.jobs import Job, JobState
from gpff_app.results import SUMMARY_HELP, results, summary
from gpff_app.run import Order, Run, place_in
from gpff_app.session import Workplace
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_core.samples import Sample

POLL: Final = 0.25
"""Seconds between looks at a run that goes on, while few others do."""

POLL_A_JOB: Final = 0.1
"""Seconds for every job of the server: the more share the machine, the slower is each, and the less there is to see."""

STATE_TEXT: Final = {
    JobState.FINISHED: "Finished",
    JobState.STOPPED: "Stopped, what was there is kept",
}


Actions = Callable[[Sample], None]
"""Draws what a page offers to do with the molecule in focus, beside what every page does."""


def poll() -> float:
    """Seconds between looks at a run that goes on now."""
    return max(POLL, POLL_A_JOB * resources.job_queue().n_active)


def watch(
    place: Workplace,
    order: Order | None,
    *,
    title: str,
    message: str,
    actions: Actions | None = None,
    **look: Any,
) -> None:
    """Follow what a page has run.

    `order` is what would be made next; its prior is shown while there is no run. `title` and `message` stand where
    there is nothing yet, and `look` are further arguments of the viewer.
    """
    polls = place.active
    st.fragment(_watch, run_every=poll() if polls else None)(place, order, title, message, actions, look, polls)


def _watch(
    place: Workplace,
    order: Order | None,
    title: str,
    message: str,
    actions: Actions | None,
    look: Mapping[str, Any],
    polls: bool,
) -> None:
    run = place.run
    status(place, title)
    request = run.request if run else order.request() if order else None
    viewer(
        run.recording if run else None,
        key=f"viewer {place.page}",
        live=place.active,
        focus=place.focus,
        on_focus=place.look_at,
        captions=captions(run.samples, run.unfinished) if run else [],
        bonds=[sample.verdict.bonds for sample in run.samples] if run else [],
        prior_axes=half_axes(request.prior.covariance) if request else None,
        message=message,
        **look,
    )
    results(place, actions)
    if polls and not place.active:
        st.rerun()  # the run has ended: show its results and stop polling


def status(place: Workplace, title: str) -> None:
    """One line of constant height, so that nothing below it moves."""
    job, run, state = place.job, place.run, place.state
    with st.container(horizontal=True, vertical_alignment="center", height=56, border=False):
        if run is None or state is None:
            st.markdown(f"#### {title}", width="stretch")
        elif state is JobState.FINISHED:
            said = [f"**{run.order.composition.formula}**", STATE_TEXT[state], *summary(run.samples)]
            st.markdown(" · ".join(said), width="stretch", help=SUMMARY_HELP)
        elif state is JobState.STOPPED:
            st.markdown(f"**{run.order.composition.formula}** · {stopped_text(run)}", width="stretch")
        if job is not None:
            _job_status(place, job)
    _unarchived(run)


def troubles(place: Workplace) -> None:
    """What went wrong with a run, for a page that goes on with something else when it has ended."""
    if place.job is not None and place.job.state is JobState.FAILED:
        st.error(plain(place.job.error))
    _unarchived(place.run)


def _unarchived(run: Run | None) -> None:
    if run is not None and run.archive_problem:
        st.warning(plain(f"The molecules are not in the library: {run.archive_problem}"))


def _job_status(place: Workplace, job: Job) -> None:
    if job.state is JobState.RUNNING and place.run is not None:
        st.progress(place.run.progress, text=progress_text(place.run, job))
    job_besides_progress(job, stop_key=f"stop {place.page}")


def job_besides_progress(job: Job, *, stop_key: str) -> None:
    """What is said of any job beside how far it is: its place in the queue, why it failed, and Stop."""
    if job.state is JobState.WAITING:
        st.progress(0.0, text=_waiting_text(job))
    elif job.state is JobState.FAILED:
        st.error(plain(job.error))
    if job.active:
        st.button("Stop", icon=":material/stop:", on_click=job.stop, key=stop_key)


def _waiting_text(job: Job) -> str:
    queue = resources.job_queue()
    if queue.waits_for_its_owner(job):
        return "Waiting for your other run to end …"
    ahead = queue.jobs_ahead(job)
    return f"Waiting for a free place ({ahead} before yours) …" if ahead else "Waiting for a free place …"


def progress_text(run: Run, job: Job) -> str:
    """How far a run is, and about how long it will still take."""
    recipe, n_done = run.order.recipe, run.recording.n_frames
    text = f"{run.order.n_molecules} × {run.order.composition.formula}: {place_in(recipe, n_done)}"
    left = job.seconds_left(run.progress)
    return text if left is None or n_done > recipe.n_steps else f"{text}, about {duration(left)} left"


def stopped_text(run: Run) -> str:
    """Where a run was stopped; its molecules are not counted, because unfinished is not failed."""
    if not run.stopped_at:
        return "Stopped before the first step"
    where = place_in(run.order.recipe, run.stopped_at)
    if not run.unfinished:
        return f"Stopped at {where}; all molecules were valid by then"
    return f"Stopped at {where}; {len(run.unfinished)} of {len(run.samples)} molecules are unfinished"


def duration(seconds: float) -> str:
    """Seconds, or minutes once there are many."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def captions(samples: Sequence[Sample], unfinished: Collection[int] = ()) -> list[str]:
    """A line for each cloud of the overview."""
    return ["… unfinished" if sample.index in unfinished else _caption(sample) for sample in samples]


def _caption(sample: Sample) -> str:
    if not sample.verdict.valid:
        return "✗ not valid"
    return f"✗ scaffold lost {sample.verdict.smiles}" if sample.lost_scaffold else f"✓ {sample.verdict.smiles}"


def half_axes(covariance: ArrayLike) -> np.ndarray:
    """The principal axes (columns, 3×3, Å) of a covariance, one standard deviation long."""
    variances, directions = np.linalg.eigh(np.asarray(covariance, dtype=float))
    # Rounding may leave a flat cloud with less than nothing.
    axes: np.ndarray = directions * np.sqrt(variances.clip(min=0))
    return axes
