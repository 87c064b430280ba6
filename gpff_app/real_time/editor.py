"""The main part of the Real-time editor: buttons, the molecule in 3D, and what it is just now."""

import uuid
from collections.abc import Callable
from typing import Final

import streamlit as st
import torch

from gpff_app import handover
from gpff_app.drawing import drawing
from gpff_app.kept import key
from gpff_app.real_time.desk import Desk
from gpff_app.real_time.session import PAGE, save
from gpff_app.resources import library
from gpff_app.text import plain
from gpff_app.viewer import Edit, Model3D, viewer
from gpff_core import __version__
from gpff_core.chemistry.novelty import Novelty, TrainingReference
from gpff_core.errors import GpffError
from gpff_core.formats.provenance import Provenance
from gpff_core.generation import judged
from gpff_core.samples import Sample

VIEWER: Final = "viewer real_time"
HEIGHT: Final = 560  # pixels
HALF_INSIDE: Final = 1.5382
"""Half of a normal distribution in 3D lies within so many standard deviations."""

NOVELTY_TEXT: Final = {
    Novelty.NOVEL: "Not in the training data",
    Novelty.KNOWN: "In the training data",
    Novelty.UNDETERMINED: "",
}


def edit(desk: Desk, reference: TrainingReference | None) -> None:
    """Draw the editor; while somebody drags, only this part of the page runs again."""
    sample = sample_of(desk, reference)
    picture, facts = st.columns([3.2, 1], gap="medium")
    with picture:
        _buttons(desk)
        _picture(desk, sample)
        _problem(desk)
    with facts:
        _facts(desk, sample)
        _onwards(desk, sample)


def sample_of(desk: Desk, reference: TrainingReference | None) -> Sample:
    """What the molecule is as it stands, judged."""
    document, relaxed = desk.document, desk.relaxed
    return judged(0, document.composition, document.positions, relaxed.n_calls, reference, None)


def _act(desk: Desk, action: Callable[[], object]) -> None:
    """Change what is on the desk; a refusal is shown below the picture."""
    torch.set_num_threads(1)  # of this thread: the other core is for the browser and for runs
    desk.problem = ""
    try:
        action()
    except GpffError as error:
        desk.problem = str(error)
    save(desk)


def _buttons(desk: Desk) -> None:
    history = desk.history

    def button(text: str, icon: str, explanation: str, action: Callable[[], object], *, disabled: bool = False) -> None:
        st.button(
            text or f":material/{icon}:",  # an icon in the label has a name for who cannot see it
            icon=f":material/{icon}:" if text else None,
            help=explanation,
            on_click=_act,
            args=[desk, action],
            disabled=disabled,
            key=f"real_time {icon}",
        )

    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        button("", "undo", "Undo (Ctrl+Z)", desk.undo, disabled=not history.past)
        button("", "redo", "Redo (Ctrl+Shift+Z)", desk.redo, disabled=not history.future)
        button(
            "Jump to equilibrium",
            "bolt",
            "Relax without shaking until no atom moves any more. Frozen atoms stay.",
            desk.jump,
        )
        shaking = desk.manner.shaking
        button(
            "Shake",
            "vibration",
            "Shake once with λ and relax; set λ above 0 on the left first.",
            desk.shake,
            disabled=shaking == 0,
        )
        picked = desk.selected
        free = bool(picked) and picked <= desk.document.frozen
        button(
            "Free" if free else "Freeze",
            "lock_open" if free else "lock",
            "Frozen atoms stay exactly where they are (F). Pick atoms first.",
            desk.freeze,
            disabled=not picked,
        )
        button("Delete", "delete", "Take the picked atoms away (Del)", desk.delete, disabled=not picked)
        _blob_buttons(desk, button)


def _blob_buttons(desk: Desk, button: Callable[..., None]) -> None:
    if desk.blob is not None:
        button("Drop the cloud", "blur_off", "Go on with the atoms as they are.", desk.drop_blob)
        return
    sigma = st.session_state[key(PAGE, "blob_sigma", first=0.8)]
    button(
        "Cloud",
        "blur_on",
        "Dissolve the picked atoms into a prior cloud: drag it, and they are made anew wherever it is.",
        lambda: desk.make_blob(sigma),
        disabled=not desk.selected,
    )


