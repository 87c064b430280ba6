"""What every kind of prior in the studio offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gpff_core.formats.structures import Structure
from gpff_core.molecules import Composition
from gpff_core.priors import Prior

Design = Mapping[str, Any]
"""What the controls of a kind hold; only what JSON can carry, and never changed in place."""

Change = Callable[[], Mapping[str, Any]]
"""Makes the settings that replace some of a design's; GpffError says why it cannot be done."""


@dataclass(frozen=True)
class Panel:
    """What the controls of a kind are drawn from, and where they say what a person did.

    `composition` is the molecule the prior is tried on, and `try_on` chooses another formula; `molecule` was handed
    over from another page, with its name. `attempt` takes a change into the design, or refuses it in one sentence; call
    it from a widget's callback, and there start from `latest()`: a second click may come before the first was drawn.
    """

    design: Design
    latest: Callable[[], Design]
    attempt: Callable[[Change], None]
    composition: Composition
    try_on: Callable[[str], None]
    molecule: tuple[str, Structure] | None = None

    def change(self, **settings: Any) -> None:
        """Replace some settings of the design."""
        self.attempt(lambda: settings)


@dataclass(frozen=True)
class Picture:
    """What is shown of a design in 3D: translucent shapes, and the atoms of a known structure."""

    shapes: Sequence[dict[str, Any]] = ()
    atoms: Structure | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of prior: how it is designed, drawn and recognised.

    `first` gives the design a newcomer finds; `build` makes the prior, GpffError says what is wrong; `design_of` is
    the other way round, for a prior of the class `prior`. `controls` draws the widgets. `moved` takes a shape dragged
    in 3D (id, new centre) into the design.
    """

    label: str
    summary: str
    prior: type[Prior]
    first: Callable[[], Design]
    build: Callable[[Design], Prior]
    design_of: Callable[[Any], Design]
    controls: Callable[[Panel], None]
    picture: Callable[[Design, Prior], Picture]
    moved: Callable[[Design, str, Sequence[float]], Mapping[str, Any]] | None = None
