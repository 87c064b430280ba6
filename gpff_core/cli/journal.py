"""What a sampling run has finished, on disk after every batch, so that a killed run continues where it was."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from gpff_core.atomic_files import replacing
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import GpffError
from gpff_core.generation import GenerationRequest, judged
from gpff_core.samples import Sample


class Journal:
    """A file beside the output: one line that identifies the run, then one line per finished molecule."""

    def __init__(self, output: Path, request: GenerationRequest, checkpoint_sha256: str) -> None:
        self.path = output.with_name(f"{output.name}.partial.jsonl")
        self._request = request
        described = [checkpoint_sha256, str(request.prior), str(request.sampler), request.seed]
        described += [composition.numbers for composition in request.compositions]
        if request.scaffold is not None:
            described += [str(request.scaffold), request.scaffold.positions.tolist(), request.scaffold.centre]
        self._first_line = json.dumps({"run": hashlib.sha256(json.dumps(described).encode()).hexdigest()})

    def check(self, *, resume: bool) -> None:
        """Raise `GpffError` where a run was cut short that is to be neither continued nor lost."""
        if not self.path.is_file():
            return
        first, *molecules = self.path.read_text(encoding="utf-8").splitlines() or [""]
        if resume and first != self._first_line:
            raise GpffError(
                f"{self.path} belongs to a run with other settings; repeat its command exactly, or leave out --resume."
            )
        if not resume and molecules:
            raise GpffError(
                f"{self.path} holds {len(molecules)} molecules of a run that was cut short; add --resume to its "
                "command to make the rest, or delete that file to begin anew."
            )

    def begin(self) -> None:
        """Start anew; raises `GpffError` where the folder cannot be written to."""
        try:
            self.path.write_text(self._first_line + "\n", encoding="utf-8")
        except OSError as error:
            raise GpffError(
                f"{self.path.parent} cannot be written to ({error.strerror}); choose another place for --out."
            ) from error

    def append(self, samples: tuple[Sample, ...]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            for sample in samples:
                line = {"index": sample.index, "calls": sample.n_evaluations, "x": sample.positions.tolist()}
                file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def finished(self, reference: TrainingReference | None) -> list[Sample]:
        """The molecules an earlier run of the same request left; a half-written last line is dropped from the file."""
        if not self.path.is_file():
            return []
        *lines, torn = self.path.read_text(encoding="utf-8").split("\n")
        if torn:  # what is appended next must begin on a line of its own
            with replacing(self.path) as temporary:
                temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return [self._sample(json.loads(line), reference) for line in lines[1:]]

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def _sample(self, line: dict[str, object], reference: TrainingReference | None) -> Sample:
        index = int(str(line["index"]))
        composition = self._request.compositions[index]
        positions = np.array(line["x"], dtype=np.float32)
        return judged(index, composition, positions, int(str(line["calls"])), reference, self._request.scaffold)
