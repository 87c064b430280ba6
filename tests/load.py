"""Several people at one server, on this machine: `python -m tests.load --sessions 10 --minutes 5`.

Each session is a WebSocket that speaks Streamlit's protocol as a browser does: it presses Generate, polls the part that
follows the run as often as the page asks for, turns a widget every two seconds and times the answer, and after some
runs leaves and comes back as somebody new. Nothing is drawn, so the figures are the server's alone. Times are medians
and 95th percentiles; memory is the resident memory of the server and its children, read every five seconds, and what
Streamlit keeps of drawings and other results on purpose is read beside it. A slope is that of a line through the
readings after the first ten minutes; in a shorter run, through those of its second half.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scipy.stats import linregress
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.serving import REPOSITORY, server_from

TURN = 2.0
"""Seconds between two turns of a widget."""
WARM_UP = 10.0
"""Minutes after which memory is expected to have settled, but for what is kept on purpose."""
QUIET = {"compression": None, "ping_interval": None}
PATIENCE = 30.0
"""Seconds after which a rerun counts as lost, and as having taken so long."""


@dataclass
class Figures:
    """What all sessions have met."""

    idle: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    """Seconds of a rerun while nothing, and while some run, goes on."""
    n_runs: int = 0
    queue_places: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    """(Minutes, MB) of the server."""
    kept: list[tuple[float, float]] = field(default_factory=list)
    """(Minutes, MB) of drawings and other results that it keeps."""


class Person:
    """One browser session: what it sees, and what it has set."""

    def __init__(self, socket: ClientConnection, figures: Figures) -> None:
        self.socket = socket
        self.figures = figures
        self.widgets: dict[str, str] = {}
        """Identifiers by label."""
        self.states: dict[str, WidgetState] = {}
        self.status = ""
        self._finished = asyncio.Event()
        self._polls: dict[str, asyncio.Task[None]] = {}

    async def listen(self) -> None:
        async for data in self.socket:
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                self._see(message.delta)
            elif kind == "new_session" and not message.metadata.run.fragment_ids:
                self._stop_polling(*self._polls)  # the whole page runs, and asks anew for what is to be polled
            elif kind == "auto_rerun":
                fragment = message.auto_rerun.fragment_id
                self._stop_polling(fragment)
                self._polls[fragment] = asyncio.create_task(self._poll(fragment, message.auto_rerun.interval))
            elif kind == "stop_auto_rerun":
                self._stop_polling(*message.stop_auto_rerun.fragment_ids)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._finished.set()

    def _see(self, delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind in ("button", "number_input"):
            widget = getattr(element, kind)
            self.widgets[widget.label] = widget.id
        elif kind == "progress":
            self.status = element.progress.text
            if place := re.search(r"\((\d+) runs? before", self.status):
                self.figures.queue_places.add(int(place[1]))
        elif kind == "markdown" and "Finished" in element.markdown.body:
            self.status = "finished"
        elif kind == "alert":
            self.figures.errors.append(element.alert.body)
        elif kind == "exception":
            self.figures.errors.append(element.exception.message)

    async def _poll(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._send(fragment=fragment)

    def _stop_polling(self, *fragments: str) -> None:
        for fragment in fragments:
            if (poll := self._polls.pop(fragment, None)) is not None:
                poll.cancel()

    async def _send(self, fragment: str = "", pressed: str | None = None) -> None:
        message = BackMsg()
        client = message.rerun_script
        client.widget_states.widgets.extend(self.states.values())
        if pressed is not None:
            client.widget_states.widgets.append(WidgetState(id=pressed, trigger_value=True))
        client.fragment_id, client.is_auto_rerun = fragment, bool(fragment)
        await self.socket.send(message.SerializeToString())

    async def rerun(self, pressed: str | None = None) -> float:
        """Run the page as after a click; seconds until it is complete."""
        self._finished.clear()
        began = time.monotonic()
        await self._send(pressed=self.widgets[pressed] if pressed else None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), PATIENCE)
        return time.monotonic() - began

    def set_number(self, label: str, value: int) -> None:
        self.states[label] = WidgetState(id=self.widgets[label], double_value=value)

    async def leave(self) -> None:
        self._stop_polling(*self._polls)
        await self.socket.close()


async def visit(url: str, figures: Figures, args: argparse.Namespace, ends: float, chance: random.Random) -> None:
    """Come as somebody new, watch some runs, and leave."""
    address = url.replace("http", "ws") + "/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], max_size=None, origin=url, **QUIET) as socket:
        person = Person(socket, figures)
        listening = asyncio.create_task(person.listen())
        while "Generate" not in person.widgets:  # the first of all waits for the network to be loaded
            await person.rerun()
        person.set_number("Molecules", args.molecules)
        for _ in range(args.runs):
            if time.monotonic() > ends:
                break
            person.set_number("Seed", chance.randrange(10**6))
            figures.idle.append(await person.rerun())
            person.status = "asked for"
            await person.rerun(pressed="Generate")
            while person.status != "finished" and time.monotonic() < ends:
                await asyncio.sleep(TURN)
                person.set_number("Seed", chance.randrange(10**6))
                figures.busy.append(await person.rerun())
            figures.n_runs += person.status == "finished"
        await person.leave()
        listening.cancel()


async def stay(url: str, figures: Figures, number: int, args: argparse.Namespace, ends: float) -> None:
    """One person after another at the same desk."""
    chance = random.Random(number)
    await asyncio.sleep(0.3 * number)
    while time.monotonic() < ends:
        await visit(url, figures, args, ends, chance)


async def watch_memory(url: str, pid: int, figures: Figures, ends: float) -> None:
    began = time.monotonic()
    while time.monotonic() < ends:
        minutes = (time.monotonic() - began) / 60
        figures.memory.append((minutes, resident(pid)))
        figures.kept.append((minutes, await asyncio.to_thread(kept, url)))
        await asyncio.sleep(5)


def kept(url: str) -> float:
    """MB of Streamlit's caches of results, by its own count."""
    with urllib.request.urlopen(f"{url}/_stcore/metrics") as reply:
        text = reply.read().decode()
    sizes = re.findall(r'^cache_memory_bytes{.*"st_cache_data".*} (\S+)$', text, re.MULTILINE)
    return sum(map(float, sizes)) / 1e6


