"""Structures of other programs' files into the library: judged like those that were generated here."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath

from gpff_app.library.store import Library
from gpff_app.settings import settings
from gpff_core import __version__
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.errors import shown
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.uploads import structures_of_upload
from gpff_core.generation import judged


@dataclass(frozen=True)
class Imported:
    """What an import did: structures in the file, valid ones among them, those that were not there before, the run."""

    n_structures: int
    n_valid: int
    n_new: int
    run: str


def import_file(library: Library, file_name: str, data: bytes, reference: TrainingReference | None) -> Imported:
    """Keep the structures of a file; a second import of the same bytes adds nothing. GpffError for an unusable file."""
    structures = structures_of_upload(file_name, data, limits=settings().upload_limits)
    samples = [
        judged(place, composition, positions, 0, reference, None)
        for place, (composition, positions) in enumerate(structures)
    ]
    name = shown(PurePath(file_name.replace("\\", "/")).name)
    run = f"import-{hashlib.sha256(data).hexdigest()[:16]}"
    before = library.contents().n_structures
    library.add(samples, Provenance(__version__, "", "", "imported", f"file {name}", 0), run)
    n_new = library.contents().n_structures - before
    return Imported(len(samples), sum(sample.verdict.valid for sample in samples), n_new, run)
