"""What one can take away: frames, a film, a page that plays offline; parts of their own, for which no plot waits."""

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from gpff_app.jobs import Job, JobState
from gpff_app.kept import key
from gpff_app.sending import send_buttons
from gpff_app.text import plain
from gpff_app.trajectories.controls import PAGE, Choice
from gpff_app.trajectories.desk import Desk, submit
from gpff_app.trajectories.export import as_extended_xyz, as_xyz, frames_from_text
from gpff_app.trajectories.film import KINDS, MAX_PICTURES, SIZES, Film, FilmOrder
from gpff_app.trajectories.html import as_html
from gpff_app.trajectories.trajectory import Trajectory
from gpff_app.trajectories.view import LETTERS, curves_of, words_of_frame
from gpff_app.watching import duration
from gpff_core.errors import GpffError
from gpff_core.formats.structures import Structure

POLL: Final = 0.4  # seconds between looks at a film that is being drawn
MIME: Final = {"GIF": "image/gif", "MP4": "video/mp4"}


def downloads(desk: Desk, choice: Choice) -> None:
    """Everything that leaves the page as a file, and where a frame can go from here."""
    st.markdown("#### Take away")
    which = 0
    if len(choice.shown) > 1:
        letters = st.segmented_control(
            "Of",
            LETTERS,
            key=key(PAGE, "export of", first=LETTERS[0]),
            persist_state="session",
            required=True,
            label_visibility="collapsed",
        )
        which = LETTERS.index(letters)
    st.fragment(_frames)(desk, choice, which)
    film = st.fragment(_film, run_every=POLL if _is_active(desk.film) else None)
    film(desk, choice.shown[which])


def _frames(desk: Desk, choice: Choice, which: int) -> None:
    trajectory = choice.shown[which]
    stem = _stem(trajectory)
    columns = st.columns([1, 2], vertical_alignment="bottom")
    text = columns[0].text_input(
        "Frames",
        key=key(PAGE, "frames"),
        persist_state="session",
        placeholder="the one shown",
        help=f"Empty for the frame that is shown, or for example 0, 10-20 or 0-{trajectory.n_frames - 1}:5 (every "
        "fifth); counted from 0.",
    )
    problem = _problem(text, trajectory)

    def chosen() -> Sequence[int]:
        return frames_from_text(text, trajectory.n_frames) if text.strip() else [_shown(desk, trajectory)]

    # Asked for here: it may have to be queued for this session, and Streamlit makes files in a thread that has none.
    verdicts, curves = desk.verdicts(trajectory), curves_of(desk, choice, which)

    def extended(frames: Callable[[], Sequence[int]]) -> Callable[[], str]:
        return lambda: as_extended_xyz(trajectory, frames(), verdicts)

    def page() -> str:
        said = [words_of_frame(curves, frame, choice.measured_from) for frame in range(trajectory.n_frames)]
        return as_html(trajectory, curves, desk.bonds_at_end(trajectory), said)

    with columns[1].container(horizontal=True):
        _button("XYZ", lambda: as_xyz(trajectory, chosen()), f"{stem}.xyz", problem, "These frames, for every program.")
        _button(
            "Extended XYZ",
            extended(chosen),
            f"{stem}.extxyz",
            problem,
            "These frames with forces, sigma and provenance.",
        )
        every = range(trajectory.n_frames)
        _button("All frames", extended(lambda: every), f"{stem}-all.extxyz", "", "Every frame as extended XYZ.")
        _button("HTML page", page, f"{stem}.html", "", "Plays in any browser, without internet.")
    if problem:
        st.error(plain(problem))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Take the frame shown to", width="content")
        frame = _shown(desk, trajectory)
        structure = Structure(trajectory.composition, trajectory.positions[frame])
        send_buttons(structure, f"{trajectory.name}, frame {frame}", key="send frame")


