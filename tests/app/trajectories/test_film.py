"""Films, opened again and looked at: how many pictures they have, and what is in front of what."""

import io
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from gpff_app.jobs import Job, JobState
from gpff_app.trajectories.film import MAX_DRAWN_ATOMS, MAX_PICTURES, Camera, Film, FilmOrder, filmed_frames, scale_bar
from gpff_app.trajectories.picture import LIGHT, Canvas, draw_molecule
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.composition import Composition
from gpff_core.errors import GpffError
from tests.app.trajectories.examples import shrinking

RED, BLUE = (250, 0, 0), (0, 0, 250)


def finished(film: Film) -> bytes:
    for _ in film.steps():
        pass
    return film.data


def test_a_gif_has_a_picture_a_frame_and_stays_at_the_last() -> None:
    film = Image.open(io.BytesIO(finished(Film(shrinking(), FilmOrder(size=320, per_second=10)))))
    assert (film.n_frames, film.size) == (5, (320, 320))
    durations = []
    for place in range(5):
        film.seek(place)
        durations.append(film.info["duration"])
    assert durations == [100] * 4 + [1000]
    assert np.asarray(film.convert("RGB"))[2, 2] == pytest.approx(LIGHT.background)
    assert b"made_by" in film.info["comment"]


def test_an_mp4_has_a_picture_a_frame_and_stays_at_the_last_for_a_second(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(finished(Film(shrinking(), FilmOrder("MP4", 320, 10))))
    n_pictures, seconds = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert n_pictures == 5 + 9
    assert seconds == pytest.approx(1.4, abs=0.11)
    pictures = imageio_ffmpeg.read_frames(str(path))
    assert next(pictures)["size"] == (320, 320)
    first = np.frombuffer(next(pictures), np.uint8).reshape(320, 320, 3)
    pictures.close()
    drawn = np.asarray(Film(shrinking(), FilmOrder("MP4", 320, 10)).picture(0))
    assert np.abs(first.astype(int) - drawn).mean() < 3  # what was drawn is what is seen, up to compression


@pytest.mark.parametrize("kind", ["GIF", "MP4"])
def test_a_film_that_is_stopped_leaves_nothing_behind(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    film = Film(shrinking(30), FilmOrder(kind, 320))
    job = Job("me", film)
    for _ in range(3):
        job.advance()
    assert film.progress == pytest.approx(0.1)
    assert bool(list(tmp_path.iterdir())) == (kind == "MP4")
    job.stop()
    job.advance()
    assert job.state is JobState.STOPPED
    assert film.data == b""
    assert not list(tmp_path.iterdir())


def test_the_nearer_atom_hides_the_farther_one() -> None:
    for nearer, seen in ((1.0, RED), (-1.0, BLUE)):
        canvas = Canvas(64, 2.0, LIGHT)
        canvas.ball(np.array([0, 0, nearer]), 0.5, RED)
        canvas.ball(np.array([0, 0, -nearer]), 0.5, BLUE)
        pixel = np.asarray(canvas.image())[32, 32]
        assert (pixel[0] > pixel[2]) == (seen == RED)


def test_a_ball_is_round_and_as_large_as_it_is() -> None:
    canvas = Canvas(200, 2.0, LIGHT)
    canvas.ball(np.array([0.5, -0.3, 0.0]), 0.8, RED)
    image = np.asarray(canvas.image()).astype(int)
    inside = np.abs(image - LIGHT.background).sum(2) > 30
    assert inside.sum() == pytest.approx(np.pi * (0.8 * 50) ** 2, rel=0.03)
    rows, columns = np.nonzero(inside)
    assert (columns.mean(), rows.mean()) == pytest.approx((100 + 25, 100 + 15), abs=1)


def test_a_stick_runs_from_atom_to_atom_half_in_the_colour_of_each() -> None:
    canvas = Canvas(200, 2.0, LIGHT)
    canvas.stick(np.array([-1.0, 0, 0.4]), np.array([1.0, 0, -0.4]), (RED, BLUE))
    row = np.asarray(canvas.image()).astype(int)[100]
    assert (row[60] @ [1, 0, -1]) > 0 > (row[140] @ [1, 0, -1])
    assert row[45] == pytest.approx(LIGHT.background, abs=1)
    # The end towards the eye hides a ball behind it, the other end does not.
    canvas.ball(np.array([0.9, 0, 0.4]), 0.3, RED)
    assert np.asarray(canvas.image()).astype(int)[100, 145] @ [1, 0, -1] > 0


def test_bonds_are_drawn_between_neighbours_only() -> None:
    def middle(distance: float) -> np.ndarray:
        canvas = Canvas(100, 3.0, LIGHT)
        draw_molecule(canvas, (6, 6), np.array([[-distance / 2, 0, 0], [distance / 2, 0, 0]]), LIGHT)
        return np.asarray(canvas.image())[50, 50].astype(int)

    assert np.abs(middle(1.5) - LIGHT.background).sum() > 100
    assert np.abs(middle(2.5) - LIGHT.background).sum() < 10


def test_the_camera_shows_the_longest_side_and_no_mirror_image() -> None:
    x = np.random.default_rng(3).normal(size=(9, 3)) * [0.5, 3.0, 1.0]
    seen = Camera(x).seen(x)
    assert np.var(seen[:, 0]) > np.var(seen[:, 1]) > np.var(seen[:, 2])
    handedness = [np.sign(np.linalg.det((y - y[0])[1:4])) for y in (x, seen)]
    assert handedness[0] == handedness[1]
    assert Camera(x).seen(x, np.pi)[:, 0] == pytest.approx(-seen[:, 0])


def test_long_trajectories_are_thinned_evenly_and_keep_their_end() -> None:
    assert filmed_frames(7) == list(range(7))
    frames = filmed_frames(10_000)
    assert len(frames) == MAX_PICTURES
    assert (frames[0], frames[-1]) == (0, 9_999)
    assert max(np.diff(frames)) - min(np.diff(frames)) <= 1


def test_a_scale_bar_is_round_and_fits() -> None:
    assert [scale_bar(half_height) for half_height in (0.9, 2, 5, 60)] == [0.2, 0.5, 2, 20]


@pytest.mark.parametrize("wrong", [{"kind": "AVI"}, {"size": 5000}, {"per_second": 0}, {"turn": float("inf")}])
def test_films_that_are_not_offered_are_refused(wrong: dict) -> None:
    with pytest.raises(GpffError):
        FilmOrder(**wrong)


def test_crowds_are_not_filmed() -> None:
    n = MAX_DRAWN_ATOMS + 1
    crowd = Trajectory("crowd", Composition((6,) * n), np.zeros((1, n, 3), np.float32))
    with pytest.raises(GpffError, match="up to 500 atoms"):
        Film(crowd, FilmOrder())
