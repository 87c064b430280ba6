"""What made a structure, said in every file that holds one."""

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Provenance:
    """Everything needed to generate the same structures again.

    `sampler` and `prior` are written with their settings; `frozen_atoms` are counted from 0; `command` is the command
    line that gives the same result.
    """

    version: str
    checkpoint: str
    checkpoint_sha256: str
    sampler: str
    prior: str
    seed: int
    frozen_atoms: tuple[int, ...] = ()
    command: str = ""

    def as_dict(self) -> dict[str, str | int]:
        """One value of a single line per field; frozen atoms are separated by spaces."""
        return {
            field.name: value if isinstance(value, int) else one_line(value)
            for field in dataclasses.fields(self)
            for value in (getattr(self, field.name),)
        }

    def as_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)


def one_line(value: str | tuple[int, ...]) -> str:
    """Words separated by single spaces."""
    words = value.split() if isinstance(value, str) else map(str, value)
    return " ".join(words)