def _picture(desk: Desk, sample: Sample) -> None:
    document = desk.document

    def edited(edit: Edit) -> None:
        _act(desk, lambda: desk.handle(edit))

    viewer(
        key=VIEWER,
        model=Model3D(
            desk.id,
            document.composition.symbols,
            document.positions,
            bonds=sample.verdict.bonds,
            frozen=document.frozen,
            selected=desk.selected,
            forces=desk.relaxed.forces,
        ),
        editing=True,
        live_drag=True,
        on_edit=edited,
        shapes=_shapes(desk),
        height=HEIGHT,
    )


def _shapes(desk: Desk) -> list[dict[str, object]]:
    if desk.blob is None:
        return []
    radius = HALF_INSIDE * desk.blob.sigma
    axes = [[radius if i == j else 0.0 for j in range(3)] for i in range(3)]
    centre = desk.blob.centre.tolist()
    return [{"kind": "ellipsoid", "id": "blob", "centre": centre, "axes": axes, "tint": "prior", "movable": True}]


def _problem(desk: Desk) -> None:
    with st.container(height=64, border=False):  # of constant height, so that nothing moves
        if desk.problem:
            st.warning(plain(desk.problem), icon=":material/info:")


def _facts(desk: Desk, sample: Sample) -> None:
    """What the molecule is just now, in lines of constant height."""
    verdict, relaxed = sample.verdict, desk.relaxed
    with st.container(height=190, border=True):
        if verdict.valid:
            st.image(_drawing(verdict.smiles), width="stretch")
        else:
            st.caption("Not one molecule just now: the 2D drawing is back as soon as it is.")
    state = ":green[:material/check_circle:] **Valid**" if verdict.valid else ":orange[:material/cancel:] **Not valid**"
    st.markdown(
        f"{state} · {plain(sample.composition.formula)}",
        help="Valid: the atoms can be joined by single, double and triple bonds into one neutral molecule. Atoms are "
        "counted from 0, as *Labels* shows them.",
    )
    with st.container(height=76, border=False):
        st.caption(plain(verdict.smiles if verdict.valid else f"It {verdict.reason}."))
        if verdict.valid and NOVELTY_TEXT[sample.novelty]:
            st.caption(NOVELTY_TEXT[sample.novelty])
    sigma, force = st.columns(2)
    sigma.metric(
        "σ̂ (Å)", f"{relaxed.sigma:.3f}", help="How noisy the structure looks to the network: about 0 when relaxed."
    )
    rms = float((relaxed.forces**2).sum(1).mean() ** 0.5)
    force.metric("Force (Å)", f"{rms:.3f}", help="Root mean square pseudo-force on an atom, F = 2(X̂₀ − X).")
    st.caption(f"Last picture: {desk.seconds * 1000:.0f} ms of network" if desk.seconds else "Drag an atom.")


def _drawing(smiles: str) -> str:
    """The drawing as a picture, which cannot see the colour of the text around it."""
    colour = "#e4ecee" if st.context.theme.type == "dark" else "#17242b"
    return drawing(smiles).replace("currentColor", colour)


def _onwards(desk: Desk, sample: Sample) -> None:
    """What can be done with the molecule as it is."""
    document = desk.document
    if st.button("Add to the library", icon=":material/bookmark_add:", width="stretch", key="real_time add"):
        _add(desk, sample)
    if st.button(
        "Grow on it",
        icon=":material/construction:",
        width="stretch",
        key="real_time to scaffold",
        help="Take it to the Scaffold editor: freeze atoms, generate the rest anew.",
    ):
        handover.send("scaffold_editor", structure=document.structure, name=document.name, frozen=document.frozen)


def _add(desk: Desk, sample: Sample) -> None:
    try:
        library().add([sample], provenance_of(desk), uuid.uuid4().hex)
    except GpffError as error:
        st.error(plain(str(error)))
    else:
        st.toast("It is in the library.", icon=":material/check:")


def provenance_of(desk: Desk) -> Provenance:
    """How the molecule came about, as far as it can be said of something made by hand."""
    document = desk.document
    return Provenance(
        __version__,
        desk.field.name,
        desk.field.sha256,
        f"direct denoising by hand in the Real-time editor ({desk.manner.calls} calls a picture, "
        f"λ {desk.manner.shaking:g} Å)",
        f"started from {document.name}",
        0,
        tuple(sorted(document.frozen)),
    )
