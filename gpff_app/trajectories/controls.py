"""The sidebar of the Trajectories page: what to look at, what to compare it with, and what to measure from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from gpff_app import handover, resources
from gpff_app.controls import choose_checkpoint
from gpff_app.kept import key
from gpff_app.session import history, remember
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_app.trajectories.desk import Desk, Source, submit
from gpff_app.trajectories.network import Forces
from gpff_app.trajectories.sources import SUFFIXES, of_upload
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure
from gpff_core.formats.uploads import structures_of_upload

PAGE: Final = "trajectories"

LAST, OTHER, FILE = "last", "other", "file"
REFERENCES: Final = {LAST: "Its own last frame", OTHER: "The last frame of the second", FILE: "A structure from a file"}
RMSD_TO: Final = {LAST: "the end", OTHER: "second's end", FILE: "file"}


@dataclass(frozen=True, eq=False)
class Choice:
    """What to show: one trajectory or two, and the positions (N, 3) that each is measured from.

    `measured_from` is one of `REFERENCES`; with `overlay` every frame is superposed on its reference.
    """

    shown: tuple[Trajectory, ...]
    references: tuple[NDArray[np.float32], ...]
    measured_from: str = LAST
    overlay: bool = False


def controls(desk: Desk) -> Choice | None:
    """Draw the controls; None while there is nothing to show, after saying why."""
    _take_handed_over(desk)
    _uploads(desk)
    sources = {source.key: source for source in desk.sources()}
    if not sources:
        return None
    try:
        return _choice(desk, sources)
    except GpffError as error:
        st.error(plain(str(error)))
        return None


def _choice(desk: Desk, sources: Mapping[str, Source]) -> Choice:
    names = {place: source.name for place, source in sources.items()}
    first = sources[_choose("Trajectory", names, "source", "A run of this session, or a file you added.")]
    shown = [desk.trajectory(first, _molecule(first, "molecule"))]
    nothing = {"": "Nothing"}
    other = _choose(
        "Compare with", {**nothing, **names}, "other", "Shown beside the first: turning or stepping one moves both."
    )
    if other:
        shown.append(desk.trajectory(sources[other], _molecule(sources[other], "other molecule")))
    choice = _measured(tuple(shown))
    _forces(desk, choice.shown)
    return choice


def _measured(shown: tuple[Trajectory, ...]) -> Choice:
    """The reference, checked against what is shown."""
    offered = {name: text for name, text in REFERENCES.items() if name != OTHER or len(shown) > 1}
    measured_from = _choose(
        "Measure RMSD from",
        offered,
        "reference",
        "RMSD: root mean square distance in Å between the same atoms, after turning and shifting one structure onto "
        "the other. Atoms are matched by their order.",
    )
    references = [trajectory.positions[-1] for trajectory in shown]
    if measured_from == OTHER:
        references = [_fitting(shown[1].composition.numbers, references[1], trajectory) for trajectory in shown]
    elif measured_from == FILE:
        structure = _reference_file()
        numbers = structure.composition.numbers
        references = [_fitting(numbers, structure.positions, trajectory) for trajectory in shown]
    overlay = st.toggle(
        "Overlay the reference",
        key=key(PAGE, "overlay"),
        persist_state="session",
        help="Draws the reference translucent, and turns and shifts every frame onto it. "
        "Colour by displacement then shows how far each atom is from it.",
    )
    return Choice(shown, tuple(references), measured_from, overlay)


def _fitting(numbers: tuple[int, ...], positions: NDArray[np.float32], trajectory: Trajectory) -> NDArray[np.float32]:
    if numbers != trajectory.composition.numbers:
        raise GpffError(
            f"The reference does not have the atoms of {trajectory.name} ({trajectory.composition.formula}) in the "
            "same order; give one that has, or measure from the last frame."
        )
    return positions


def _reference_file() -> Structure:
    file = st.file_uploader(
        "Reference structure", key="trajectories reference", max_upload_size=settings().max_upload_mb
    )
    if file is None:
        raise GpffError("No reference was given; drop its file here, or measure from the last frame.")
    return structures_of_upload(file.name, file.getvalue(), limits=settings().upload_limits)[0]


def _forces(desk: Desk, shown: tuple[Trajectory, ...]) -> None:
    """Where the forces come from, and the offer to compute them."""
    st.markdown(
        ":small[Forces and σ̂]",
        help="Pseudo-force F = 2 (X̂₀ − X) in Å: twice the way to where the network expects the atom. σ̂ is the noise "
        "level in Å that the network reads from these forces: how far from a molecule the structure is.",
    )
    for trajectory in shown:
        said = _forces_said(trajectory)
        st.caption(plain(said if len(shown) == 1 else f"{trajectory.name}: {said}"))
    missing = [trajectory for trajectory in shown if "forces_from" not in trajectory.origin]
    if not missing:
        return
    try:
        field = resources.checkpoint(choose_checkpoint())
    except GpffError as error:
        st.caption(plain(str(error)))
        return
    waiting = desk.forces is not None and desk.forces.active
    if st.button(
        "Compute with the network",
        icon=":material/calculate:",
        key="compute forces",
        disabled=waiting,
        help="One network call a frame, in place of the forces that are there.",
        width="stretch",
    ):
        try:
            desk.forces = submit(Forces(missing[0], field))
        except GpffError as error:
            st.error(plain(str(error)))


def _forces_said(trajectory: Trajectory) -> str:
    if "forces_from" in trajectory.origin:
        return f"pseudo-forces of the {trajectory.origin['forces_from']}"
    if not trajectory.by_network:
        said = {"forces": trajectory.forces, "sigma": trajectory.sigma}
        if columns := [name for name, values in said.items() if values is not None]:
            return f"{' and '.join(columns)} from the file, unit unknown"
    if trajectory.forces is None:
        return "none are there"
    return "pseudo-forces recorded with it"


def _choose(label: str, options: Mapping[str, str], name: str, explanation: str) -> str:
    """A choice that is kept for as long as it is offered; else the first of the options."""
    place = key(PAGE, name)
    if st.session_state.get(place) not in options:
        st.session_state[place] = next(iter(options))
    return st.selectbox(
        label, list(options), format_func=options.__getitem__, key=place, persist_state="session", help=explanation
    )


def _molecule(source: Source, name: str) -> int:
    """Which of a source's molecules; asked for only where there are several."""
    if len(source.molecules) == 1:
        return 0
    numbered = {str(place): label for place, label in enumerate(source.molecules)}
    return int(_choose("Its molecule", numbered, name, "✓ a valid molecule, ✗ not one, at its last frame."))


