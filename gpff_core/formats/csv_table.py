"""A table for spreadsheets: one row per sample, without coordinates."""

import csv
import dataclasses
from collections.abc import Sequence
from io import StringIO
from typing import Final

from gpff_core.formats.provenance import Provenance
from gpff_core.samples import Sample

COLUMNS: Final = (
    "index", "formula", "valid", "smiles", "reason", "novelty", "n_evaluations", "scaffold",
    *(field.name for field in dataclasses.fields(Provenance)),
)  # fmt: skip

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins with one of these; a leading apostrophe makes it text again."""


def render(samples: Sequence[Sample], provenance: Provenance) -> str:
    """Every sample as a row; lines end in CR LF, as RFC 4180 has it."""
    text = StringIO()
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    said = provenance.as_dict()
    for sample in samples:
        table.writerow({name: _harmless(value) for name, value in {**sample.facts(), **said}.items()})
    return text.getvalue()


def _harmless(value: str | int | bool) -> str | int | bool:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value
