"""Balls and sticks drawn without a browser: shaded spheres and cylinders, each pixel the nearest surface.

An orthographic camera looks along −z: x to the right, y up, nearer is larger z. Every sphere and cylinder is met
exactly by the ray of each pixel, so what hides what is right by construction. Positions are in Å.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import matplotlib
import numpy as np
from ase.data.colors import jmol_colors
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from rdkit import Chem

from gpff_core.chemistry.verdicts import bonded_atoms
from gpff_core.distances import CLOSEST_APPROACH

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]

BALL: Final = 0.26
"""Radius of a ball as a share of the van der Waals radius, as in the 3D view."""

STICK: Final = 0.13
"""Radius of a stick in Å, as in the 3D view."""

SMOOTHNESS: Final = 2
"""Every pixel is the mean of so many by so many."""

_FONT: Final = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf"  # knows σ, λ and Å, unlike Pillow's own
_LIGHT: Final = np.array([-0.35, 0.5, 0.79])
_AMBIENT: Final = 0.42
_SHINE: Final = 0.28


@dataclass(frozen=True)
class Look:
    """Colours of a light or a dark picture, those of the 3D view."""

    background: Colour
    text: Colour
    elements: dict[int, Colour]


LIGHT: Final = Look(
    (255, 255, 255),
    (23, 36, 43),
    {1: (195, 205, 210), 6: (86, 99, 107), 7: (53, 98, 216), 8: (214, 52, 44), 9: (79, 154, 58), 16: (201, 164, 0)},
)
DARK: Final = Look(
    (15, 23, 27),
    (228, 236, 238),
    {
        1: (241, 245, 246),
        6: (135, 149, 158),
        7: (90, 134, 255),
        8: (255, 90, 78),
        9: (126, 211, 106),
        16: (255, 216, 61),
    },
)


class Canvas:
    """A square picture that grows surface by surface; `half_height` in Å is half of what it shows."""

    def __init__(self, size: int, half_height: float, look: Look) -> None:
        self.size = size
        self.pixels = size * SMOOTHNESS
        self.per_angstrom = self.pixels / (2 * half_height)
        self.colour = np.full((self.pixels, self.pixels, 3), look.background, dtype=np.float32)
        self.depth = np.full((self.pixels, self.pixels), -np.inf, dtype=np.float32)

    def ball(self, centre: Floats, radius: float, colour: Colour) -> None:
        """A sphere at `centre` (3,) of `radius`, both in Å."""
        patch = self._patch(centre[:2] - radius, centre[:2] + radius)
        if patch is None:
            return
        rows, columns, x, y = patch
        dx, dy = x - centre[0], y - centre[1]
        height = np.sqrt(np.maximum(radius**2 - dx**2 - dy**2, 0))
        normal = [dx / radius, dy / radius, height / radius]
        self._paint(rows, columns, centre[2] + height, height > 0, normal, np.asarray(colour, np.float32))

    def stick(self, start: Floats, end: Floats, colours: tuple[Colour, Colour]) -> None:
        """A cylinder between two atoms, each half in the colour of its atom."""
        length = float(np.linalg.norm(end - start))
        axis = (end - start) / max(length, 1e-9)
        steepness = 1 - axis[2] ** 2
        patch = self._patch(np.minimum(start, end)[:2] - STICK, np.maximum(start, end)[:2] + STICK)
        if patch is None or steepness < 1e-4:  # seen from its end it is hidden by a ball
            return
        rows, columns, x, y = patch
        wx, wy, wz = x - start[0], y - start[1], -start[2]
        along = wx * axis[0] + wy * axis[1] + wz * axis[2]
        # With w from the start of the axis to the ray: |w + t e_z − ((w + t e_z)·axis) axis|² = STICK², the nearer t
        b = wz - along * axis[2]
        discriminant = b**2 - steepness * (wx**2 + wy**2 + wz**2 - along**2 - STICK**2)
        t = (np.sqrt(np.maximum(discriminant, 0)) - b) / steepness
        place = along + t * axis[2]
        normal = [(w - place * u) / STICK for w, u in zip((wx, wy, wz + t), axis, strict=True)]
        seen = (discriminant > 0) & (place > 0) & (place < length)
        first, second = (np.asarray(colour, np.float32) for colour in colours)
        self._paint(rows, columns, t, seen, normal, np.where((place < length / 2)[..., None], first, second))

    def image(self) -> Image.Image:
        """The finished picture, its pixels averaged."""
        return Image.fromarray(self.colour.clip(0, 255).astype(np.uint8)).reduce(SMOOTHNESS)

    def _patch(self, low: Floats, high: Floats) -> tuple[slice, slice, Floats, Floats] | None:
        """The pixels between two corners (x, y), and where their rays are; None outside of the picture."""
        middle = self.pixels / 2
        columns = _span(middle + low[0] * self.per_angstrom, middle + high[0] * self.per_angstrom, self.pixels)
        rows = _span(middle - high[1] * self.per_angstrom, middle - low[1] * self.per_angstrom, self.pixels)
        if columns.stop <= columns.start or rows.stop <= rows.start:
            return None
        x = (np.arange(columns.start, columns.stop) + 0.5 - middle) / self.per_angstrom
        y = (middle - np.arange(rows.start, rows.stop) - 0.5) / self.per_angstrom
        return rows, columns, x[None, :], y[:, None]

    def _paint(
        self,
        rows: slice,
        columns: slice,
        depth: Floats,
        seen: NDArray[np.bool_],
        normal: Sequence[Floats],
        colour: Floats,
    ) -> None:
        """Shade what is nearer than anything painted before."""
        here = self.depth[rows, columns]
        nearer = seen & (depth > here)
        here[nearer] = depth[nearer]
        lit = sum(part * light for part, light in zip(normal, _LIGHT, strict=True))
        lit = np.clip(lit[nearer], 0, None)[:, None]
        paint = np.broadcast_to(colour, (*nearer.shape, 3))[nearer]
        self.colour[rows, columns][nearer] = paint * (_AMBIENT + (1 - _AMBIENT) * lit) + 255 * _SHINE * lit**24


def draw_molecule(canvas: Canvas, numbers: Sequence[int], positions: Floats, look: Look) -> None:
    """Atoms (N, 3) as balls, and sticks between those that are near enough."""
    table = Chem.GetPeriodicTable()
    colours = [look.elements.get(number) or _jmol(number) for number in numbers]
    for number, place, colour in zip(numbers, positions, colours, strict=True):
        canvas.ball(place, BALL * table.GetRvdw(number), colour)
    for bond in bonded_atoms(numbers, positions).GetBonds():
        i, j = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if np.linalg.norm(positions[i] - positions[j]) > CLOSEST_APPROACH:  # nearer ones are in one place
            canvas.stick(positions[i], positions[j], (colours[i], colours[j]))


def write_caption(image: Image.Image, text: str, look: Look, bar: tuple[float, str]) -> None:
    """A line at the lower left and a scale bar (its length in pixels, and its words) at the lower right."""
    pen = ImageDraw.Draw(image)
    font = ImageFont.truetype(_FONT, max(11, image.height // 32))
    margin = image.height // 32
    base = image.height - margin
    pen.text((margin, base), text, font=font, fill=look.text, anchor="ls")
    length, words = bar
    right = image.width - margin
    pen.line([(right - length, base), (right, base)], fill=look.text, width=max(2, image.height // 200))
    pen.text((right - length / 2, base - margin / 3), words, font=font, fill=look.text, anchor="ms")


def _span(low: float, high: float, limit: int) -> slice:
    return slice(max(0, int(np.floor(low))), min(limit, int(np.ceil(high)) + 1))


def _jmol(number: int) -> Colour:
    red, green, blue = (int(255 * channel) for channel in jmol_colors[number])
    return red, green, blue
