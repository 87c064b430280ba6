"""Samples to files. A format is one function from records to text or bytes, and one line in `FORMATS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gpff_core.atomic_files import replacing
from gpff_core.errors import GpffError
from gpff_core.formats import archive, ase_database, csv_table, extended_xyz, parquet_table, sdf, xyz
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.records import Record, records_of
from gpff_core.samples import Sample


@dataclass(frozen=True)
class Format:
    """How samples become the content of a file; `valid_only` formats need the bonds only a valid sample has."""

    label: str
    render: Callable[[Sequence[Record]], str | bytes]
    valid_only: bool = False


FORMATS: Final[dict[str, Format]] = {
    ".sdf": Format("SDF (valid molecules, with bonds)", sdf.render, valid_only=True),
    ".xyz": Format("XYZ", xyz.render),
    ".extxyz": Format("extended XYZ", extended_xyz.render),
    ".db": Format("ASE database", ase_database.render),
    ".csv": Format("CSV (a table, without coordinates)", csv_table.render),
    ".parquet": Format("Parquet (a table for data frames, with coordinates)", parquet_table.render),
    ".zip": Format("zip (SDF, extended XYZ, CSV and provenance)", archive.render),
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
    records = records_of(samples, provenance)
    content = records_as_bytes(target.suffix, records)
    with replacing(target) as temporary:
        temporary.write_bytes(content)
    n_written = len(_kept(format_, records))
    return WriteReport(target, n_written, len(samples) - n_written)


def records_as_bytes(suffix: str, records: Sequence[Record]) -> bytes:
    """The content of a file of this suffix (".sdf") with structures that may come from different runs."""
    format_ = format_for(f"samples{suffix}")
    content = format_.render(_kept(format_, records))
    return content.encode() if isinstance(content, str) else content


def samples_as_text(suffix: str, samples: Sequence[Sample], provenance: Provenance) -> str:
    """What `write_samples` would write to a text file of this suffix (".sdf"), for downloads."""
    return records_as_bytes(suffix, records_of(samples, provenance)).decode()


def _kept(format_: Format, records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.sample.verdict.valid or not format_.valid_only]
