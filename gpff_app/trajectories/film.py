"""A trajectory as a film, made on the server: GIF by Pillow, MP4 by the encoder that imageio-ffmpeg carries."""

import io
import json
import math
import tempfile
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gpff_app.trajectories.picture import DARK, LIGHT, Canvas, Look, draw_molecule, write_caption
from gpff_app.trajectories.trajectory import Trajectory
from gpff_core.errors import GpffError

SIZES: Final = (320, 480, 720)
"""Width and height in pixels."""

MAX_PICTURES: Final = 300
MAX_DRAWN_ATOMS: Final = 500
KINDS: Final = ("GIF", "MP4")
HELD: Final = 1.0
"""Seconds for which the last picture stays."""

BACKGROUND: Final = 255
"""Place of the background in the 256 colours of a GIF."""

MARGIN: Final = 1.35  # a molecule fills 1/1.35 of the picture, as in the 3D view


@dataclass(frozen=True)
class FilmOrder:
    """What film to make: `kind` GIF or MP4, `size` in pixels, pictures a second, degrees it turns about the vertical.

    GpffError for what is not offered.
    """

    kind: str = "GIF"
    size: int = 480
    per_second: int = 12
    turn: float = 0.0
    dark: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.size not in SIZES:
            raise GpffError(
                f"{self.kind} of {self.size} pixels was asked for; choose {' or '.join(KINDS)}, "
                f"and {', '.join(map(str, SIZES))} pixels."
            )
        if not 1 <= self.per_second <= 50:
            raise GpffError(f"{self.per_second} pictures a second were asked for; choose 1 to 50.")
        if not math.isfinite(self.turn):
            raise GpffError("The turn is not a finite number of degrees; 360 is once around.")

    @property
    def look(self) -> Look:
        return DARK if self.dark else LIGHT


def filmed_frames(n_frames: int) -> list[int]:
    """The frames that become pictures: all, or of a long trajectory evenly spaced ones with the last among them."""
    if n_frames <= MAX_PICTURES:
        return list(range(n_frames))
    return [int(place) for place in np.linspace(0, n_frames - 1, MAX_PICTURES).round()]


