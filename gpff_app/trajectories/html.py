"""A trajectory as one HTML file that plays from disk with no network: 3D view, plots, provenance."""

import html
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any, Final

import numpy as np

from gpff_app.trajectories.charts import Curves
from gpff_app.trajectories.trajectory import Trajectory
from gpff_app.viewer import Bonds, base64_floats

_HERE: Final = Path(__file__).parents[1]
_TEMPLATE: Final = _HERE / "templates" / "trajectory.html"
_LIBRARY: Final = _HERE.parent / "static" / "3Dmol-min.js"
_GEOMETRY: Final = _HERE.parent / "static" / "viewer" / "geometry.js"


def as_html(trajectory: Trajectory, curves: Curves, bonds: Bonds, said: Sequence[str]) -> str:
    """A page that plays the trajectory; `said` has one line a frame, `bonds` are those of the last."""
    facts = "\n".join(f"{name}: {value}" for name, value in trajectory.origin.items() if value != "")
    film = {
        "symbols": trajectory.composition.symbols,
        "nFrames": trajectory.n_frames,
        "positions": base64_floats(trajectory.positions - trajectory.positions[-1].mean(0)),
        "forces": None if trajectory.forces is None else base64_floats(trajectory.forces),
        "bonds": list(bonds),
        "said": list(said),
        "plots": _plots(curves),
    }
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=html.escape(f"{trajectory.name} – GPFF Studio"),
        summary=html.escape(f"{trajectory.n_frames} frames of {trajectory.composition.formula}"),
        provenance=html.escape(facts),
        library=_inside_script(_LIBRARY.read_text(encoding="utf-8")),
        geometry=_inside_script(_GEOMETRY.read_text(encoding="utf-8")),
        trajectory=json.dumps(film).replace("<", "\\u003c"),
    )


def _plots(curves: Curves) -> list[dict[str, Any]]:
    force = f"Force, root mean square per atom ({curves.force_unit or 'unit of the file'})"
    rows = (
        ("Noise level σ̂ (Å)", True, curves.sigma),
        (force, True, curves.force),
        ("Pseudo-energy ‖X − X_end‖² (Å²)", True, curves.energy),
        ("RMSD after superposition (Å)", False, curves.rmsd),
    )
    return [
        {"title": title, "log": logarithmic, "values": _finite(values)}
        for title, logarithmic, values in rows
        if values is not None
    ]


def _finite(values: Sequence[float] | np.ndarray) -> list[float | None]:
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _inside_script(text: str) -> str:
    """Nothing may end the script element it stands in."""
    return text.replace("</", "<\\/")
