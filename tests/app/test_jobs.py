"""Background jobs: fair between people, stopped at any time, never silent about a failure."""

import os
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from gpff_app.jobs import NICENESS, Job, JobQueue, JobState, Limits
from gpff_core.errors import GpffError

TIMEOUT = 20


class Count:
    """A task of `n` steps that writes its name into a shared log at each, once the gate is open."""

    def __init__(self, name: str, log: list[str], n: int = 3, gate: threading.Event | None = None) -> None:
        self.name, self.log, self.n, self.gate = name, log, n, gate
        self.kept = False

    def steps(self) -> Iterator[None]:
        for _ in range(self.n):
            if self.gate is not None:
                assert self.gate.wait(TIMEOUT)
            self.log.append(self.name)
            yield

    def keep(self) -> None:
        self.kept = True


class Broken(Count):
    def __init__(self, error: Exception) -> None:
        super().__init__("broken", [])
        self.error = error

    def steps(self) -> Iterator[None]:
        yield
        raise self.error


def wait_for(what: Callable[[], bool]) -> None:
    """Wait until something is so; fail if it does not become so."""
    tick = threading.Event()
    for _ in range(100 * TIMEOUT):
        if what():
            return
        tick.wait(0.01)
    pytest.fail("it did not happen in time")


def ended(job: Job) -> bool:
    return not job.active


def everybody(owner: str) -> bool:
    return True


def test_two_people_take_turns() -> None:
    log: list[str] = []
    gate = threading.Event()
    queue = JobQueue(everybody)
    jobs = [queue.submit(name, Count(name, log, n=5, gate=gate)) for name in ("ann", "bob")]
    wait_for(lambda: jobs[0].state is JobState.RUNNING)
    gate.set()
    wait_for(lambda: all(map(ended, jobs)))
    assert [job.state for job in jobs] == [JobState.FINISHED] * 2
    # Whoever starts, the other one's first step comes before the last one of the first.
    assert set(log[:3]) == {"ann", "bob"}
    assert sorted(log) == ["ann"] * 5 + ["bob"] * 5


def test_one_person_gets_one_job_at_a_time_and_is_told_the_place_in_line() -> None:
    log: list[str] = []
    gate = threading.Event()
    queue = JobQueue(everybody)
    first, second = (queue.submit("ann", Count(name, log, gate=gate)) for name in ("first", "second"))
    third = queue.submit("ann", Count("third", log))
    wait_for(lambda: first.state is JobState.RUNNING)
    assert (second.state, queue.jobs_ahead(second), queue.jobs_ahead(third)) == (JobState.WAITING, 0, 1)
    gate.set()
    wait_for(lambda: ended(third))
    assert log == ["first"] * 3 + ["second"] * 3 + ["third"] * 3


def test_a_waiting_job_that_is_stopped_ends_at_once_and_makes_room() -> None:
    gate = threading.Event()
    queue = JobQueue(everybody, Limits(jobs_per_owner=2))
    first = queue.submit("ann", Count("first", [], n=1_000_000, gate=gate))
    wait_for(lambda: first.state is JobState.RUNNING)
    gate.set()
    second = queue.submit("ann", Count("second", []))
    assert queue.waits_for_its_owner(second)
    assert not queue.waits_for_its_owner(first)
    second.stop()
    wait_for(lambda: ended(second))
    assert (second.state, first.state) == (JobState.STOPPED, JobState.RUNNING)
    queue.submit("ann", Count("third", []))
    first.stop()


def test_jobs_that_were_told_to_stop_do_not_count() -> None:
    """Whoever starts again and again on one page has one run there."""
    gate = threading.Event()
    queue = JobQueue(everybody, Limits(jobs_per_owner=2))
    queue.submit("ann", Count("elsewhere", [], gate=gate))
    latest = queue.submit("ann", Count("0", [], gate=gate))
    for number in range(1, 5):
        latest = queue.submit("ann", Count(str(number), [], gate=gate), instead_of=latest)
    gate.set()
    wait_for(lambda: ended(latest))
    assert latest.state is JobState.FINISHED


def test_too_many_jobs_are_refused_in_a_sentence() -> None:
    gate = threading.Event()
    queue = JobQueue(everybody, Limits(jobs_per_owner=1))
    queue.submit("ann", Count("one", [], gate=gate))
    with pytest.raises(GpffError, match="1 of your runs are not finished"):
        queue.submit("ann", Count("two", []))
    queue.submit("bob", Count("other", []))
    gate.set()


