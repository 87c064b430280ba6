"""The inside of a closed surface, from a 3D program or ready-made, filled with points."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.prior_studio import point_sets
from gpff_app.prior_studio.controls import choices
from gpff_app.prior_studio.kind import Design, Kind, Panel, Picture
from gpff_app.prior_studio.pictures import dots, mesh
from gpff_app.prior_studio.points import size_and_spread
from gpff_app.prior_studio.uploads import MESH_TYPES, N_INSIDE, corners_and_faces, surface_of
from gpff_app.settings import settings
from gpff_core.formats.points import Points
from gpff_core.priors import PointCloud, Prior

MOST_TRIANGLES_DRAWN: Final = 5000
DEFAULT_SIZE: Final = 1.8  # Å

_BOX_FACES: Final = (
    (0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1),
    (2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3),
)  # fmt: skip


def box(x: float, y: float, z: float) -> Mapping[str, Any]:
    """A brick with these sides (Å), filled evenly."""
    sides = np.array([x, y, z])
    corners = np.array([[i, j, k] for i in (-0.5, 0.5) for j in (-0.5, 0.5) for k in (-0.5, 0.5)]) * sides
    inside = (np.random.default_rng(0).random((N_INSIDE, 3)) - 0.5) * sides
    return _settings(inside, corners, np.array(_BOX_FACES))


def of_upload(file: Any) -> Mapping[str, Any]:
    """An uploaded surface, brought to molecular size if its unit is plainly not Å."""
    inside, triangles = surface_of(file)
    vertices, faces = corners_and_faces(triangles)
    size = point_sets.size_of(inside.tolist())
    settings = _settings(inside, vertices, faces)
    return settings if 0.5 <= size <= 6 else {**settings, **resized(settings, DEFAULT_SIZE)}


def resized(design: Design, size: float) -> Mapping[str, Any]:
    """Points and surface about the origin, the points with a root mean square coordinate of `size` Å."""
    points = np.asarray(design["points"], dtype=float)
    scaled = point_sets.resized(design["points"], size)
    factor = size / max(point_sets.size_of(design["points"]), 1e-12)
    vertices = (np.asarray(design["vertices"], dtype=float).reshape(-1, 3) - points.mean(0)) * factor
    return {"points": scaled, "vertices": point_sets.rows(vertices)}


def _settings(inside: Points, vertices: Points, faces: Any) -> Mapping[str, Any]:
    drawn = len(faces) <= MOST_TRIANGLES_DRAWN
    return {
        "points": point_sets.rows(inside),
        "vertices": point_sets.rows(vertices) if drawn else [],
        "faces": np.asarray(faces).tolist() if drawn else [],
    }


def _build(design: Design) -> Prior:
    return PointCloud.of(design["points"], float(design["spread"]))


def _controls(panel: Panel) -> None:
    def take() -> None:
        uploaded = st.session_state["surface file"]
        if uploaded is not None:
            panel.attempt(lambda: of_upload(uploaded))

    st.file_uploader(
        "A closed surface",
        type=MESH_TYPES,
        max_upload_size=settings().max_upload_mb,
        key="surface file",
        on_change=take,
        help="STL, PLY or OBJ from any 3D program. One unit is 1 Å; a surface far from molecular size is resized.",
    )
    ready = {
        "Brick": partial(box, 6.0, 3.5, 2.5),
        "Slab": partial(box, 6.0, 6.0, 1.2),
        "Beam": partial(box, 9, 1.8, 1.8),
    }
    choices(panel, "or begin with", ready, key="surface")
    size_and_spread(panel, key="surface", resize=resized)
    st.caption(f"{len(panel.design['points'])} points fill the inside; each atom takes one of its own.")


def _picture(design: Design, prior: Prior) -> Picture:
    if design["faces"]:
        return Picture([mesh(design["vertices"], design["faces"])])
    return Picture([dots(design["points"], tint="prior")])


KIND = Kind(
    label="Inside of a surface",
    summary="Atoms evenly inside a closed surface, such as the mesh of a pocket or a letter from a 3D program.",
    prior=PointCloud,
    first=lambda: {"spread": 0.2, **box(6.0, 3.5, 2.5)},
    build=_build,
    design_of=lambda prior: {
        "points": [list(point) for point in prior.points],
        "spread": prior.spread,
        "vertices": [],
        "faces": [],
    },
    controls=_controls,
    picture=_picture,
)
