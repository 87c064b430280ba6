"""What one browser session has done: on each page its latest run, and over all pages the runs it can go back to."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from gpff_app.jobs import Job, JobState
from gpff_app.resources import job_queue, library, session_id
from gpff_app.run import Run
from gpff_app.settings import settings

_HISTORY: Final = "runs of this session"
_PLACE: Final = "workplace "


@dataclass
class Workplace:
    """The latest run of a page, its place in the queue, and the molecule shown in 3D (None: all of them)."""

    page: str
    run: Run | None = None
    job: Job | None = None
    focus: int | None = None

    @property
    def state(self) -> JobState | None:
        """Of the latest run; None where there is none."""
        if self.job is not None and self.job.state is not JobState.STOPPED:
            return self.job.state
        if self.run is None:
            return None
        return JobState.FINISHED if self.run.stopped_at is None else JobState.STOPPED

    @property
    def active(self) -> bool:
        """Whether a run waits or goes on."""
        return self.job is not None and self.job.active

    def start(self, run: Run) -> None:
        """Queue a run in place of the last one, which is stopped; GpffError if the queue refuses it."""
        run.archive = library().add
        self.job = job_queue().submit(session_id(), run, instead_of=self.job)
        self.run, self.focus = run, None
        remember(run)

    def show(self, run: Run) -> None:
        """Put a run here that ended earlier."""
        if self.job is not None:
            self.job.stop()
        self.run, self.job, self.focus = run, None, None
        remember(run)

    def forget_failure(self) -> None:
        """Drop a run that failed, and what it said."""
        if self.state is JobState.FAILED:
            self.run = self.job = None

    def look_at(self, molecule: int | None) -> None:
        self.focus = molecule


def workplaces() -> list[Workplace]:
    """Those of the pages that were opened."""
    return [found for name, found in st.session_state.items() if str(name).startswith(_PLACE)]


def workplace(page: str) -> Workplace:
    """What the browser that this script runs for has on a page."""
    place = _PLACE + page
    if place not in st.session_state:
        st.session_state[place] = Workplace(page)
    found: Workplace = st.session_state[place]
    return found


def history() -> list[Run]:
    """The runs of all pages that can still be looked at, oldest first."""
    runs: list[Run] = st.session_state.setdefault(_HISTORY, [])
    return list(runs)


def remember(run: Run) -> None:
    """Keep the run, and drop the oldest that are too many or too large together."""
    limits = settings()
    runs = [*history(), run][-limits.max_stored_runs :]
    while len(runs) > 1 and sum(run.order.n_atom_frames for run in runs) > 2 * limits.max_atom_frames:
        runs.pop(0)
    st.session_state[_HISTORY] = runs
