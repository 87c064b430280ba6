"""What a run led to: figures, the files to take away, the gallery."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from gpff_app import handover
from gpff_app.gallery import gallery
from gpff_app.html_export import samples_as_html
from gpff_app.run import Run
from gpff_app.sending import send_buttons
from gpff_app.session import Workplace
from gpff_app.text import plain
from gpff_core.evaluation.metrics import quality
from gpff_core.formats.provenance import Provenance
from gpff_core.formats.structures import Structure
from gpff_core.formats.writing import FORMATS, samples_as_text
from gpff_core.samples import Sample

BUTTON_TEXT: Final = {".sdf": "SDF", ".xyz": "XYZ", ".extxyz": "Extended XYZ", ".csv": "CSV", ".html": "HTML page"}


SUMMARY_HELP: Final = (
    "Valid: the atoms can be joined by single, double and triple bonds into one neutral molecule. "
    "Different, and not in the training data, are judged by which atoms are bonded to which: "
    "stereo is ignored, so mirror images and E/Z isomers count as the same molecule."
)


def summary(samples: Sequence[Sample]) -> list[str]:
    """Figures in words, each with what it is counted among."""
    found = quality(samples)
    words = [f"**{found.valid.count} of {found.valid.total} valid**"]
    if any(sample.scaffold for sample in samples):
        n_kept = sum(sample.scaffold == "kept" for sample in samples)
        words = [f"**{n_kept} of {found.valid.total} kept the scaffold**", f"{found.valid.count} valid"]
    if found.unique.total:
        words += [f"{found.unique.count} different", f"{found.novel.count} of these not in the training data"]
    return words


def results(place: Workplace, actions: Callable[[Sample], None] | None = None) -> None:
    """The downloads and the gallery of a page's run; `actions` draws what the page offers for the molecule in focus."""
    run = place.run
    if run is None or not run.samples:
        return
    _onwards(place, run, actions)
    chosen = _selected(run)
    _downloads(run, chosen or run.samples, all_of_them=not chosen)
    gallery(run.samples, run.unfinished, key=_gallery_key(run), focus=place.focus, on_focus=place.look_at)


def opinion(sample: Sample) -> str:
    """What became of a molecule, in a line."""
    verdict = sample.verdict
    if not verdict.valid:
        return f"✗ {verdict.reason}"
    if sample.lost_scaffold:
        return f"✗ scaffold lost: {sample.scaffold}: {verdict.smiles}"
    return f"✓ {verdict.smiles}"


def _onwards(place: Workplace, run: Run, actions: Callable[[Sample], None] | None) -> None:
    """Where the molecule in focus, and the film of the run, can go from here."""
    shown = next((sample for sample in run.samples if sample.index == place.focus), None)
    if shown is None and len(run.samples) == 1:
        (shown,) = run.samples
    with st.container(horizontal=True, vertical_alignment="center"):
        if shown is None:
            st.caption("Click a molecule to do more with it.", width="content")
        else:
            name = f"{shown.composition.formula} {shown.index + 1}"
            said = "… unfinished" if shown.index in run.unfinished else opinion(shown)
            st.markdown(f"Molecule {shown.index + 1}: {plain(said)}", width="content")
            if actions is not None:
                actions(shown)
            given = run.request.scaffold
            send_buttons(
                Structure(shown.composition, shown.positions),
                name,
                key=f"send {place.page}",
                frozen=range(len(given) if given is not None else 0),
            )
        if st.button("Film", icon=":material/movie:", key=f"film {place.page}", help="Open this run in Trajectories."):
            handover.send("trajectories", run=run, molecule=None if shown is None else run.samples.index(shown))
        if run.archive is not None and st.button(
            "See them in the Library", icon=":material/inventory_2:", key=f"library {place.page}", help="Just this run."
        ):
            handover.send("library", run=run.recording.run)


def _gallery_key(run: Run) -> str:
    return f"gallery {run.recording.run}"


def _selected(run: Run) -> list[Sample]:
    """The samples ticked in the gallery below."""
    ticked = set(st.session_state.get(_gallery_key(run), {}).get("selected") or [])
    return [sample for sample in run.samples if sample.index in ticked]


def _downloads(run: Run, samples: Sequence[Sample], *, all_of_them: bool) -> None:
    n_valid = sum(sample.verdict.valid for sample in samples)
    which = f"all {len(samples)}" if all_of_them else f"the {len(samples)} selected"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Download {which}:", width="content")
        for suffix, text in BUTTON_TEXT.items():
            valid_only = suffix in FORMATS and FORMATS[suffix].valid_only
            st.download_button(
                f"{text} ({n_valid} valid)" if valid_only and n_valid < len(samples) else text,
                data=_file(suffix, samples, run.provenance),
                file_name=f"{run.order.composition.formula}-seed{run.order.recipe.seed}{suffix}",
                on_click="ignore",
                disabled=valid_only and not n_valid,
                key=f"download {suffix}",
                help=_help(suffix),
            )


def _file(suffix: str, samples: Sequence[Sample], provenance: Provenance) -> str:
    """The text of a file.

    Made at every rerun (tens of milliseconds): Streamlit loses track of files it should make on demand when a fragment
    polls.
    """
    if suffix == ".html":
        return samples_as_html(samples, provenance)
    return samples_as_text(suffix, samples, provenance)


def _help(suffix: str) -> str:
    if suffix == ".html":
        return "One file with 3D view and drawings; opens in any browser, without internet."
    return FORMATS[suffix].label