def _button(text: str, make: Callable[[], str], file_name: str, problem: str, explanation: str) -> None:
    st.download_button(
        text,
        make,
        file_name,
        on_click="ignore",
        icon=":material/download:",
        disabled=bool(problem),
        help=explanation,
        key=f"trajectory download {text}",
    )


def _film(desk: Desk, trajectory: Trajectory) -> None:
    """What film to make, and how far it is."""
    was_active = _is_active(desk.film)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Film", KINDS, key=key(PAGE, "film kind", first=KINDS[0]), persist_state="session", required=True
        )
        size = st.selectbox(
            "Pixels", SIZES, key=key(PAGE, "film size", first=SIZES[1]), persist_state="session", width=110
        )
        per_second = st.number_input(
            "Frames a second", 1, 50, step=1, key=key(PAGE, "film speed", first=12), persist_state="session", width=130
        )
        turn = st.number_input(
            "Turn (°)", step=90.0, key=key(PAGE, "film turn", first=0.0), persist_state="session", width=130,
            help="How far the molecule turns about the vertical from the first frame to the last; 360 is once around.",
        )  # fmt: skip
        dark = st.toggle("Dark", key=key(PAGE, "film dark"), persist_state="session")
        make = st.button("Make film", icon=":material/movie:", key="make film", disabled=was_active)
    if trajectory.n_frames > MAX_PICTURES:
        st.caption(f"{MAX_PICTURES} evenly spaced frames of {trajectory.n_frames} become pictures.")
    if make:
        try:
            desk.film = submit(Film(trajectory, FilmOrder(str(kind), size, int(per_second), turn, dark)))
        except GpffError as error:
            st.error(plain(str(error)))
    if desk.film is not None and _shows(desk.film, trajectory):
        _film_so_far(desk.film)
    if _is_active(desk.film) != was_active:
        st.rerun()


def _shows(job: Job, trajectory: Trajectory) -> bool:
    """Whether a film is of what is on the page; one that is still being made is told of whatever it shows."""
    film = job.task
    assert isinstance(film, Film)
    return job.active or film.trajectory.identity == trajectory.identity


def _film_so_far(job: Job) -> None:
    film = job.task
    assert isinstance(film, Film)
    if job.state is JobState.FAILED:
        st.error(plain(job.error))
    elif job.active:
        left = job.seconds_left(film.progress)
        text = "Waiting for a free place …" if job.state is JobState.WAITING else f"Drawing {len(film.frames)} pictures"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(film.progress, text=text if left is None else f"{text}, about {duration(left)} left")
            st.button("Stop", icon=":material/stop:", on_click=job.stop, key="stop film")
    elif film.data:
        _finished(film)


def _finished(film: Film) -> None:
    kind = film.order.kind
    with st.container(width=min(film.order.size, 480)):
        if kind == "GIF":
            st.image(film.data)
        else:
            st.video(film.data, format=MIME[kind])
        st.download_button(
            f"Download {kind}, {len(film.data) / 1e6:.1f} MB",
            film.data,
            f"{_stem(film.trajectory)}.{kind.lower()}",
            MIME[kind],
            on_click="ignore",
            icon=":material/download:",
            key="trajectory download film",
        )


def _is_active(job: Job | None) -> bool:
    return job is not None and job.active


def _shown(desk: Desk, trajectory: Trajectory) -> int:
    return min(desk.frame, trajectory.n_frames - 1)


def _problem(text: str, trajectory: Trajectory) -> str:
    """What is wrong with the frames that are named, "" if nothing is."""
    try:
        if text.strip():
            frames_from_text(text, trajectory.n_frames)
    except GpffError as error:
        return str(error)
    return ""


def _stem(trajectory: Trajectory) -> str:
    """A file name that any system takes."""
    letters = (letter if letter.isalnum() and letter.isascii() else "-" for letter in trajectory.name)
    return "-".join(part for part in "".join(letters).split("-") if part) or "trajectory"
