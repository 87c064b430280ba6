"""One structure: in 3D, what is known about it, a note, where it can go, how it was made."""

import streamlit as st

from gpff_app.library.actions import attempt
from gpff_app.library.columns import NUMBERS
from gpff_app.library.rows import Entry
from gpff_app.library.store import MAX_NOTE_LENGTH, Library
from gpff_app.model3d import Model3D
from gpff_app.reproduce import WHOSE_PYTHON, show_input_files
from gpff_app.sending import send_buttons
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure

MESSAGE = "Click a structure in the table to see it here."
HEIGHT = 330


def detail(library: Library, entry: Entry | None) -> None:
    """The structure in focus, or how to choose one."""
    model = None
    if entry is not None:
        try:
            model = _model(entry)
        except GpffError:
            st.warning("Some coordinates of this structure are not finite numbers, so it cannot be drawn.")
    viewer(key="viewer library", model=model, message=MESSAGE, height=HEIGHT)
    if entry is not None:
        _facts(entry)
        send_buttons(
            Structure(entry.sample.composition, entry.sample.positions),
            f"{entry.sample.composition.formula} {entry.row['id']}",
            key="send library",
        )
        _note(library, entry)
        _origin(entry)


def _model(entry: Entry) -> Model3D:
    sample = entry.sample
    return Model3D(
        f"library {entry.row['id']}", sample.composition.symbols, sample.positions, tuple(sample.verdict.bonds)
    )


def _facts(entry: Entry) -> None:
    sample, row = entry.sample, entry.row
    judged = f"✓ {sample.verdict.smiles}" if sample.verdict.valid else f"✗ {sample.verdict.reason}"
    st.markdown(f"**{plain(sample.composition.formula)}** · structure {row['id']} · {plain(judged)}")
    numbers = [
        f"{column.label} {row[name]:.{column.digits}f} {column.unit}".strip()
        for name, column in NUMBERS.items()
        if row[name] is not None
    ]
    known = {"shape": row["shape"], "scaffold": row["scaffold"], "no strain energy": row["strain_reason"]}
    words = [f"{name}: {value}" for name, value in known.items() if value]
    st.caption(plain(" · ".join([*numbers, *words])))


def _note(library: Library, entry: Entry) -> None:
    number = entry.row["id"]
    place = f"note of {number} {hash(entry.row['note'])}"

    def save() -> None:
        attempt(library.set_note, [number], st.session_state[place])

    st.text_area(
        "Note", entry.row["note"], key=place, height=68, max_chars=MAX_NOTE_LENGTH, on_change=save,
        placeholder="What you want to remember about it; found by the search.",
    )  # fmt: skip


def _origin(entry: Entry) -> None:
    with st.expander("How it was made", key="library origin", on_change="rerun") as part:
        if not part.open:
            return
        show_input_files(entry.provenance.input_files.values(), key="library")
        if entry.provenance.command:
            st.caption(WHOSE_PYTHON)
            st.code(entry.provenance.command, language="sh", wrap_lines=True)
        said = {**entry.provenance.as_dict(), "run": entry.row["run"], "created": entry.row["created"]}
        lines = [f"{name}: {value}" for name, value in said.items() if value != "" and name != "command"]
        st.code("\n".join(lines), language=None, wrap_lines=True)
