"""What made a structure, said in every file that holds one."""

import json
from dataclasses import dataclass, fields
from typing import Any, Final


@dataclass(frozen=True)
class InputFile:
    """A file that a command line reads: what it is called there, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Provenance:
    """Everything needed to generate the same structures again.

    `sampler` and `prior` are written with their settings; `frozen_atoms` are atoms of each structure, counted from 0,
    and those of a scaffold come first in it; `command` is the command line that gives the same result, with the
    `scaffold_file` and the `prior_file`, where there are such, beside it, or "" where none does.
    """

    version: str
    checkpoint: str
    checkpoint_sha256: str
    sampler: str
    prior: str
    seed: int
    frozen_atoms: tuple[int, ...] = ()
    command: str = ""
    scaffold_file: InputFile | None = None
    prior_file: InputFile | None = None

    @property
    def input_files(self) -> dict[str, InputFile]:
        """The files that the command reads, by the names of the attributes."""
        return {name: file for name in INPUT_FILES if (file := getattr(self, name)) is not None}

    def as_dict(self) -> dict[str, str | int]:
        """One value of a single line for each of `NAMES`; frozen atoms are separated by spaces."""
        values = ((name, getattr(self, name)) for name in NAMES)
        return {name: value if isinstance(value, int) else one_line(value) for name, value in values}

    def facts(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        return {name: getattr(self, name) for name in NAMES}

    def as_json(self) -> str:
        return json.dumps(self.facts(), ensure_ascii=False)


INPUT_FILES: Final = ("scaffold_file", "prior_file")
NAMES: Final = tuple(field.name for field in fields(Provenance) if field.name not in INPUT_FILES)
"""What every file says; the files that the command reads are kept beside it."""


def one_line(value: str | tuple[int, ...]) -> str:
    """Words separated by single spaces."""
    words = value.split() if isinstance(value, str) else map(str, value)
    return " ".join(words)
