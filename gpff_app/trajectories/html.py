"""A trajectory as one HTML file that plays from disk with no network: 3D view, plots, provenance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpff_app.offline_page import offline_page
from gpff_app.trajectories.charts import Curves
from gpff_app.trajectories.trajectory import Trajectory
from gpff_app.viewer import Bonds, base64_floats


def as_html(trajectory: Trajectory, curves: Curves, bonds: Bonds, said: Sequence[str]) -> str:
    """A page that plays the trajectory; `said` has one line a frame, `bonds` are those of the last."""
    film = {
        "symbols": trajectory.composition.symbols,
        "nFrames": trajectory.n_frames,
        "positions": base64_floats(trajectory.positions - trajectory.positions[-1].mean(0)),
        "forces": None if trajectory.forces is None else base64_floats(trajectory.forces),
        "bonds": list(bonds),
        "said": list(said),
        "plots": _plots(curves),
    }
    return offline_page(
        "trajectory",
        title=trajectory.name,
        summary=f"{trajectory.n_frames} frames of {trajectory.composition.formula}",
        origin=trajectory.origin,
        data=film,
        scripts={"library": "3Dmol-min.js", "geometry": "viewer/geometry.js"},
    )


def _plots(curves: Curves) -> list[dict[str, Any]]:
    ours = curves.by_network
    rows = (
        ("Noise level σ̂ (Å)" if ours else "sigma from the file", ours, curves.sigma),
        (f"{'Force (Å)' if ours else 'Forces from the file'}, root mean square per atom", True, curves.force),
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
