"""Priors that people gave a name: one JSON file each in the folder `priors` beside the app's other data.

The files are what `--prior FILE` reads on the command line.
"""

import os
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from gpff_app.settings import settings
from gpff_core.errors import GpffError
from gpff_core.priors import Prior
from gpff_core.priors.serialisation import prior_as_json, prior_from_json

LONGEST_NAME: Final = 60
MOST_BYTES_OF_A_NAME: Final = 240
"""File systems allow 255, suffix included."""

MOST_SAVED: Final = 500


def saved() -> dict[str, Prior]:
    """The saved priors by name, in alphabetical order; files that cannot be read are left to `damaged`."""
    return {name: prior for name, prior in _entries().items() if not isinstance(prior, str)}


def damaged() -> dict[str, str]:
    """What is wrong with the files that cannot be read, by name."""
    return {name: reason for name, reason in _entries().items() if isinstance(reason, str)}


def save(name: str, prior: Prior) -> str:
    """Keep a prior under a name, in place of any other of that name; gives the name as it is kept."""
    kept = checked_name(name)
    path = _path(kept)
    if not path.exists() and len(_files()) >= MOST_SAVED:
        raise GpffError(f"{MOST_SAVED} priors are saved, and more are not kept; delete some of them first.")
    written = path.with_suffix(f".{os.getpid()}.part")
    try:
        written.write_text(prior_as_json(prior) + "\n", encoding="utf-8")
        written.replace(path)
    except OSError as error:
        raise GpffError(
            f"The prior could not be written to {path.parent} ({error.strerror or error}); check the folder and its "
            "free space."
        ) from error
    return kept


def forget(name: str) -> None:
    """Delete the prior of that name, if there is one."""
    for path in _files():
        if _name_of(path) == name:
            path.unlink(missing_ok=True)


def checked_name(name: str) -> str:
    """The name without what cannot be seen in it; GpffError where too little or too much is left."""
    text = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable()).strip()
    if not text:
        raise GpffError("The prior has no name; type one, such as Long rod.")
    if len(text) > LONGEST_NAME or len(_file_name(text).encode()) > MOST_BYTES_OF_A_NAME:
        raise GpffError(f"The name has {len(text)} characters, which is too long for a file; give at most 20 or so.")
    return text


def _file_name(name: str) -> str:
    """A name in which nothing is left that means something to a file system; `unquote` is the way back."""
    return "".join(c if c.isalnum() or c in " -_()" else "".join(f"%{byte:02X}" for byte in c.encode()) for c in name)


def _name_of(path: Path) -> str:
    return unicodedata.normalize("NFC", unquote(path.stem))


def _path(name: str) -> Path:
    return _folder() / f"{_file_name(name)}.json"


def _folder() -> Path:
    folder = settings().data_folder / "priors"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GpffError(
            f"The folder {folder} for saved priors cannot be made ({error.strerror or error}); set GPFF_DATA_FOLDER to "
            "a folder you may write to."
        ) from error
    return folder


def _files() -> list[Path]:
    return sorted(path for path in _folder().glob("*.json") if path.is_file() and not path.is_symlink())


def _entries() -> dict[str, Prior | str]:
    entries: dict[str, Prior | str] = {}
    for path in _files():
        try:
            status = path.stat()
        except OSError:  # deleted by somebody else just now
            continue
        entries[_name_of(path)] = _read(path, status.st_mtime_ns, status.st_size)
    return dict(sorted(entries.items(), key=lambda entry: entry[0].casefold()))


@lru_cache(maxsize=MOST_SAVED)
def _read(path: Path, changed: int, size: int) -> Prior | str:
    """The prior of a file, or what is wrong with it; read again only when the file has changed."""
    if size > 17_000_000:
        return "The file is too large for a prior."
    try:
        return prior_from_json(path.read_text(encoding="utf-8"))
    except GpffError as error:
        return str(error)
    except (OSError, UnicodeDecodeError):
        return "The file cannot be read as text."
