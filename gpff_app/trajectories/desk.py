"""What one browser session has on the Trajectories page: its files, the frame it looks at, and what was computed."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakSet

import streamlit as st

from gpff_app.jobs import Job, Task
from gpff_app.resources import job_queue, session_id
from gpff_app.run import Run
from gpff_app.session import history
from gpff_app.settings import settings
from gpff_app.trajectories.figures import MAX_JUDGED_ATOMS, Verdicts
from gpff_app.trajectories.network import Forces
from gpff_app.trajectories.sources import of_run
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.chemistry.verdicts import verdict
from gpff_core.errors import GpffError

_PLACE: Final = "desk of trajectories"
_REMEMBERED: Final = 24
"""Results that are kept for when somebody comes back to them."""

MOST_HELD: Final = 4_000_000
"""Atoms × frames of the trajectories among them, and of files: about 100 MB each with forces."""

AT_ONCE: Final = 4000
"""Atoms × frames that are judged while the page is drawn, a fifth of a second; more goes through the job queue."""


@dataclass(frozen=True)
class Source:
    """Something to choose: its name on the page, and one label for each of its molecules."""

    key: str
    name: str
    molecules: tuple[str, ...]


@dataclass
class Desk:
    """The state of the page.

    `files` are trajectories by name; `refused` says of the last uploads, of which there were `n_uploads`, what was
    wrong. `frame` is where the viewers rest and `asked` where Python wants them to go, None after they were moved
    by hand.
    """

    files: dict[str, Trajectory] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    n_uploads: int = 0
    frame: int = 0
    asked: int | None = None
    clicked: int | None = None
    film: Job | None = None
    forces: Job | None = None
    judging: Job | None = None
    _drawn: tuple[str, ...] = ()
    _first: str = ""
    _results: OrderedDict[tuple[object, ...], Any] = field(default_factory=OrderedDict)
    _begun: WeakSet[Verdicts] = field(default_factory=WeakSet)

    def sources(self) -> list[Source]:
        """Everything that can be looked at: the latest first."""
        runs = [_source(place, run) for place, run in enumerate(history(), 1) if run.samples]
        files = [Source(name, name, ("",)) for name in self.files]
        return [*reversed(files), *reversed(runs)]

    def trajectory(self, source: Source, molecule: int) -> Trajectory:
        """With the forces of the network, where they were asked for; GpffError if there is nothing to show."""
        plain = self.remembered(("trajectory", source.key, molecule), lambda: self._load(source, molecule))
        pulled: Trajectory | None = self._results.get(("forces", plain.fingerprint))
        return pulled or plain

    def add_file(self, name: str, trajectory: Trajectory) -> str:
        """Keep a trajectory under a name of its own and give that; the oldest goes when there are too many."""
        known = next((key for key, held in self.files.items() if held.identity == trajectory.identity), None)
        if known is not None:
            return known
        free = name
        while free in self.files:
            free = f"{free} (again)"
        self.files[free] = trajectory
        while len(self.files) > settings().max_stored_runs or _too_much(self.files.values()):
            self.files.pop(next(iter(self.files)))
        return free

    def show(self, trajectories: Sequence[Trajectory], drawn: Sequence[Trajectory], *, anew: bool) -> None:
        """These are shown now, as they are `drawn`; `anew` if the page was just opened.

        Another first one is shown from the last frame that all have; else the frame stays, as far as all have it. The
        viewers are told so whenever they begin anew: by themselves they would go to the last frame of their own.
        """
        now, first = tuple(trajectory.identity for trajectory in drawn), trajectories[0].fingerprint
        if now == self._drawn and not anew:
            return
        last = min(trajectory.n_frames for trajectory in trajectories) - 1
        self.go_to(min(self.frame, last) if first == self._first else last)
        self._drawn, self._first, self.clicked = now, first, None

    def go_to(self, frame: int) -> None:
        """Take the viewers to a frame."""
        self.frame = self.asked = frame

    def rest_at(self, frame: int) -> None:
        """The user has gone to a frame in a viewer."""
        self.frame, self.asked = frame, None

    def verdicts(self, trajectory: Trajectory) -> Verdicts | None:
        """Its verdicts, complete or on the way; None for too many atoms. One trajectory is judged at a time."""
        if trajectory.n_atoms > MAX_JUDGED_ATOMS:
            return None
        found: Verdicts = self.remembered(("verdicts", trajectory.fingerprint), lambda: Verdicts(trajectory))
        if found.progress == 1 or (self.judging is not None and self.judging.active):
            return found
        if trajectory.n_atoms * trajectory.n_frames <= AT_ONCE:
            for _ in found.steps():
                pass
        elif found not in self._begun:  # or what was stopped would begin again by itself
            with suppress(GpffError):  # where too much else goes on already; the next rerun asks again
                self.judging = submit(found)
                self._begun.add(found)
        return found

    def bonds_at_end(self, trajectory: Trajectory) -> list[tuple[int, int, int]]:
        """Bonds of the last frame with their orders; empty if it is no molecule."""
        if trajectory.n_atoms > MAX_JUDGED_ATOMS:
            return []
        numbers, end = trajectory.composition.numbers, trajectory.positions[-1]
        bonds: list[tuple[int, int, int]] = self.remembered(
            ("bonds", trajectory.fingerprint), lambda: verdict(numbers, end).bonds
        )
        return bonds

    def take_forces(self) -> bool:
        """Put the network's forces where they belong; whether they have just come."""
        task = self.forces.task if self.forces else None
        if not isinstance(task, Forces) or task.result is None:
            return False
        self._keep(("forces", task.trajectory.fingerprint), task.result)
        self.forces = None
        return True

    @property
    def measuring(self) -> bool:
        """Whether something is being computed that plots or pictures wait for."""
        return any(job is not None and job.active for job in (self.forces, self.judging))

    def remembered(self, what: tuple[object, ...], compute: Callable[[], Any]) -> Any:
        """A result that is computed once; those not asked for in a long time are forgotten."""
        if what not in self._results:
            self._keep(what, compute())
        self._results.move_to_end(what)
        return self._results[what]

    def _keep(self, what: tuple[object, ...], result: Any) -> None:
        self._results[what] = result
        while len(self._results) > _REMEMBERED or _too_much(self._results.values()):
            self._results.popitem(last=False)

    def _load(self, source: Source, molecule: int) -> Trajectory:
        if source.key in self.files:
            return self.files[source.key]
        (run,) = (run for run in history() if run.recording.run == source.key)
        return of_run(run, run.samples[molecule].index)


def desk() -> Desk:
    """That of the browser session that this script runs for."""
    found: Desk = st.session_state.setdefault(_PLACE, Desk())
    return found


def submit(task: Task) -> Job:
    """Queue work for this session; GpffError if the queue refuses it."""
    return job_queue().submit(session_id(), task)


def _too_much(held: Collection[object]) -> bool:
    """Whether these hold too many frames together; one alone may be as large as it is."""
    trajectories = [one for one in held if isinstance(one, Trajectory)]
    return len(trajectories) > 1 and sum(one.n_atoms * one.n_frames for one in trajectories) > MOST_HELD


def _source(place: int, run: Run) -> Source:
    order = run.order
    how = f"{order.recipe.sampler}, {order.recipe.n_steps} steps, seed {order.recipe.seed}"
    name = f"Run {place}: {order.n_molecules} × {order.composition.formula}, {how}"
    labels = [
        f"{sample.index + 1} ✓ {sample.verdict.smiles}" if sample.verdict.valid else f"{sample.index + 1} ✗ not valid"
        for sample in run.samples
    ]
    return Source(run.recording.run, name, tuple(labels))
