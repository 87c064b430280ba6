"""Everything in one zip file: the structures in formats for every program, the table, and how all of it was made."""

import dataclasses
import json
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Final

from gpff_core.formats import csv_table, extended_xyz, sdf
from gpff_core.formats.records import Record

MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""When every member is said to be made, so that the same structures give the same file."""

README: Final = """Made with GPFF Studio.

molecules.sdf      valid molecules with their bonds (RDKit and most programs)
structures.extxyz  every structure, also those that are not valid (ASE, OVITO)
table.csv          a row for each structure, in the same order as structures.extxyz
provenance.json    what made them: a list of runs, each with the command line that gives the same structures
"""


def render(records: Sequence[Record]) -> bytes:
    """A zip file of structures, table, provenance and a text that says what is what."""
    valid = [record for record in records if record.sample.verdict.valid]
    members = {
        "README.txt": README,
        "molecules.sdf": sdf.render(valid),
        "structures.extxyz": extended_xyz.render(records),
        "table.csv": csv_table.render(records),
        "provenance.json": _provenance(records),
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _provenance(records: Sequence[Record]) -> str:
    runs = [dataclasses.asdict(made) for made in dict.fromkeys(record.provenance for record in records)]
    return json.dumps(runs, ensure_ascii=False, indent=2)
