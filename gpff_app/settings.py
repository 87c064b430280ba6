"""What the person who runs the server decides: where data lives, and how much of the machine everyone gets."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from gpff_core.errors import GpffError
from gpff_core.formats.uploads import UploadLimits


@dataclass(frozen=True)
class Settings:
    """Each can be set by an environment variable: GPFF_DATA_FOLDER, GPFF_MAX_MOLECULES and so on."""

    data_folder: Path = Path("~/gpff-studio")
    """Where the library and saved priors are kept."""
    max_molecules: int = 64
    """Molecules in one run: as many as can be watched at once, and one batch."""
    max_atom_frames: int = 4_000_000
    """Atoms × steps in one run; each keeps 24 bytes for the viewer, so a run stays near 100 MB."""
    max_stored_runs: int = 8
    """Runs a browser session can go back to; together they have at most twice the atoms × steps of one."""
    max_upload_mb: int = 20
    jobs_per_owner: int = 3
    """Runs of one browser session that wait or go on at the same time."""
    running_at_once: int = 4
    """Runs of all sessions that advance in turn; the others wait."""

    @property
    def upload_limits(self) -> UploadLimits:
        """What a file that somebody uploads may be."""
        return UploadLimits(n_bytes=self.max_upload_mb * 1_000_000)


def settings() -> Settings:
    """The settings in force; GpffError for a variable that is no positive whole number."""
    given = {field.name: os.environ.get(f"GPFF_{field.name.upper()}") for field in fields(Settings)}
    values: dict[str, Any] = {name: _read(name, text) for name, text in given.items() if text}
    chosen = Settings(**values)
    return Settings(**{**vars(chosen), "data_folder": chosen.data_folder.expanduser()})


def _read(name: str, text: str) -> int | Path:
    if name == "data_folder":
        return Path(text)
    if not text.isdecimal() or int(text) == 0:
        raise GpffError(f"GPFF_{name.upper()} is {text[:40]!r}; set it to a positive whole number, or not at all.")
    return int(text)