def resident(pid: int) -> float:
    """MB of a process and its children."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    texts = [Path(f"/proc/{one}/status").read_text() for one in pids]
    return sum(int(found[1]) for text in texts if (found := re.search(r"VmRSS:\s+(\d+) kB", text))) / 1000


async def load(url: str, pid: int, args: argparse.Namespace) -> Figures:
    figures = Figures()
    await visit(url, figures, args, time.monotonic() + 20, random.Random(0))  # loads the network, for all
    figures = Figures()
    ends = time.monotonic() + 60 * args.minutes
    desks = [stay(url, figures, number, args, ends) for number in range(args.sessions)]
    await asyncio.gather(*desks, watch_memory(url, pid, figures, ends))
    return figures


def spread(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "–"
    high = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds):.2f} s ({high:.2f} s, {len(seconds)} reruns)"


def report(figures: Figures, args: argparse.Namespace) -> str:
    """The figures as a table."""
    minutes, memory = args.minutes, figures.memory
    settled = min(WARM_UP, minutes / 2)
    at = {label: min(memory, key=lambda m: abs(m[0] - t))[1] for label, t in _moments(minutes).items()}
    rows = [
        ("runs that ended", str(figures.n_runs)),
        ("rerun before Generate, median (95th percentile)", spread(figures.idle)),
        ("rerun while one's own run waits or goes on", spread(figures.busy)),
        ("places in the queue that were shown", " ".join(map(str, sorted(figures.queue_places))) or "none"),
        *((f"server's memory {label}", f"{megabytes:.0f} MB") for label, megabytes in at.items()),
        ("most memory", f"{max(megabytes for _, megabytes in memory):.0f} MB"),
        ("slope of the memory", slope([one for one in memory if one[0] >= settled])),
        ("results kept on purpose, at the end", f"{figures.kept[-1][1]:.1f} MB"),
        ("slope of what is kept", slope([one for one in figures.kept if one[0] >= settled])),
        ("errors shown", str(len(figures.errors))),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"| {args.sessions} sessions, {minutes:g} minutes, {os.cpu_count()} cores | |\n| --- | --- |\n{table}"


def _moments(minutes: float) -> dict[str, float]:
    """When memory is reported, in minutes."""
    warm = {f"after {WARM_UP:g} min": WARM_UP} if minutes > WARM_UP else {}
    return {"at the start": 0.0, **warm, "at the end": minutes}


def slope(memory: Sequence[tuple[float, float]]) -> str:
    """Of a least-squares line through (minutes, MB), in MB an hour, with one standard error."""
    if len(memory) < 3:
        return "–"
    line = linregress(*zip(*memory, strict=True))
    return f"{60 * line.slope:+.1f} ± {60 * line.stderr:.1f} MB an hour"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sessions", type=int, default=10)
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--molecules", type=int, default=4, help="in each run (default: %(default)s)")
    options.add_argument("--runs", type=int, default=3, help="after which somebody new comes (default: %(default)s)")
    args = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        server_from(["gpff_app"], REPOSITORY, GPFF_DATA_FOLDER=folder) as (url, server),
    ):
        figures = asyncio.run(load(url, server.pid, args))
    print(report(figures, args))
    for error in sorted(set(figures.errors)):
        print("error:", error)


if __name__ == "__main__":
    main()
