"""Files people bring to the studio: molecules, points and surfaces. Errors name the file as its owner does."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import numpy as np

from gpff_app.settings import settings
from gpff_core.errors import GpffError
from gpff_core.formats.meshes import SUFFIXES, points_inside, read_surface
from gpff_core.formats.points import READERS as POINT_READERS
from gpff_core.formats.points import Points, read_points
from gpff_core.formats.structures import Hydrogens, Structure
from gpff_core.formats.uploads import STRUCTURE_SUFFIXES, structures_of_upload

MOLECULE_TYPES: Final = [suffix[1:] for suffix in STRUCTURE_SUFFIXES]
POINT_TYPES: Final = [suffix[1:] for suffix in POINT_READERS]
MESH_TYPES: Final = [suffix[1:] for suffix in SUFFIXES]

N_INSIDE: Final = 1000
"""Points that stand for the inside of a surface: many more than a molecule has atoms."""

_Read = TypeVar("_Read")


def molecule_of(file: Any) -> tuple[str, Structure]:
    """The first molecule of an uploaded file, and a name for it."""
    return Path(file.name).stem[:40], structures_of_upload(
        file.name, file.getvalue(), Hydrogens.AS_GIVEN, settings().upload_limits
    )[0]


def points_of(file: Any) -> Points:
    """The points of an uploaded table, array or XYZ file (P, 3)."""
    return _read(file, read_points)


def surface_of(file: Any) -> tuple[Points, Points]:
    """Points inside an uploaded closed surface (P, 3), and its triangles (F, 3, 3)."""
    return _read(file, lambda path: (points_inside(path, N_INSIDE, seed=0), read_surface(path)))


def corners_and_faces(triangles: Points) -> tuple[Points, np.ndarray[Any, np.dtype[np.int64]]]:
    """Vertices (V, 3) and faces (F, 3) of triangles (F, 3, 3)."""
    vertices, index = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return vertices, index.reshape(-1, 3)


def _read(file: Any, read: Callable[[Path], _Read]) -> _Read:
    """Read an upload as a file of the same format whose name nobody chose."""
    data, most = file.getvalue(), settings().max_upload_mb
    if len(data) > most * 1_000_000:
        raise GpffError(f"{Path(file.name).name} is larger than {most} MB; give a smaller file.")
    with TemporaryDirectory() as folder:
        path = Path(folder, "upload" + Path(file.name).suffix.lower())
        try:
            path.write_bytes(data)
            return read(path)
        except GpffError as error:
            raise GpffError(str(error).replace(str(path), Path(file.name).name)) from error
