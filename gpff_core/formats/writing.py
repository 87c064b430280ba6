"""Samples to files. A format is one function from samples to text, and one line in `FORMATS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpff_core.atomic_files import replacing
from gpff_core.errors import GpffError
from gpff_core.formats import csv_table, extended_xyz, sdf, xyz
from gpff_core.formats.provenance import Provenance
from gpff_core.samples import Sample


@dataclass(frozen=True)
class Format:
    """How samples become the text of a file; `valid_only` formats need the bonds only a valid sample has."""

    label: str
    render: Callable[[Sequence[Sample], Provenance], str]
    valid_only: bool = False


FORMATS: Final[dict[str, Format]] = {
    ".sdf": Format("SDF (valid molecules, with bonds)", sdf.render, valid_only=True),
    ".xyz": Format("XYZ", xyz.render),
    ".extxyz": Format("extended XYZ", extended_xyz.render),
    ".csv": Format("CSV (a table, without coordinates)", csv_table.render),
}


@dataclass(frozen=True)
class WriteReport:
    """What `write_samples` did: structures in the file, and those left out because they are not valid molecules."""

    path: Path
    n_written: int
    n_left_out: int


def format_for(path: Path | str) -> Format:
    """The format that a file's suffix stands for; GpffError if there is none.

    Call it before generating, so that a wrong name costs nothing.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise GpffError(f"{path} does not end in a known format; choose one of {', '.join(FORMATS)}.")
    return FORMATS[suffix]


def write_samples(path: Path | str, samples: Sequence[Sample], provenance: Provenance) -> WriteReport:
    """Write samples in the format of the path's suffix: the whole file, or on any failure none of it.

    Raises GpffError for an unknown suffix or a place that cannot be written to.
    """
    target = Path(path)
    format_ = format_for(target)
    kept = _kept(format_, samples)
    with replacing(target) as temporary:
        temporary.write_text(format_.render(kept, provenance), encoding="utf-8", newline="")
    return WriteReport(target, len(kept), len(samples) - len(kept))


def samples_as_text(suffix: str, samples: Sequence[Sample], provenance: Provenance) -> str:
    """What `write_samples` would write to a file of this suffix (".sdf"), for downloads."""
    format_ = format_for(f"samples{suffix}")
    return format_.render(_kept(format_, samples), provenance)


def _kept(format_: Format, samples: Sequence[Sample]) -> list[Sample]:
    return [sample for sample in samples if sample.verdict.valid or not format_.valid_only]
