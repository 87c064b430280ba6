"""What a browser session compares in the Noise lab: the latest comparison, its job, and what is looked at."""

from dataclasses import dataclass

import streamlit as st

from gpff_app.jobs import Job
from gpff_app.noise_lab.comparison import Comparison, Leg
from gpff_app.noise_lab.pairs import SeedKey
from gpff_app.resources import job_queue, library, session_id
from gpff_app.session import remember

_PLACE = "noise lab"


@dataclass
class Lab:
    """The latest comparison, and the seed whose molecules are shown in 3D."""

    comparison: Comparison | None = None
    job: Job | None = None
    focus: SeedKey = (0, 0)

    @property
    def active(self) -> bool:
        """Whether a comparison waits or goes on."""
        return self.job is not None and self.job.active

    def start(self, comparison: Comparison) -> None:
        """Queue a comparison in place of the last one, which is stopped; GpffError if the queue refuses it."""
        for leg in comparison.legs:
            leg.run.archive = library().add
        self.job = job_queue().submit(session_id(), comparison, instead_of=self.job)
        self.comparison, self.focus = comparison, (comparison.plan.seed, 0)
        for leg in comparison.legs[: len(comparison.plan.schedules)]:
            remember(leg.run)

    def look_at(self, seed: SeedKey) -> None:
        self.focus = seed

    @property
    def n_ended(self) -> int:
        """Legs that need no more waiting for."""
        legs = self.comparison.legs if self.comparison else []
        return sum(leg.finished or bool(leg.problem) for leg in legs)

    def leg(self, place: int) -> Leg | None:
        """The run of a schedule with the seed that is looked at."""
        legs = self.comparison.legs if self.comparison else []
        return next((leg for leg in legs if leg.place == place and leg.seed == self.focus[0]), None)


def current() -> Lab:
    """The lab of the browser that this script runs for."""
    if _PLACE not in st.session_state:
        st.session_state[_PLACE] = Lab()
    lab: Lab = st.session_state[_PLACE]
    return lab
