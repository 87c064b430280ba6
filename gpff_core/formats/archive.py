"""Everything in one zip file: the structures in formats for every program, the table, and how all of it was made."""

import json
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePath
from typing import Final

from gpff_core.formats import csv_table, extended_xyz, sdf
from gpff_core.formats.provenance import InputFile, Provenance
from gpff_core.formats.records import Record

MOMENT: Final = (1980, 1, 1, 0, 0, 0)
"""When every member is said to be made, so that the same structures give the same file."""

RESERVED: Final = ("readme.txt", "molecules.sdf", "structures.extxyz", "table.csv", "provenance.json")
"""Names that mean something else here, in lower case as some file systems do not tell cases apart."""

README: Final = """Made with GPFF Studio.

molecules.sdf      valid molecules with their bonds (RDKit and most programs)
structures.extxyz  every structure, also those that are not valid (ASE, OVITO)
table.csv          a row for each structure, in the same order as structures.extxyz
provenance.json    what made them: a list of runs, each with the command line that gives the same structures
{inputs}
In provenance.json, frozen_atoms are the atoms of each structure that were held in place, counted from 0; those of a
scaffold come first in every structure. Run a command in the folder of GPFF Studio; its `python` is the one of that
folder's environment, .venv/bin/python where `make` set it up.
"""

INPUTS: Final = """
A command with --scaffold, or with a file as its --prior, reads that file from the folder it is run in, so put it there
first. The files are here, and provenance.json names those of each run as scaffold_file and prior_file:

{names}
"""


def render(records: Sequence[Record]) -> bytes:
    """A zip file of structures, table, provenance, the commands' files and a text that says what is what."""
    valid = [record for record in records if record.sample.verdict.valid]
    runs = list(dict.fromkeys(record.provenance for record in records))
    places = _places(runs)
    inputs = {place: file.text for file, place in places.items()}
    said = INPUTS.format(names="\n".join(inputs)) if inputs else ""
    made = [run.facts() | {name: places[file] for name, file in run.input_files.items()} for run in runs]
    members = {
        "README.txt": README.format(inputs=said),
        "molecules.sdf": sdf.render(valid),
        "structures.extxyz": extended_xyz.render(records),
        "table.csv": csv_table.render(records),
        "provenance.json": json.dumps(made, ensure_ascii=False, indent=2),
        **inputs,
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, MOMENT), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _places(runs: Sequence[Provenance]) -> dict[InputFile, str]:
    """Where in the archive each file lies: under its own name, in a folder if another has that name."""
    files = list(dict.fromkeys(file for run in runs for file in run.input_files.values()))
    taken = [*RESERVED]
    places = {}
    for number, file in enumerate(files, 1):
        name = PurePath(file.name.replace("\\", "/")).name or "input"  # a name from a file leads nowhere else
        places[file] = f"input-{number}/{name}" if name.lower() in taken else name
        taken.append(name.lower())
    return places
