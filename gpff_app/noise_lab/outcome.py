"""What came out of a comparison: progress, scores, whether a difference is beyond chance, trajectories, results."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import streamlit as st

from gpff_app.jobs import JobState
from gpff_app.kept import key
from gpff_app.noise_lab.comparison import Comparison, Leg
from gpff_app.noise_lab.design import PLOT
from gpff_app.noise_lab.editor import PAGE
from gpff_app.noise_lab.export import as_csv, as_json, titles_of
from gpff_app.noise_lab.figures import Line, trajectories_figure, validity_figure
from gpff_app.noise_lab.lab import Lab
from gpff_app.noise_lab.pairs import FILTERS, badge, pairs, rows_of
from gpff_app.noise_lab.schedules import LETTERS
from gpff_app.noise_lab.significance import verdict
from gpff_app.reproduce import COMMAND_OR_PYTHON, show_code
from gpff_app.text import plain
from gpff_app.viewer import viewer
from gpff_app.watching import STATE_TEXT, captions, duration, job_besides_progress, poll

PER_PAGE: Final = 12
"""Cards of paired results at once."""

FILM_HEIGHT: Final = 380  # pixels

EMPTY: Final = (
    "Press **Run** on the left: every schedule makes molecules from the same seeds, and here you see which of them "
    "makes more valid ones, whether the difference is beyond chance, how the noise really fell, and the molecules side "
    "by side."
)
VALID_HELP: Final = (
    "Valid: the atoms can be joined by single, double and triple bonds into one neutral molecule. The whisker is one "
    "binomial standard error."
)
CONTEST_HELP: Final = (
    "Both schedules start each molecule from the same random numbers, so they form pairs. Pairs in which only one "
    "succeeds decide (McNemar's exact test); with several comparisons the p-values are corrected by Holm. Below 5 % we "
    "say *beyond chance*."
)
TRAJECTORY_HELP: Final = (
    "σ̂ is the noise level the network reads off a structure, calibrated on held-out molecules. Solid: median over the "
    "molecules, with quartiles; one that rests counts with the last level it had. The last point is the result itself, "
    "looked at once more. Dashed: what the schedule asked for. A solid line above the dashed one is "
    "a structure that lags behind its schedule: the sampler takes it for cleaner than it is."
)


def outcome(lab: Lab, axis: str) -> None:
    """Everything below the design."""
    st.divider()
    comparison = lab.comparison
    if comparison is None:
        st.info(EMPTY, icon=":material/compare_arrows:")
        return
    _problems(comparison)
    finished = [place for place in range(len(comparison.plan.schedules)) if comparison.legs_of(place)]
    if finished:
        _scores(comparison, finished)
        _trajectories(comparison, finished, axis)
    st.fragment(_films, run_every=poll() if lab.active else None)(lab)
    if finished:
        _side_by_side(lab, comparison)
        _take_away(lab, comparison)


def status(lab: Lab) -> None:
    """One line that polls while a comparison goes on; the page is drawn anew whenever a run has ended."""
    if lab.job is not None:
        st.fragment(_status, run_every=poll() if lab.active else None)(lab)


def _status(lab: Lab) -> None:
    place = "noise lab: runs that have ended"
    with st.container(horizontal=True, vertical_alignment="center", height=56, border=False):
        job, comparison = lab.job, lab.comparison
        if job is None or comparison is None:
            return
        if job.state is JobState.RUNNING:
            st.progress(comparison.progress, text=_progress_text(lab, comparison))
        elif job.state in STATE_TEXT:
            plan = comparison.plan
            said = f"{plan.n_molecules} × {plan.n_seeds} seed{'s' if plan.n_seeds > 1 else ''}"
            st.markdown(
                f"**{plan.composition.formula}** · {STATE_TEXT[job.state]} · {said} · results below", width="stretch"
            )
        job_besides_progress(job, stop_key="noise stop")
    now = (id(lab.comparison), lab.n_ended, lab.active)
    before = st.session_state.get(place)
    st.session_state[place] = now
    if before is not None and before != now:
        st.rerun()


def _progress_text(lab: Lab, comparison: Comparison) -> str:
    leg, job = comparison.current, lab.job
    if leg is None or job is None:
        return "Starting …"
    step = min(leg.run.recording.n_frames, leg.run.order.recipe.n_steps)
    text = f"{LETTERS[leg.place]}, seed {leg.seed}: step {step} of {leg.run.order.recipe.n_steps}"
    text += f" · {lab.n_ended} of {len(comparison.legs)} runs done"
    left = job.seconds_left(comparison.progress)
    return text if left is None else f"{text}, about {duration(left)} left"


def _problems(comparison: Comparison) -> None:
    for leg in comparison.legs:
        if leg.problem:
            st.warning(plain(f"{LETTERS[leg.place]} with seed {leg.seed}: {leg.problem}"), icon=":material/warning:")
        elif leg.run.archive_problem:
            st.warning(plain(f"The molecules are not in the library: {leg.run.archive_problem}"))


def _scores(comparison: Comparison, places: Sequence[int]) -> None:
    titles, scores = titles_of(comparison), {place: comparison.score(place) for place in places}
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("**Valid molecules**", help=VALID_HELP)
        figure = validity_figure([titles[place] for place in places], [scores[place].valid for place in places], places)
        alt = "; ".join(f"{titles[place]}: {scores[place].valid} valid" for place in places)
        st.plotly_chart(figure, key="noise validity", config=PLOT, alt=alt)
    with right:
        st.markdown("**Is the difference real?**", help=CONTEST_HELP)
        contests = comparison.contests()
        for contest in contests:
            headline, detail = verdict(LETTERS[contest.first], LETTERS[contest.second], contest.pairs, contest.p_value)
            st.markdown(f"**{headline}** {detail}")
        if not contests:
            st.caption("Two schedules that finished the same seed can be compared.")
    rows = [_score_row(comparison, place, titles[place]) for place in places]
    columns = {
        "Different": st.column_config.TextColumn(help="Molecules with different SMILES, of the valid ones."),
        "New": st.column_config.TextColumn(help="Of the different ones, those not in the training data."),
        "Calls": st.column_config.NumberColumn(format="%.1f", help="Network calls a molecule took, on average."),
        "Seconds": st.column_config.NumberColumn(
            format="%.1f", help="In all steps together, measured here; judging the molecules is not counted."
        ),
        "σ̂ left": st.column_config.TextColumn(help="Median noise level the network still reads off the results."),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, key="noise scores")


def _score_row(comparison: Comparison, place: int, title: str) -> dict[str, Any]:
    score = comparison.score(place)
    left = [leg.levels[:, -1] for leg in comparison.legs_of(place) if leg.levels is not None]
    return {
        "Schedule": title,
        "Valid": f"{score.valid.count} of {score.valid.total}  ({score.valid})",
        "Different": f"{score.unique.count} of {score.unique.total}",
        "New": f"{score.novel.count} of {score.novel.total}",
        "Calls": score.calls,
        "Seconds": score.seconds,
        "σ̂ left": f"{float(np.nanmedian(np.concatenate(left))):.2g} Å" if left else "",
    }


def _trajectories(comparison: Comparison, places: Sequence[int], axis: str) -> None:
    titles = titles_of(comparison)
    lines = [Line(place, titles[place], comparison.walks[place]) for place in places]
    st.markdown("**How the noise fell**", help=TRAJECTORY_HELP)
    figure = trajectories_figure(lines, [comparison.levels_of(place) for place in places], axis)
    alt = "Measured noise level in Å of each schedule's molecules against what the schedule asked for."
    st.plotly_chart(figure, key="noise trajectories", config=PLOT, alt=alt)


def _films(lab: Lab) -> None:
    """Two schedules in 3D, their cameras and sliders linked."""
    comparison = lab.comparison
    if comparison is None:
        return
    titles = titles_of(comparison)
    chosen = _choose_two(titles)
    columns = st.columns(len(chosen), gap="small")
    for side, (place, column) in enumerate(zip(chosen, columns, strict=True)):
        leg = lab.leg(place)
        with column:
            if len(titles) == len(chosen):
                st.markdown(f":small[{plain(titles[place])}]")
            if leg is not None:
                _film(lab, leg, side)


def _choose_two(titles: Sequence[str]) -> tuple[int, ...]:
    """The places of the schedules to watch; asked for only where there are more than two."""
    if len(titles) <= 2:
        return tuple(range(len(titles)))
    for side in (0, 1):
        place = key(PAGE, f"film {side}", first=side)
        if st.session_state[place] not in range(len(titles)):
            st.session_state[place] = side
    columns = st.columns(2, gap="small")
    left, right = (
        int(
            column.selectbox(
                ("Left", "Right")[side],
                range(len(titles)),
                format_func=titles.__getitem__,
                key=key(PAGE, f"film {side}"),
                persist_state="session",
                label_visibility="collapsed",
            )
        )
        for side, column in enumerate(columns)
    )
    return left, right


def _film(lab: Lab, leg: Leg, side: int) -> None:
    run = leg.run
    waiting = lab.comparison is not None and lab.active and not leg.finished and not leg.problem

    def look_at(molecule: int | None) -> None:
        if molecule is not None:
            lab.look_at((leg.seed, molecule))

    viewer(
        run.recording if run.recording.n_frames else None,
        key=f"noise film {side}",
        live=waiting,
        focus=lab.focus[1],
        on_focus=look_at,
        captions=captions(run.samples),
        bonds=[sample.verdict.bonds for sample in run.samples],
        message="Its turn comes …" if waiting else "It did not run.",
        link="noise lab",
        height=FILM_HEIGHT,
    )


def _side_by_side(lab: Lab, comparison: Comparison) -> None:
    rows = rows_of(comparison)
    counts = {name: sum(badge(made).startswith(start) for _, made in rows) for name, start in FILTERS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.segmented_control(
            "Results side by side",
            list(FILTERS),
            format_func=lambda name: f"{name} ({counts[name]})",
            key=key(PAGE, "results", first=next(iter(FILTERS))),
            persist_state="session",
            required=True,
            help="A card is a seed; in it what every schedule made of it. Click one to see it in 3D above. "
            "Two molecules are the same if their SMILES are.",
        )
        found = [row for row in rows if badge(row[1]).startswith(FILTERS[str(wanted)])]
        n_pages = max(1, -(-len(found) // PER_PAGE))
        page = 1
        if n_pages > 1:
            page = st.pagination(n_pages, key=f"noise pages {wanted}")
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    letters = LETTERS[: len(comparison.plan.schedules)]
    pairs(shown, letters, focus=lab.focus, on_focus=lab.look_at, key="noise pairs")


def _take_away(lab: Lab, comparison: Comparison) -> None:
    """Files, and how to make each run again.

    No file is offered while runs go on: each that ends makes other files, and a browser that still asks for the last
    ones is told that they are gone.
    """
    if lab.active:
        st.caption("The files to download are here once all runs have ended or are stopped.")
    else:
        _files(comparison)
    with st.expander(COMMAND_OR_PYTHON, key=f"{PAGE} command", on_change="rerun") as part:
        for place, title in enumerate(titles_of(comparison) if part.open else ()):
            st.markdown(f"**{plain(title)}**")
            show_code(comparison.plan.order(place, comparison.plan.seed), comparison.plan.seeds)


def _files(comparison: Comparison) -> None:
    name = f"{comparison.plan.composition.formula}-schedules"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Download the comparison:", width="content")
        st.download_button(
            "CSV",
            lambda: as_csv(comparison),  # half a second for the largest comparisons
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            key="noise csv",
            help="A row for each molecule, with the schedule and the provenance of its run.",
        )
        st.download_button(
            "JSON",
            lambda: as_json(comparison),
            f"{name}.json",
            "application/json",
            on_click="ignore",
            key="noise json",
            help="Schedules, scores, tests and molecules with coordinates.",
        )
