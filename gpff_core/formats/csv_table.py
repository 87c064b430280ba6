"""A table for spreadsheets: one row per sample, without coordinates."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from gpff_core.formats.records import Fact, Record, columns

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins with one of these; a leading apostrophe makes it text again."""


def render(records: Sequence[Record]) -> str:
    """Every sample as a row; lines end in CR LF, as RFC 4180 has it."""
    text = StringIO()
    table = csv.DictWriter(text, columns(records))
    table.writeheader()
    for record in records:
        table.writerow({name: _harmless(value) for name, value in record.facts().items()})
    return text.getvalue()


def _harmless(value: Fact) -> Fact:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value