def _uploads(desk: Desk) -> None:
    files = st.file_uploader(
        "Add trajectory files",
        type=list(SUFFIXES),
        accept_multiple_files=True,
        key=f"trajectory files {desk.n_uploads}",
        max_upload_size=settings().max_upload_mb,
        help="Multi-frame XYZ or extended XYZ, or a trajectory of ASE (.traj).",
    )
    if files:
        said = [_add(desk, partial(of_upload, file.name, file.getvalue())) for file in files]
        desk.refused = [problem for problem in said if problem]
        desk.n_uploads += 1
        st.rerun()  # with another uploader: for as long as files stand in one, the server keeps all their bytes
    for problem in desk.refused:
        st.error(plain(problem))


def _take_handed_over(desk: Desk) -> None:
    what = handover.take(PAGE)
    if "run" not in what:
        return
    run = what["run"]
    if run not in history():  # where it was made so long ago that it was dropped
        remember(run)
    _select(run.recording.run, what["molecule"])


def _add(desk: Desk, load: Callable[[], Trajectory]) -> str:
    """Put a trajectory on the desk and choose it; gives what is wrong with it, "" if nothing is."""
    try:
        trajectory = load()
    except GpffError as error:
        return str(error)
    _select(desk.add_file(trajectory.name, trajectory), None)
    return ""


def _select(source: str, molecule: int | None) -> None:
    st.session_state[key(PAGE, "source")] = source
    if molecule is not None:
        st.session_state[key(PAGE, "molecule")] = str(molecule)
