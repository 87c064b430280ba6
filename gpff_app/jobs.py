"""Background work that several browser sessions share fairly.

One worker thread advances all running jobs in turn, one step each, so nobody waits for somebody else's long run. The
thread never calls Streamlit; pages look at the jobs they submitted.
"""

import enum
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from gpff_core.errors import GpffError

logger = logging.getLogger(__name__)

NICENESS: Final = 10
"""By how much runs come after pages where both want a core: a person waits for a page, and a run takes its time."""

TELLING: Final = 2.0
"""Seconds of work after which its pace says something about the rest."""


class Task(Protocol):
    """Work that can be interrupted between steps."""

    @property
    def progress(self) -> float:
        """Share of the work that is done, 0 to 1."""
        ...

    def steps(self) -> Iterator[object]:
        """Do the work, giving control back after every step."""
        ...

    def keep(self) -> None:
        """Called once if the work was stopped: turn what there is into a result."""
        ...


class JobState(enum.StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(eq=False)
class Job:
    """A task in the queue of `owner`; `error` is one sentence if it failed."""

    owner: str
    task: Task
    state: JobState = JobState.WAITING
    error: str = ""
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _steps: Iterator[object] | None = field(default=None, repr=False)
    _started: float = field(default=0.0, repr=False)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (JobState.WAITING, JobState.RUNNING)

    def seconds_left(self, progress: float) -> float | None:
        """About how long it will still take, at the pace so far; None while it is too early to tell.

        `progress` is the share that is done, 0 to 1.
        """
        elapsed = time.monotonic() - self._started
        if self.state is not JobState.RUNNING or progress <= 0 or elapsed < TELLING:
            return None
        return elapsed * (1 - progress) / progress

    def stop(self) -> None:
        """End it at the next step; what is there is kept."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop, and so is as good as gone."""
        return self._stop.is_set()

    def advance(self) -> None:
        """Do one step; never raises."""
        try:
            if self.stopping:
                self._end_early()
                return
            if self._steps is None:
                self.state, self._steps = JobState.RUNNING, self.task.steps()
                self._started = time.monotonic()
            next(self._steps)
        except StopIteration:
            self.state = JobState.FINISHED
        except GpffError as error:
            self.state, self.error = JobState.FAILED, str(error)
        except Exception as error:
            logger.exception("a job failed")
            cause = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
            self.state, self.error = (
                JobState.FAILED,
                f"The run ended with an internal error ({cause}); try other settings, the server's log says more.",
            )

    def _end_early(self) -> None:
        self.task.keep()
        self.state = JobState.STOPPED


@dataclass(frozen=True)
class Limits:
    """How much of the machine people get."""

    jobs_per_owner: int = 3
    running_at_once: int = 4
    absence: float = 5.0
    """Seconds after which the jobs of an owner who is gone are stopped; a reloading page is back sooner."""


class JobQueue:
    """Waiting and running jobs; finished ones are forgotten here and live as long as their owner holds them.

    `is_present(owner)` says whether an owner still has the page open.
    """

    def __init__(self, is_present: Callable[[str], bool], limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._is_present = is_present
        self._waiting: deque[Job] = deque()
        self._running: deque[Job] = deque()
        self._last_seen: dict[str, float] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._work, name="gpff-worker", daemon=True).start()

    def submit(self, owner: str, task: Task, instead_of: Job | None = None) -> Job:
        """Queue a task, in place of another job, which is stopped; GpffError if the owner has too many already."""
        job = Job(owner, task)
        with self._changed:
            others = (other for other in (*self._waiting, *self._running) if other is not instead_of)
            active = [other for other in others if other.owner == owner and not other.stopping]
            if len(active) >= self.limits.jobs_per_owner:
                raise GpffError(f"{len(active)} of your runs are not finished; stop one or wait, then try again.")
            if instead_of is not None:
                instead_of.stop()
            self._waiting.append(job)
            self._last_seen[owner] = time.monotonic()
            self._changed.notify()
        return job

    @property
    def n_active(self) -> int:
        """How many jobs wait or run."""
        with self._changed:
            return sum(job.active for job in (*self._waiting, *self._running))

    def jobs_ahead(self, job: Job) -> int:
        """How many waiting jobs come before this one."""
        with self._changed:
            return self._waiting.index(job) if job in self._waiting else 0

    def waits_for_its_owner(self, job: Job) -> bool:
        """Whether another job of the same owner goes on, which this one has to wait for."""
        with self._changed:
            return any(other.owner == job.owner and other is not job for other in self._running)

    def _work(self) -> None:
        if sys.platform == "linux":  # where a thread, and those it starts, can have a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while True:
            self._turn().advance()

    def _turn(self) -> Job:
        """The job whose turn it is, once there is one."""
        with self._changed:
            while True:
                self._sort_out()
                if self._running:
                    self._running.rotate(-1)
                    return self._running[-1]
                self._changed.wait()

    def _sort_out(self) -> None:
        """Drop what has ended, stop what nobody waits for, start what may start."""
        self._running = deque(job for job in self._running if job.active)
        for job in (*self._running, *self._waiting):
            if self._is_gone(job.owner):
                job.stop()
        for job in [job for job in self._waiting if job.stopping]:
            self._waiting.remove(job)
            job.advance()  # to its end
        busy = {job.owner for job in self._running}
        for job in list(self._waiting):
            if len(self._running) < self.limits.running_at_once and job.owner not in busy:
                self._waiting.remove(job)
                self._running.append(job)
                busy.add(job.owner)
        self._last_seen = {job.owner: self._last_seen[job.owner] for job in (*self._running, *self._waiting)}

    def _is_gone(self, owner: str) -> bool:
        now = time.monotonic()
        if self._is_present(owner):
            self._last_seen[owner] = now
        return now - self._last_seen[owner] > self.limits.absence
