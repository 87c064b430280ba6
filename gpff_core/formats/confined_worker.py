"""The process that `confined` starts: for every request it forks a child, which parses one file within limits.

The child answers through a pipe that only this process reads, so a child that is killed amid its answer harms nobody.
Uploaded bytes get a file of our own name in a folder of our own, gone after the answer.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from gpff_core.errors import GpffError
from gpff_core.formats import confined, frames, reading
from gpff_core.formats.structures import Hydrogens, MissingHydrogensError, Structure

SETTLED: Final = 0
OUT_OF_MEMORY: Final = 3


def serve() -> None:
    """Answer requests from standard input until it ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while (head := confined.receive(requests)) is not None and (data := confined.receive(requests)) is not None:
        request = {name: value.item() for name, value in confined.unpacked(head).items()}
        confined.send(answers, _from_child(request, data))


def _from_child(request: Mapping[str, Any], data: bytes) -> bytes:
    """The answer of a child; if it was killed, the reason why."""
    with tempfile.TemporaryDirectory(prefix="gpff-upload-") as folder:
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read_end)
            _be_child(request, data, Path(folder), write_end)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as stream:
            message = confined.receive(stream)
        _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return message if code == SETTLED and message is not None else _refusal(_end_of(code, request))


def _be_child(request: Mapping[str, Any], data: bytes, folder: Path, write_end: int) -> None:
    """Never returns: a child must not run its parent's cleaning."""
    code = 1
    try:
        _confine(request)
        message = answer(request, data, folder)
        with os.fdopen(write_end, "wb") as stream:
            confined.send(stream, message)
        code = SETTLED
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)


def _confine(request: Mapping[str, Any]) -> None:
    """Seconds, bytes of memory, bytes of any file, and no dump of a crash."""
    import resource  # not on every system, and nor is fork

    for what, most in (
        (resource.RLIMIT_DATA, int(request["memory"])),
        (resource.RLIMIT_FSIZE, 2 * int(request["n_bytes"])),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, float(request["seconds"]))


def _end_of(code: int, request: Mapping[str, Any]) -> str:
    if code == -signal.SIGALRM:
        return (
            f"{request['name']} takes more than {request['seconds']:g} s to read; give a smaller file, or part of it."
        )
    if code in (OUT_OF_MEMORY, -signal.SIGKILL, -signal.SIGABRT):
        return f"{request['name']} takes too much memory to read; check that it is complete, or give part of it."
    return f"{request['name']} could not be read, because it crashes its reader; check that it is complete."


def _refusal(sentence: str, **more: bool) -> bytes:
    return confined.packed({"error": sentence, **more})


def answer(request: Mapping[str, Any], data: bytes, folder: Path | None = None) -> bytes:
    """The packed arrays of a file, or the sentence that refuses it."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="gpff-upload-") as own:
            return answer(request, data, Path(own))
    path = folder / f"upload{request['suffix']}"
    path.write_bytes(data)
    try:
        return TASKS[request["task"]](path, request)
    except MissingHydrogensError as error:
        return _refusal(str(error), missing_hydrogens=True)
    except GpffError as error:
        return _refusal(str(error))


def _structures(path: Path, request: Mapping[str, Any]) -> bytes:
    hydrogens = Hydrogens(request["hydrogens"])
    found: list[Structure] = []
    most, name = int(request["n_structures"]), request["name"]
    for structure in islice(reading.read_structures(path, hydrogens, called=name), most + 1):
        n_atoms = len(structure.composition)
        found.append(structure)
        if n_atoms > request["n_atoms"]:
            raise GpffError(
                f"Structure {len(found)} of {name} has {n_atoms} atoms, and at most {request['n_atoms']} can be used; "
                "cut out the part that matters."
            )
    if len(found) > most:
        raise GpffError(f"{name} holds more than {most} structures; give part of the file.")
    return confined.packed(
        {
            "counts": [len(one.composition) for one in found],
            "numbers": np.concatenate([np.array(one.composition.numbers, dtype=np.int64) for one in found]),
            "positions": np.concatenate([one.positions for one in found]),
        }
    )


def _frames(path: Path, request: Mapping[str, Any]) -> bytes:
    read = frames.read_frames(path, request["n_frames"], request["n_atom_frames"], called=request["name"])
    if len(read.composition) > request["n_atoms"]:
        raise GpffError(
            f"{request['name']} has {len(read.composition)} atoms in a frame, and at most {request['n_atoms']} can be "
            "used; cut out the part that matters."
        )
    forces = {} if read.forces is None else {"forces": read.forces}
    arrays = {"numbers": read.composition.numbers, "positions": read.positions, "comments": np.array(read.comments)}
    return confined.packed({**arrays, **forces})


TASKS: Final = {"structures": _structures, "frames": _frames}

if __name__ == "__main__":
    serve()
