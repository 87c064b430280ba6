"""What one browser session has done on the Generate page."""

from dataclasses import dataclass

import streamlit as st

from gpff_app.jobs import Job
from gpff_app.resources import job_queue, session_id
from gpff_app.run import Run


@dataclass
class Session:
    """The latest run, its place in the queue, and the molecule shown in 3D (None: all of them)."""

    run: Run | None = None
    job: Job | None = None
    focus: int | None = None

    @property
    def active(self) -> bool:
        """Whether a run waits or goes on."""
        return self.job is not None and self.job.active

    def start(self, run: Run) -> None:
        """Queue a run in place of the last one, which is stopped; GpffError if the queue refuses it."""
        if self.job is not None:
            self.job.stop()
        self.job = job_queue().submit(session_id(), run)
        self.run, self.focus = run, None

    def look_at(self, molecule: int | None) -> None:
        self.focus = molecule


def current() -> Session:
    """The session of the browser this script runs for."""
    if "generate" not in st.session_state:
        st.session_state["generate"] = Session()
    session: Session = st.session_state["generate"]
    return session
