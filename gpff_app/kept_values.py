"""What each kept value may be: session files and links come from people, and widgets take nearly anything for a value.

A line of the tables is a value, by the name in its key, and by page and name where only one page has it or means
something else by it. What is allowed here and does not go together is said on the page, beside the control.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from gpff_app import kept
from gpff_app.kept_checks import Check, is_writable, number, one_of, readable, some_of, text, truth, whole
from gpff_app.library.columns import COLUMNS, NOVELTY, NUMBERS
from gpff_app.library.filters import FIRST_DAY, LAST_DAY, MADE, SCAFFOLD, VALIDITY
from gpff_app.library.state import CARDS, PLOT, STRUCTURE, TABLE
from gpff_app.noise_lab.bond import STRETCHES
from gpff_app.noise_lab.noised import LEVELS
from gpff_app.noise_lab.schedules import Schedule
from gpff_app.real_time.document import Document
from gpff_app.real_time.relaxing import MOST_CALLS, MOST_SHAKING
from gpff_app.recipe_controls import PRIOR_TEXT, SETTING_TEXT
from gpff_app.scaffold_editor.document import document_from_json
from gpff_app.scaffold_editor.grow_panel import HOLDS, WAYS
from gpff_app.scaffold_editor.state import COMPLETIONS, EDIT
from gpff_app.scaffold_editor.toolbar import CLICKS
from gpff_app.settings import settings
from gpff_app.trajectories.film import KINDS, SIZES
from gpff_core.chemistry.properties import CORNERS
from gpff_core.errors import GpffError, shown
from gpff_core.networks.shipped import checkpoint_names
from gpff_core.priors import SHAPES
from gpff_core.priors.serialisation import prior_from_json
from gpff_core.recipe import MAX_REHEAT, SCHEDULES
from gpff_core.samplers import SAMPLERS
from gpff_core.samplers.settings import SETTINGS

PAGES: Final = (
    "generate",
    "prior_studio",
    "scaffold_editor",
    "real_time",
    "trajectories",
    "noise_lab",
    "library",
)
"""The names of the pages' scripts."""

MOST_NAMED: Final = 3
"""Values that are named in a sentence; the others are counted."""


