"""The Library page: filters on the left, the table, and one structure or a plot beside it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from gpff_app import handover, kept, resources
from gpff_app.library.actions import attempt, file_panel, import_panel, notice, selection_bar, strain_status
from gpff_app.library.columns import COLUMNS, SHOWN_AT_FIRST, WORDS
from gpff_app.library.detail import detail
from gpff_app.library.filters import all_runs, clear, filters, key, show_only
from gpff_app.library.plot import plot
from gpff_app.library.query import Query
from gpff_app.library.state import CARDS, PLOT, STRUCTURE, TABLE, LibraryState, state
from gpff_app.library.store import Library, RunLine
from gpff_app.library.table import table
from gpff_app.text import plain
from gpff_core.errors import GpffError

ROWS: Final = 50
TURNED: Final = {
    "date": ("Newest first", "Oldest first"),
    "word": ("From Z to A", "From A to Z"),
    "number": ("Largest first", "Smallest first"),
}
"""What turning an order round leads to: one that goes up, and one that goes down."""


def library_page() -> None:
    """The whole page; a file that cannot be used is one sentence."""
    try:
        _page(resources.library(), state())
    except GpffError as error:
        st.error(plain(str(error)))


def _page(library: Library, here: LibraryState) -> None:
    contents, runs = library.contents(), library.runs()
    _arrive(here, runs)
    with st.sidebar:
        try:
            query = filters(runs) if contents.n_structures else Query()
        except GpffError as error:
            st.error(plain(str(error)))
            query = None
        if contents.n_structures:
            st.button(
                "Clear filters", key="library clear", on_click=_clear, args=[here], icon=":material/filter_alt_off:"
            )
        import_panel(library)
        file_panel(library, contents, here)
    notice()
    if not contents.n_structures:
        _empty()
    elif query is not None:
        _found(library, here, query, contents.n_structures)


def _arrive(here: LibraryState, runs: Sequence[RunLine]) -> None:
    """Show just the run that another page sent here."""
    run = handover.take("library").get("run")
    if run is None:
        return
    if run in [line.id for line in runs]:
        here.clear_plot()
        show_only(run)
    else:
        st.info(
            "Nothing of that run is here: it was stopped before a molecule was valid, or what it made was deleted.",
            icon=":material/search_off:",
        )


def _clear(here: LibraryState) -> None:
    """Take every filter away, that of the plot as well."""
    clear()
    here.clear_plot()


def _empty() -> None:
    st.markdown("#### Library")
    st.info(
        "Nothing is here yet. Everything you generate is kept here by itself; or import a file on the left.",
        icon=":material/inventory_2:",
    )
    st.page_link("pages/generate.py", label="Generate molecules", icon=":material/auto_awesome:")


def _found(library: Library, here: LibraryState, query: Query, n_all: int) -> None:
    whole = _arranged(query)
    query = replace(whole, among=here.plotted)
    here.search(query)
    n_found = library.count(query)
    _heading(here, query, n_found, n_all)
    selection_bar(library, here, query, n_found)
    strain_status(here)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _table(library, here, query, n_found)
    with right:
        side = st.segmented_control(
            "Beside the table",
            [STRUCTURE, PLOT],
            key=key("view side", STRUCTURE),
            persist_state="session",
            label_visibility="collapsed",
        )
        if side == PLOT:
            plot(library, whole, here)
        else:
            entries = library.entries([here.focus]) if here.focus is not None else []
            detail(library, entries[0] if entries else None)


def _arranged(query: Query) -> Query:
    """The query with what the table's own settings say: order, and whether duplicates are one."""
    order = st.session_state[key("view sort", ["created", True])]
    merged = bool(st.session_state[key("view merged", False)])
    return replace(query, sort=order[0], descending=bool(order[1]), merged=merged)


def _heading(here: LibraryState, query: Query, n_found: int, n_all: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {n_found:,} of {n_all:,} structure{'s' * (n_all != 1)}", width="stretch")
        if query.run:
            st.button("One run", icon=":material/close:", key="library unrun", on_click=all_runs,
                      help="Only what one run made is shown; click to show all runs again.")  # fmt: skip
        if here.plotted is not None:
            st.button("Plot selection", icon=":material/close:", key="library unplot", on_click=here.clear_plot,
                      help="Only what is drawn around in the plot is shown; click to show all again.")  # fmt: skip
        st.toggle(
            "Merge duplicates",
            key=key("view merged", False),
            persist_state="session",
            help="Valid structures with the same SMILES become one row with a count: the favourite, or the first that "
            "was made. The SMILES says which atoms are bonded and ignores stereo: mirror images and E/Z are merged.",
        )
        st.segmented_control(
            "View",
            [TABLE, CARDS],
            key=key("view style", TABLE),
            persist_state="session",
            label_visibility="collapsed",
            width="content",
        )
        with st.popover("Columns", icon=":material/view_column:"):
            st.multiselect("Shown", list(COLUMNS), format_func=lambda name: COLUMNS[name].title,
                           key=key("view columns", list(SHOWN_AT_FIRST)), persist_state="session")  # fmt: skip
            _sort_box()


def _sort_box() -> None:
    """For columns that are not shown, and for cards, which have no headings."""
    column, descending = st.session_state[key("view sort")]
    kept.show("library sort by", column)

    def choose() -> None:
        _sort_by(st.session_state["library sort by"])

    titles = {name: shown.title for name, shown in COLUMNS.items()}
    st.selectbox("Sort by", list(titles), format_func=titles.__getitem__, key="library sort by", on_change=choose)
    kind = "date" if column == "created" else "word" if column in WORDS else "number"
    st.button(TURNED[kind][descending], key="library turn", on_click=_sort_by, args=[column])


def _sort_by(name: str) -> None:
    """The same column again turns the order round."""
    place = key("view sort")
    column, descending = st.session_state[place]
    st.session_state[place] = [name, not descending if name == column else True]


def _table(library: Library, here: LibraryState, query: Query, n_found: int) -> None:
    if not n_found:
        limits = "all filters" if here.plotted is None else "all filters and the plot selection"
        st.info(f"No structure fits {limits}: take one away, or clear them.", icon=":material/search_off:")
        return
    n_pages = -(-n_found // ROWS)
    here.turn_to(min(here.page, n_pages - 1))

    def star(changes: dict[int, bool]) -> None:
        for on in (True, False):
            if ids := [number for number, chosen in changes.items() if chosen is on]:
                # Of merged rows every copy must lose its star, or another would show it.
                library.set_favourite(ids if on else library.with_copies(ids, query), on)

    table(
        library.page(query, here.page * ROWS, ROWS),
        key="library table",
        query=query,
        shown=st.session_state[key("view columns")],
        cards=st.session_state[key("view style")] == CARDS,
        selection=here.selection,
        pushed=here.pushed,
        focus=here.focus,
        on_select=here.tick,
        on_focus=here.look_at,
        on_star=lambda changes: attempt(star, changes),
        on_sort=_sort_by,
    )
    _pager(here, n_found, n_pages)


def _pager(here: LibraryState, n_found: int, n_pages: int) -> None:
    if n_pages == 1:
        return
    first = here.page * ROWS + 1

    def turn(name: str, to: int) -> None:
        st.button(name, key=f"library {name}", on_click=here.turn_to, args=[to], disabled=not 0 <= to < n_pages)

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center", gap="small"):
        turn("First", 0)
        turn("Previous", here.page - 1)
        st.markdown(f"{first:,}–{min(n_found, first + ROWS - 1):,} of {n_found:,}", width="content")
        turn("Next", here.page + 1)
        turn("Last", n_pages - 1)
