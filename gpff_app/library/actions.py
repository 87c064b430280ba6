"""What can be done with what is ticked, and with the library as a file."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st

from gpff_app import resources
from gpff_app.library.importing import import_file
from gpff_app.library.query import Query
from gpff_app.library.state import LibraryState
from gpff_app.library.store import Contents, Library
from gpff_app.library.strain import MOST_AT_ONCE, StrainTask
from gpff_app.settings import settings
from gpff_app.text import plain
from gpff_core.errors import GpffError
from gpff_core.formats.uploads import STRUCTURE_SUFFIXES
from gpff_core.formats.writing import FORMATS, records_as_bytes
from gpff_core.networks.shipped import checkpoint_names

NOTICE: Final = "notice of the library"
POLL: Final = 0.5  # seconds between looks at energies that are being computed


def attempt(action: Callable[..., object], *given: Any) -> None:
    """Do something at a click; what it says against it is shown by `notice` when the page is drawn."""
    try:
        action(*given)
    except GpffError as error:
        st.session_state[NOTICE] = str(error)


def notice() -> None:
    """Why the last click had no effect, once."""
    if text := st.session_state.pop(NOTICE, ""):
        st.error(plain(text))


def selection_bar(library: Library, state: LibraryState, query: Query, n_found: int) -> None:
    """Buttons for what is ticked; exported is everything that was found where nothing is."""
    ids = state.selection

    def found() -> list[int]:
        return library.ids(query)

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{len(ids):,} selected**" if ids else "None selected", width="content")
        st.button(f"Select all {n_found:,}", key="library all", on_click=lambda: attempt(lambda: state.select(found())))
        st.button("None", key="library none", on_click=state.select, args=[[]], disabled=not ids)
        _export(library, ids, found, n_found)
        _strain(library, state)
        st.button(
            "Delete",
            icon=":material/delete:",
            key="library delete",
            disabled=not ids,
            on_click=lambda: attempt(lambda: state.delete(library, library.with_copies(state.selection, query))),
            help="Can be undone, and is kept in the bin until you empty it."
            + (" Merged rows go with all their copies." if query.merged else ""),
        )
        if state.deleted:
            st.button(
                f"Undo ({len(state.deleted[-1])} deleted)",
                icon=":material/undo:",
                key="library undo",
                on_click=attempt,
                args=[state.undo_delete, library],
            )


def _export(library: Library, ids: Sequence[int], found: Callable[[], list[int]], n_found: int) -> None:
    n = len(ids) or n_found
    with st.popover(f"Export {n:,}", icon=":material/download:", disabled=not n):
        suffix = st.selectbox(
            "Format", list(FORMATS), format_func=lambda suffix: FORMATS[suffix].label, key="library format",
            help="All formats but XYZ carry properties, notes and provenance.",
        )  # fmt: skip

        def content() -> bytes:
            chosen = list(ids) or found()
            return records_as_bytes(suffix, [entry.record() for entry in library.entries(chosen)])

        st.download_button(
            f"Download {n:,} structure{'s' * (n != 1)}",
            content,
            f"library-{n}{suffix}",
            on_click="ignore",
            type="primary",
            key=f"library download {suffix}",
        )
        if FORMATS[suffix].valid_only:
            st.caption("Structures that are not valid have no bonds and are left out.")


def _strain(library: Library, state: LibraryState) -> None:
    n = len(state.selection)
    busy = state.job is not None and state.job.active

    def start() -> None:
        state.strain = StrainTask(library, state.selection)
        state.job = resources.job_queue().submit(resources.session_id(), state.strain)

    st.button(
        "Strain",
        icon=":material/bolt:",
        key="library strain",
        disabled=busy or not 0 < n <= MOST_AT_ONCE,
        on_click=attempt,
        args=[start],
        help=f"What relaxing with GFN2-xTB releases, in kcal/mol; up to {MOST_AT_ONCE} structures at once.",
    )


def strain_status(state: LibraryState) -> None:
    """How far the energies are, with Stop; polls by itself while they are computed."""
    active = state.job is not None and state.job.active
    st.fragment(_strain_status, run_every=POLL if active else None)(state, active)


def _strain_status(state: LibraryState, was_active: bool) -> None:
    if state.job is None or state.strain is None:
        return
    if state.job.error:
        st.error(plain(state.job.error))
    if state.job.active:
        n, total = state.strain.n_done, len(state.strain.ids)
        bar, stop = st.columns([6, 1], vertical_alignment="center")
        bar.progress(n / total, text=f"Strain energies: {n} of {total}")
        stop.button("Stop", icon=":material/stop:", key="library stop", on_click=state.job.stop)
    elif was_active:
        st.rerun()


def import_panel(library: Library) -> None:
    """A file of structures into the library."""
    with st.expander("Import a file", icon=":material/upload:"):
        st.file_uploader(
            "Structures of another program",
            type=[suffix.removeprefix(".") for suffix in STRUCTURE_SUFFIXES],
            max_upload_size=settings().max_upload_mb,
            key="library import",
            on_change=attempt,
            args=[_import, library],
            help="Each is judged like one that was generated: valid or not, known or new, and its properties.",
        )


def _import(library: Library) -> None:
    file = st.session_state["library import"]
    if file is None:
        return
    names = checkpoint_names()
    reference = resources.training_reference(names[0]) if names else None
    done = import_file(library, file.name, file.getvalue(), reference)
    there = done.n_structures - done.n_new
    st.toast(
        f"{done.n_new} structure{'s' * (done.n_new != 1)} imported, {done.n_valid} of {done.n_structures} valid."
        + (f" {there} were there already." if there else "")
    )


def file_panel(library: Library, contents: Contents, state: LibraryState) -> None:
    """Where the file is, a copy of it, and the bin."""
    with st.expander("Backup and bin", icon=":material/database:"):
        st.markdown("Everything is in one SQLite file:")
        st.code(str(library.path), language=None, wrap_lines=True)
        st.caption(
            f"{contents.n_structures:,} structure{'s' * (contents.n_structures != 1)}, {contents.n_bytes / 1e6:.1f} MB"
        )
        st.download_button(
            "Download a copy",
            library.backup,
            library.path.name,
            on_click="ignore",
            icon=":material/download:",
            key="library backup",
            help="Whole and consistent, also while runs go on. Put it in the file's place to restore it.",
        )
        if contents.n_deleted:
            _bin(library, contents.n_deleted, state)


def _bin(library: Library, n_deleted: int, state: LibraryState) -> None:
    def empty() -> None:
        library.empty_bin()
        state.deleted.clear()

    st.markdown(f"**{n_deleted:,} in the bin**")
    st.button("Restore all", key="library restore", on_click=attempt, args=[state.restore_all, library])
    sure = st.checkbox("Yes, for good", key="library sure")
    st.button(
        "Empty the bin", key="library empty", disabled=not sure, on_click=partial(attempt, empty),
        help="What is in the bin cannot be brought back afterwards.",
    )  # fmt: skip