def usable(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Those of the values, by their keys, that can be used, and a clause about each of the others."""
    good: dict[str, Any] = {}
    problems = []
    for name, value in values.items():
        if said := _problem(str(name), value):
            problems.append(said)
        else:
            good[name] = value
    return good, problems


def left_out(problems: Sequence[str]) -> str:
    """One sentence about what could not be used; "" where all could."""
    if not problems:
        return ""
    more = len(problems) - MOST_NAMED
    named = [*problems[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return f"Some of it could not be used and was left out, the rest is open: {'; '.join(named)}."


def title(page: str) -> str:
    """What people call a page."""
    return page.replace("_", " ").capitalize()


def _problem(key: str, value: Any) -> str:
    page, name = kept.page_and_name(key) or ("", "")
    check = _OF_PAGES.get((page, name)) or (_OF_ALL.get(name) if page in PAGES else None)
    if check is None:
        return f"“{shown(key, 40)}” is no setting of this version"
    what = f"{name.replace('_', ' ')} of {title(page)}"
    try:
        wanted = check(value) if is_writable(value) else "a text"
    except GpffError as error:
        return f"{what} ({shown(str(error), 200).rstrip('.')})"
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        wanted = "what was saved there"
    return f"{what} is {shown(json.dumps(value), 40)} and must be {wanted}" if wanted else ""


def _ordering(value: Any) -> None:
    column, descending = value
    if one_of(tuple(COLUMNS))(column) or truth(descending):
        raise ValueError(value)


def _day(value: str) -> None:
    if value and not FIRST_DAY <= date.fromisoformat(value) <= LAST_DAY:
        raise ValueError(value)


def _saved_prior(value: Any) -> None:
    if text(value["name"]) or text(value["prior"]):
        raise TypeError(value)
    prior_from_json(value["prior"])


def _schedules(values: Iterable[Any]) -> None:
    for schedule in values:
        Schedule.from_json(schedule)


def _undo(value: Any) -> None:
    for document in (*value["past"], *value["future"]):
        document_from_json(document)


def _design(value: Any) -> None:
    # Imported here: the kinds of prior bring SciPy and trimesh, which the first page should not wait for.
    from gpff_app.prior_studio import kinds

    for kind, held in {value["kind"]: {}, **value["designs"]}.items():
        kinds.KINDS[kind].build({**kinds.KINDS[kind].first(), **held})


_SETTINGS: Final = {
    name: whole(0, empty=True) if SETTINGS[name].kind is int else number(0, empty=True) for name in SETTING_TEXT
}
_AXES: Final = {f"axis {axis}": number(0) for axis in "xyz"} | {f"angle {axis}": number() for axis in "xyz"}
_LIMITS: Final = {f"{word} {column}": number(empty=True) for word in ("from", "to") for column in NUMBERS}

_OF_ALL: Final[dict[str, Check]] = {
    "formula": text,
    "n_molecules": whole(1, lambda: settings().max_molecules),
    "seed": whole(0),
    "checkpoint": one_of(checkpoint_names),
    "sampler": one_of(tuple(SAMPLERS)),
    "steps": whole(1, empty=True),
    "reheat": whole(0, MAX_REHEAT),
    "schedule": one_of(SCHEDULES),
    **_SETTINGS,
    "prior_kind": one_of(tuple(PRIOR_TEXT)),
    **dict.fromkeys(("sigma", "spacing", "motif_sigma"), number(0, empty=True)),
    **_AXES,
    "shape": one_of(tuple(SHAPES)),
    "shape_size": number(0),
    "hold": truth,
    "saved_prior": readable(_saved_prior),
}

_LIBRARY: Final[Mapping[str, Check]] = {
    "text": text,
    "validity": one_of(tuple(VALIDITY), empty=True),
    "favourites": truth,
    "substructure": text,
    "novelty": some_of(tuple(NOVELTY)),
    "shape": some_of(tuple(CORNERS)),
    "scaffold": one_of(tuple(SCAFFOLD)),
    "made": one_of(MADE),
    **dict.fromkeys(("made from", "made to"), readable(_day)),
    "run": text,
    "ranges": some_of(tuple(NUMBERS)),
    **_LIMITS,
    "view side": one_of((STRUCTURE, PLOT), empty=True),
    "view style": one_of((TABLE, CARDS), empty=True),
    "view merged": truth,
    "view columns": some_of(tuple(COLUMNS)),
    "view sort": readable(_ordering),
    "view across": one_of(tuple(NUMBERS)),
    "view up": one_of(tuple(NUMBERS)),
    "view colour": one_of(tuple(COLUMNS)),
}

_SCAFFOLD_EDITOR: Final[Mapping[str, Check]] = {
    "document": readable(document_from_json),
    "view": one_of((EDIT, COMPLETIONS)),
    "click": one_of(tuple(CLICKS)),
    "what": one_of(tuple(WAYS)),
    "saturate": truth,
    "n_unsaturated": whole(0),
    "held": one_of(HOLDS),
    "stiffness": number(0),
}

_REAL_TIME: Final[Mapping[str, Check]] = {
    "molecule": readable(Document.from_json),
    "smiles": text,
    "calls": whole(1, MOST_CALLS // 2),
    "shaking": number(0, MOST_SHAKING),
    "blob_sigma": number(0.2, 3),
}

_TRAJECTORIES: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("source", "molecule", "other", "other molecule", "reference"), text),
    **dict.fromkeys(("export of", "frames"), text),
    "overlay": truth,
    "film kind": one_of(KINDS),
    "film size": one_of(SIZES),
    "film speed": whole(1, 50),
    "film turn": number(),
    "film dark": truth,
}

_NOISE_LAB: Final[Mapping[str, Check]] = {
    **dict.fromkeys(("view", "bond", "molecule", "results"), text),
    "x axis": one_of(("calls", "step")),
    "schedules": readable(_schedules),
    **dict.fromkeys(("edited", "film 0", "film 1"), whole(0)),
    "n_seeds": whole(1),
    "stretch": number(STRETCHES[0], STRETCHES[-1]),
    "noise level": one_of(LEVELS),
}

_OF_PAGES: Final[Mapping[tuple[str, str], Check]] = {
    (page, name): check
    for page, checks in (
        ("library", _LIBRARY),
        ("scaffold_editor", _SCAFFOLD_EDITOR),
        ("scaffold_editor-undo", {"steps": readable(_undo)}),
        ("real_time", _REAL_TIME),
        ("trajectories", _TRAJECTORIES),
        ("noise_lab", _NOISE_LAB),
        ("prior_studio", {"design": readable(_design)}),
    )
    for name, check in checks.items()
}