def test_a_job_takes_the_place_of_another_only_if_it_is_accepted() -> None:
    """At the limit the one that is replaced does not count; where it is refused all the same, nothing is stopped."""
    gate = threading.Event()
    queue = JobQueue(everybody, Limits(jobs_per_owner=2))
    first, other = (queue.submit("ann", Count(name, [], n=1_000_000, gate=gate)) for name in ("first", "other"))
    second = queue.submit("ann", Count("second", []), instead_of=first)
    with pytest.raises(GpffError, match="of your runs are not finished"):
        queue.submit("ann", Count("third", []), instead_of=first)
    assert not other.stopping
    gate.set()
    wait_for(lambda: ended(first))
    assert first.state is JobState.STOPPED
    other.stop()
    wait_for(lambda: ended(second))
    assert second.state is JobState.FINISHED


def test_stop_keeps_what_is_there() -> None:
    log: list[str] = []
    gate = threading.Event()
    task = Count("long", log, n=1_000_000, gate=gate)
    job = JobQueue(everybody).submit("ann", task)
    gate.set()
    wait_for(lambda: len(log) > 5)
    job.stop()
    wait_for(lambda: ended(job))
    assert job.state is JobState.STOPPED
    assert task.kept
    assert len(log) < task.n


def test_a_closed_tab_ends_its_job_and_no_other() -> None:
    present = {"ann", "bob"}
    gone, stays = Count("gone", [], n=10**9), Count("stays", [], n=10**9)
    queue = JobQueue(present.__contains__, Limits(absence=0.05))
    lost, kept = queue.submit("ann", gone), queue.submit("bob", stays)
    wait_for(lambda: len(gone.log) > 5)
    present.remove("ann")
    wait_for(lambda: ended(lost))
    assert (lost.state, kept.state) == (JobState.STOPPED, JobState.RUNNING)
    kept.stop()


def test_a_short_absence_is_forgiven() -> None:
    present = {"ann"}
    task = Count("reload", [], n=10**9)
    job = JobQueue(present.__contains__, Limits(absence=3600)).submit("ann", task)
    wait_for(lambda: len(task.log) > 5)
    present.clear()
    done = len(task.log)
    wait_for(lambda: len(task.log) > done + 5)
    assert job.state is JobState.RUNNING
    job.stop()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (GpffError("σ is 0; try 1."), "σ is 0; try 1."),
        (
            RuntimeError("out of\nmemory"),
            "The run ended with an internal error (RuntimeError: out of memory); try other settings, the server's log "
            "says more.",
        ),
    ],
)
def test_a_failure_is_one_sentence_and_the_next_job_runs(error: Exception, sentence: str) -> None:
    queue = JobQueue(everybody)
    failing, next_one = queue.submit("ann", Broken(error)), queue.submit("ann", Count("next", []))
    wait_for(lambda: ended(next_one))
    assert (failing.state, failing.error, next_one.state) == (JobState.FAILED, sentence, JobState.FINISHED)


def test_the_time_left_follows_the_pace_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("gpff_app.jobs.time.monotonic", lambda: clock[0])
    job = Job("ann", Count("ann", []))
    assert job.seconds_left(0.5) is None, "it waits"
    job.advance()
    clock[0] += 1.0
    assert job.seconds_left(0.1) is None, "too early to tell"
    clock[0] += 9.0
    assert job.seconds_left(0.25) == pytest.approx(30.0)
    assert job.seconds_left(0.0) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_pages_come_before_runs() -> None:
    class Look(Count):
        def steps(self) -> Iterator[None]:
            self.niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
            yield

    task = Look("look", [])
    job = JobQueue(everybody).submit("ann", task)
    wait_for(lambda: ended(job))
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert task.niceness == min(own + NICENESS, 19)


def test_active_jobs_are_counted_waiting_and_running() -> None:
    gate = threading.Event()
    queue = JobQueue(everybody)
    jobs = [queue.submit("ann", Count("one", [], gate=gate)) for _ in range(2)]
    assert queue.n_active == 2
    gate.set()
    wait_for(lambda: all(map(ended, jobs)))
    assert queue.n_active == 0
