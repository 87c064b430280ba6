"""A small process beside this one in which strangers' files are parsed, so that a parser may hang, swell or crash.

Parsers of RDKit and ASE need a second or more to be imported, so the process is started once and kept. It forks for
every file; the child gets so many seconds and so many bytes from the operating system and is killed beyond them
(`confined_worker`). What comes back are arrays, never objects. Where a system cannot fork, files are parsed here,
without these limits.
"""

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from gpff_core.errors import GpffError

PACKAGE_FOLDER: Final = Path(__file__).parents[2]
CAN_CONFINE: Final = hasattr(os, "fork")

PATIENCE: Final = 60.0
"""Seconds that the process may take to start on a busy machine, on top of those for the file."""

Request = Mapping[str, str | int | float]
Answer = dict[str, NDArray[Any]]


class Worker:
    """The process, started when it is first needed; used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End it; the next request starts another."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.communicate()
                self._process = None

    def ask(self, request: Request, data: bytes, seconds: float) -> bytes | None:
        """Its answer to a request; None if it died."""
        with self._lock:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            overdue = threading.Timer(PATIENCE + seconds, process.kill)
            overdue.start()
            try:
                send(process.stdin, packed(request))
                send(process.stdin, data)
                return receive(process.stdout)
            except BrokenPipeError:
                return None
            finally:
                overdue.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            # One thread, because a process of several is not safe to fork.
            own = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(PACKAGE_FOLDER)}
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gpff_core.formats.confined_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **own},
            )
        return self._process


WORKER: Final = Worker()
atexit.register(WORKER.stop)


def ask(request: Request, data: bytes, name: str, seconds: float) -> Answer:
    """The arrays that a request leads to; GpffError that calls the file by its `name` if its reader did not survive."""
    if not CAN_CONFINE:
        from gpff_core.formats.confined_worker import answer

        return unpacked(answer(request, data))
    packed = WORKER.ask(request, data, seconds)
    if packed is None:
        raise GpffError(f"{name} could not be read, because its reader ended unexpectedly; try again.")
    return unpacked(packed)


def send(stream: IO[bytes], message: bytes) -> None:
    """A message with its length before it."""
    stream.write(len(message).to_bytes(8, "big"))
    stream.write(message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the stream, also amid a message."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    message = stream.read(length)
    return message if len(message) == length else None


def packed(arrays: Mapping[str, Any]) -> bytes:
    """Arrays and texts by name, as NumPy's archive."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.asarray(value) for name, value in arrays.items()})
    return buffer.getvalue()


def unpacked(message: bytes) -> Answer:
    with np.load(BytesIO(message), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
