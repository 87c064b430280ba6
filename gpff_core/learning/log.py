"""The record of a training run: one JSON object a line."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gpff_core.atomic_files import replacing
from gpff_core.learning.train import TrainingStep


def read_log(path: Path) -> list[dict[str, Any]]:
    """The lines of a run's log; a half-written last one is left out."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


class TrainingLog:
    """Appends averages of every so many steps, validations and sampled validities; can be taken back to a step."""

    def __init__(self, path: Path, every: int) -> None:
        self.path, self._every = path, every
        self._recent: list[TrainingStep] = []

    def rewind(self, step: int) -> None:
        """Forget what was logged after `step`, when a killed run goes back to its last saved state."""
        kept = [line for line in self.lines() if line["step"] <= step]
        with replacing(self.path) as temporary:
            temporary.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        """Everything logged so far."""
        return read_log(self.path) if self.path.is_file() else []

    def step(self, step: TrainingStep) -> None:
        self._recent.append(step)
        if step.step % self._every == 0:
            n = len(self._recent)
            self._write(
                step=step.step,
                elapsed=step.elapsed,
                loss=sum(s.loss for s in self._recent) / n,
                gradient_norm=sum(s.gradient_norm for s in self._recent) / n,
                learning_rate=step.learning_rate,
            )
            self._recent.clear()
        if step.validation:
            self._write(step=step.step, elapsed=step.elapsed, validation=[asdict(band) for band in step.validation])

    def quality(self, step: int, elapsed: float, validity: float, n_samples: int) -> None:
        self._write(step=step, elapsed=elapsed, validity=validity, n_samples=n_samples)

    @property
    def best_validity(self) -> float:
        """The highest sampled validity so far, 0 before the first."""
        return max((line["validity"] for line in self.lines() if "validity" in line), default=0.0)

    def _write(self, **line: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