class Film:
    """A task for the job queue: one picture a step. `data` has the bytes of the file once it is finished.

    A film that is stopped leaves nothing behind. GpffError for too many atoms, or where no encoder is installed.
    """

    def __init__(self, trajectory: Trajectory, order: FilmOrder) -> None:
        if trajectory.n_atoms > MAX_DRAWN_ATOMS:
            raise GpffError(
                f"Films are drawn of up to {MAX_DRAWN_ATOMS} atoms, and this has {trajectory.n_atoms}; "
                "export the frames and film them in another program."
            )
        self.trajectory = trajectory
        self.order = order
        self.frames = filmed_frames(trajectory.n_frames)
        self.data = b""
        self._n_drawn = 0
        self._encoder = _ffmpeg() if order.kind == "MP4" else ""
        self._camera = Camera(trajectory.positions[-1])
        self._work: Generator[object] | None = None

    @property
    def progress(self) -> float:
        """Share of the pictures that are drawn, 0 to 1."""
        return self._n_drawn / len(self.frames)

    def steps(self) -> Iterator[object]:
        """Draw and encode picture by picture."""
        self._work = self._mp4() if self.order.kind == "MP4" else self._gif()
        yield from self._work

    def keep(self) -> None:
        """Half a film is no film: the encoder ends and its file vanishes."""
        if self._work is not None:
            self._work.close()

    def picture(self, place: int) -> Image.Image:
        """The picture of the frame at a place of `frames`."""
        order, frame = self.order, self.frames[place]
        share = place / max(1, len(self.frames) - 1)
        x = self._camera.seen(self.trajectory.positions[frame], math.radians(order.turn * share))
        half_height = half_height_of(x)
        canvas = Canvas(order.size, half_height, order.look)
        draw_molecule(canvas, self.trajectory.composition.numbers, x, order.look)
        image = canvas.image()
        length = scale_bar(half_height)
        bar = (length * order.size / (2 * half_height), f"{length:g} Å")
        write_caption(image, self._caption(frame), order.look, bar)
        return image

    def _caption(self, frame: int) -> str:
        text = f"frame {frame} of {self.trajectory.n_frames - 1}"
        sigma = self.trajectory.sigma
        if sigma is None:
            return text
        level = f"{sigma[frame]:.2g}"
        return f"{text}   σ̂ {level} Å" if self.trajectory.by_network else f"{text}   sigma from the file {level}"

    def _origin(self) -> str:
        return json.dumps(dict(self.trajectory.origin), ensure_ascii=True)

    def _drawn(self) -> Iterator[Image.Image]:
        for place in range(len(self.frames)):
            image = self.picture(place)
            self._n_drawn = place + 1
            yield image

    def _gif(self) -> Generator[object]:
        palette = self._palette()
        pictures = []
        for image in self._drawn():
            pictures.append(self._with_palette(image, palette))
            yield image
        shown = round(1000 / self.order.per_second)
        durations = [shown] * (len(pictures) - 1) + [round(1000 * HELD)]
        file = io.BytesIO()
        pictures[0].save(
            file, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0, comment=self._origin()
        )
        self.data = file.getvalue()

    def _palette(self) -> Image.Image:
        """One for all pictures, so that no colour flickers; its last colour is the background."""
        last = self.picture(len(self.frames) - 1).quantize(BACKGROUND)
        last.putpalette([*(last.getpalette() or [])[: 3 * BACKGROUND], *self.order.look.background])
        return last

    def _with_palette(self, image: Image.Image, palette: Image.Image) -> Image.Image:
        """The picture in these colours: the nearest, and the background as it is."""
        places = np.array(image.quantize(palette=palette, dither=Image.Dither.NONE))
        places[(np.asarray(image) == self.order.look.background).all(-1)] = BACKGROUND
        reduced = Image.fromarray(places)
        reduced.putpalette(palette.getpalette() or [])
        return reduced

    def _mp4(self) -> Generator[object]:
        size = (self.order.size, self.order.size)
        with tempfile.TemporaryDirectory(prefix="gpff-film-") as folder:
            path = Path(folder) / "film.mp4"
            writer = imageio_ffmpeg.write_frames(
                str(path),
                size,
                fps=self.order.per_second,
                codec="libx264",
                macro_block_size=2,
                output_params=[
                    "-crf",
                    "18",
                    "-preset",
                    "fast",
                    "-threads",
                    "1",
                    "-movflags",
                    "+faststart",
                    "-metadata",
                    f"comment={self._origin()}",
                ],
            )
            writer.send(None)
            try:
                for image in self._drawn():
                    writer.send(image.tobytes())
                    yield image
                for _ in range(round(HELD * self.order.per_second) - 1):
                    writer.send(image.tobytes())
            finally:
                writer.close()
            self.data = path.read_bytes()


class Camera:
    """Looks at structures along the shortest principal axis of one of them, its longest axis across the picture."""

    def __init__(self, positions: NDArray[np.floating]) -> None:
        centred = positions.astype(np.float64) - positions.mean(0)
        _, axes = np.linalg.eigh(centred.T @ centred)
        axes = axes[:, ::-1]
        axes[:, 2] *= np.sign(np.linalg.det(axes))  # a mirror image would be another molecule
        self._axes = axes

    def seen(self, positions: NDArray[np.floating], angle: float = 0.0) -> NDArray[np.float64]:
        """Positions (N, 3) before the camera, about their centre, turned by `angle` about the vertical."""
        x = (positions.astype(np.float64) - positions.mean(0)) @ self._axes
        turn = np.array([[math.cos(angle), 0, -math.sin(angle)], [0, 1, 0], [math.sin(angle), 0, math.cos(angle)]])
        turned: NDArray[np.float64] = x @ turn
        return turned


def half_height_of(x: NDArray[np.float64]) -> float:
    """Half of what a picture of atoms about the origin shows, in Å: a cloud larger than a molecule fills more of it."""
    usual = 1.2 + 0.95 * float(np.cbrt(len(x)))
    radius = float(np.linalg.norm(x, axis=1).max())
    apparent: float = max(1.0, radius / usual) ** 0.6 / MARGIN
    return max(radius, usual) / min(1.0, apparent)


def scale_bar(half_height: float) -> float:
    """A round length in Å that is about a fifth of the picture's width."""
    room = 0.45 * half_height
    decade = 10.0 ** math.floor(math.log10(room))
    return max(step * decade for step in (1, 2, 5) if step * decade <= room)


def _ffmpeg() -> str:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise GpffError("No MP4 encoder is installed on this machine; make a GIF, or install ffmpeg.") from error
