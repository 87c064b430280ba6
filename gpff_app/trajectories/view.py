"""The main part of the Trajectories page: pictures side by side, what is known of the frame, and the plots."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.jobs import JobState
from gpff_app.text import plain
from gpff_app.trajectories.charts import Curves, chart
from gpff_app.trajectories.controls import RMSD_TO, Choice
from gpff_app.trajectories.desk import Desk
from gpff_app.trajectories.figures import MAX_JUDGED_ATOMS, force_per_atom, pseudo_energy_to_end, rmsd_to
from gpff_app.trajectories.marker import marker
from gpff_app.trajectories.trajectory import Trajectory
from gpff_app.viewer import viewer

HEIGHTS: Final = (520, 400)
"""Of a picture in pixels, alone and beside another."""

POLL: Final = 0.4  # seconds between looks at what is being computed
CHART: Final = "trajectory plots"
LETTERS: Final = ("A", "B")

PLOTTED: Final = (
    "**σ̂**: noise level in Å that the network reads from its forces. "
    "**Force**: root mean square over the atoms, √(Σ|F|²/N), in Å; a gap where the molecule rests and the "
    "network is not asked. *From the file*: what a file calls sigma or forces, in a unit that it does not say. "
    "**Pseudo-energy**: E = ‖X − X_end‖² in Å², summed over all atoms; X_end is the last frame and nothing is turned "
    "or shifted, so drift counts. "
    "**RMSD**: root mean square distance after the best superposition. "
    "**Valid**: bonds and valences of that frame as it stands make a neutral molecule. "
    "Click a point to go to its frame; the dotted line is the frame shown."
)


def view(desk: Desk, choice: Choice) -> None:
    """Pictures and plots; a part of its own that polls while something is computed."""
    st.fragment(_view, run_every=POLL if desk.measuring else None)(desk, choice)


def _view(desk: Desk, choice: Choice) -> None:
    """One trajectory has its plots beside it, two have them below."""
    was_measuring = desk.measuring
    drawn = [_drawn(desk, choice, which) for which in range(len(choice.shown))]
    just_opened = CHART not in st.session_state  # Streamlit forgets charts of pages that are left
    desk.show(choice.shown, drawn, anew=just_opened)
    alone = len(choice.shown) == 1
    left, right = st.columns([3, 2], gap="medium") if alone else (st.container(), st.container())
    curves = [curves_of(desk, choice, which) for which in range(len(choice.shown))]
    with left:
        _pictures(desk, choice, drawn)
        _said_of_frame(desk.frame, choice, curves)
        _progress(desk)
    with right:
        _plots(desk, choice, curves)
    if desk.take_forces() or was_measuring != desk.measuring:
        st.rerun()


def _drawn(desk: Desk, choice: Choice, which: int) -> Trajectory:
    """One of the trajectories as its picture shows it."""
    trajectory, reference = choice.shown[which], choice.references[which]
    if not choice.overlay:
        return trajectory
    what = ("superposed", trajectory.identity, reference.tobytes())
    superposed: Trajectory = desk.remembered(what, lambda: trajectory.superposed_on(reference))
    return superposed


def _pictures(desk: Desk, choice: Choice, drawn: Sequence[Trajectory]) -> None:
    columns = st.columns(len(choice.shown), gap="small")
    for which, (column, trajectory) in enumerate(zip(columns, choice.shown, strict=True)):
        with column:
            letter = f"**{LETTERS[which]}** · " if len(choice.shown) > 1 else ""
            st.markdown(
                f"{letter}{plain(trajectory.name)} · {trajectory.n_frames} frames of {trajectory.n_atoms} atoms"
            )
            _picture(desk, choice, which, drawn[which])


def _picture(desk: Desk, choice: Choice, which: int, drawn: Trajectory) -> None:
    viewer(
        desk.remembered(("recording", drawn.identity), drawn.recording),
        key=f"trajectory viewer {which}",
        bonds=[desk.bonds_at_end(drawn)],
        reference=(drawn.composition.symbols, choice.references[which]) if choice.overlay else None,
        link="trajectories" if len(choice.shown) > 1 else "",
        frame=None if desk.asked is None else min(desk.asked, drawn.n_frames - 1),
        on_frame=desk.rest_at,
        height=HEIGHTS[len(choice.shown) > 1],
        strip=False,
        force_label="Pseudo-force (Å)" if drawn.by_network else "Forces from the file (unit unknown)",
    )


def curves_of(desk: Desk, choice: Choice, which: int) -> Curves:
    """The figures of one of the trajectories, each computed once."""
    trajectory, reference = choice.shown[which], choice.references[which]
    figures = desk.remembered(("figures", trajectory.identity), lambda: _figures(trajectory))
    distance = desk.remembered(
        ("rmsd", trajectory.fingerprint, reference.tobytes()), lambda: rmsd_to(trajectory, reference)
    )
    verdicts = desk.verdicts(trajectory)
    judged = min(len(verdicts.smiles), len(verdicts.reasons)) if verdicts else 0
    return Curves(
        LETTERS[which] if len(choice.shown) > 1 else trajectory.name,
        **figures,
        rmsd=distance,
        smiles=verdicts.smiles[:judged] if verdicts else (),
        reasons=verdicts.reasons[:judged] if verdicts else (),
    )


def _figures(trajectory: Trajectory) -> dict[str, Any]:
    return {
        "sigma": None if trajectory.sigma is None else trajectory.sigma.astype(np.float64),
        "force": force_per_atom(trajectory),
        "by_network": trajectory.by_network,
        "energy": pseudo_energy_to_end(trajectory),
    }


def _said_of_frame(frame: int, choice: Choice, curves: Sequence[Curves]) -> None:
    """One line a trajectory with the numbers of the frame that is shown."""
    for which, curve in enumerate(curves):
        last = choice.shown[which].n_frames - 1
        here = min(frame, last)
        letter = f"**{LETTERS[which]}** · " if len(curves) > 1 else ""
        st.markdown(f"{letter}**Frame {here} of {last}** · {plain(words_of_frame(curve, here, choice.measured_from))}")


def words_of_frame(curve: Curves, frame: int, measured_from: str) -> str:
    """All figures of a frame on one line."""
    words = []
    if curve.sigma is not None:
        sigma = _number(curve.sigma[frame])
        words.append(f"σ̂ {sigma} Å" if curve.by_network else f"sigma from the file {sigma}")
    if curve.force is not None:
        words.append(_force_words(float(curve.force[frame]), by_network=curve.by_network))
    words.append(f"pseudo-energy {_number(curve.energy[frame])} Å²")
    words.append(f"RMSD to {RMSD_TO[measured_from]} {_number(curve.rmsd[frame])} Å")
    if frame < len(curve.reasons):
        smiles = curve.smiles[frame]
        words.append(f"✓ valid, {smiles}" if smiles else f"✗ not valid: {curve.reasons[frame]}")
    return " · ".join(words)


def _force_words(force: float, *, by_network: bool) -> str:
    if not by_network:
        return f"forces from the file {_number(force)}"
    return f"force {_number(force)} Å" if force else "at rest, no force"


def _number(value: float) -> str:
    """Three digits; less than float32 can tell is nothing."""
    return f"{round(float(value), 6):.3g}"


def _progress(desk: Desk) -> None:
    """What is being computed, with Stop; nothing while all is there."""
    for name, job, text in (
        ("forces", desk.forces, "Computing forces with the network"),
        ("verdicts", desk.judging, "Judging every frame"),
    ):
        if job is None or job.state in (JobState.FINISHED, JobState.STOPPED):
            continue
        if job.state is JobState.FAILED:
            st.error(plain(job.error))
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            waits = " (waiting for a free place)" if job.state is JobState.WAITING else ""
            st.progress(job.task.progress, text=f"{text}{waits} …")
            st.button("Stop", icon=":material/stop:", on_click=job.stop, key=f"stop {name}")


def _plots(desk: Desk, choice: Choice, curves: Sequence[Curves]) -> None:
    st.markdown(":small[Figures of every frame]", help=PLOTTED)

    def clicked() -> None:
        points = st.session_state[CHART]["selection"]["points"]
        if points:
            desk.clicked = int(points[0]["x"])
        if desk.clicked is not None:  # a second click on a point unpicks it, and means the same
            desk.go_to(desk.clicked)

    st.plotly_chart(
        chart(curves, RMSD_TO[choice.measured_from]),
        key=CHART,
        on_select=clicked,
        selection_mode="points",
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
    )
    marker(CHART, desk.frame)
    for trajectory in choice.shown:
        if trajectory.n_atoms > MAX_JUDGED_ATOMS:
            st.caption(f"Frames of more than {MAX_JUDGED_ATOMS} atoms are not judged; {trajectory.n_atoms} are here.")
