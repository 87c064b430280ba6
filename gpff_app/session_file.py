"""A browser session as one file: every setting, documents being edited, and the molecules of each page's latest run.

Films are not in it: the same order makes them again. A share link holds the settings of one page alone.
"""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from gpff_app import kept, resources
from gpff_app.kept_checks import LARGEST
from gpff_app.order_json import order_as_dict, order_from_dict
from gpff_app.run import Order, Run
from gpff_app.session import workplace, workplaces
from gpff_core import __version__
from gpff_core.errors import GpffError, shown
from gpff_core.generation import judged
from gpff_core.networks.shipped import checkpoint_names

_MARK: Final = "gpff_studio_session"
_FORMAT: Final = 1
LONGEST_LINK: Final = 4000
"""Characters of settings in a link; longer ones do not survive mail programs and some servers."""
_MADE_BY: Final = ("version", "checkpoint_sha256")
"""What else the provenance of a run says that its order does not; by its names there."""
_LARGEST_SETTINGS: Final = 200_000  # bytes a link may unfold to


@dataclass(frozen=True)
class Opened:
    """What a session file or a link holds, all of it sound; `left_out` says in a sentence what of it was not, or ""."""

    settings: dict[str, Any]
    runs: dict[str, Run]
    left_out: str


def session_writer() -> Callable[[], str]:
    """A function that gives the whole session as JSON.

    The session is looked up here and not in the function: Streamlit calls it in a thread that belongs to no session.
    """
    settings = kept.snapshot()
    runs = {place.page: place.run for place in workplaces() if place.run}

    return lambda: session_as_json(settings, runs)


def session_as_json(settings: Mapping[str, Any], runs: Mapping[str, Run]) -> str:
    """A session file: kept values by their keys, and the latest run of each page."""
    finished = {page: _run_as_dict(run) for page, run in runs.items() if run.samples}
    session = {_MARK: _FORMAT, "version": __version__, "kept": settings, "runs": finished}
    return json.dumps(session, ensure_ascii=False)


def session_from_file(data: bytes) -> Opened:
    """What a session file holds; GpffError if the file is no session."""
    try:
        session = json.loads(data)
        known = session[_MARK] == _FORMAT
        settings = dict(session["kept"]) if known else {}
        runs = dict(session["runs"]) if known else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise GpffError(
            "The file is not a session of GPFF Studio; choose one that was saved here by *Save session*."
        ) from error
    if not known:
        raise GpffError(
            f"The session was saved in format {shown(str(session[_MARK]), 40)}, and this program reads format "
            f"{_FORMAT}; open it with the version that saved it."
        )
    return _sound(settings, runs)


def settings_as_link(page: str) -> str | None:
    """What comes after ? in a link to a page with its settings as they are; None if they are too long for a link."""
    return link_of(json.dumps(kept.snapshot(page), ensure_ascii=False))


def link_of(settings: str) -> str | None:
    """The same of settings as JSON."""
    text = settings.encode("utf-8")
    if len(text) > _LARGEST_SETTINGS:
        return None
    packed = base64.urlsafe_b64encode(zlib.compress(text, 9)).decode("ascii")
    return f"settings={packed}" if len(packed) <= LONGEST_LINK else None


def settings_from_link(packed: str) -> Opened:
    """What a link holds; GpffError if it is damaged."""
    try:
        folded = base64.urlsafe_b64decode(packed[:LONGEST_LINK].encode("ascii"))
        text = zlib.decompressobj().decompress(folded, _LARGEST_SETTINGS)
        settings = dict(json.loads(text))
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise GpffError("The settings in the link are damaged; ask for the link again, whole.") from error
    return _sound(settings, {})


def restore(opened: Opened) -> None:
    """Put everything in its place; call it before the page is drawn."""
    kept.restore(opened.settings)
    for page, run in opened.runs.items():
        workplace(page).show(run)


def _sound(settings: Mapping[str, Any], runs: Mapping[str, Any]) -> Opened:
    """What can be used of settings and runs, and what is to be said of the rest."""
    # Imported here: it knows every page and so loads all of them, which the first page should not wait for.
    from gpff_app.kept_values import PAGES, left_out, title, usable

    good, problems = usable(settings)
    found: dict[str, Run] = {}
    for page, values in runs.items():
        try:
            if page not in PAGES:
                raise ValueError(page)
            found[page] = _run_from_dict(values)
        except GpffError as error:
            problems.append(f"the molecules of {title(shown(page, 40))} ({shown(str(error), 200).rstrip('.')})")
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            problems.append(f"the molecules of {title(shown(page, 40))}")
    return Opened(good, found, left_out(problems))


def _run_as_dict(run: Run) -> dict[str, Any]:
    samples = [[sample.index, sample.positions.tolist(), sample.n_evaluations] for sample in run.samples]
    made_by = {name: getattr(run.provenance, name) for name in _MADE_BY}
    return {"order": order_as_dict(run.order), "samples": samples, "stopped_at": run.stopped_at, "made_by": made_by}


def _run_from_dict(values: dict[str, Any]) -> Run:
    """The run with its molecules, judged anew; GpffError, ValueError, KeyError, TypeError and others for none."""
    order = order_from_dict(values["order"])
    if order.checkpoint not in checkpoint_names():  # a file could name any path
        raise ValueError("no network of this server")
    reference = resources.training_reference(order.checkpoint)
    run = Run(order, resources.checkpoint(order.checkpoint), reference)
    samples = [
        judged(place, order.composition, _coordinates(x, order), n_calls, reference, run.request.scaffold)
        for place, x, n_calls in _in_order(values["samples"], order.n_molecules)
    ]
    # Files of version 0.1 may lack when it was stopped, and what made it.
    run.restore(samples, _stop(values.get("stopped_at"), order), _made_by(values.get("made_by", {})))
    return run


def _made_by(values: Mapping[str, Any]) -> dict[str, str]:
    """Version and weights that made a run."""
    found = {name: str(values[name]) for name in _MADE_BY if name in values}
    if not all(re.fullmatch(r"[0-9A-Za-z.+-]{1,64}", text) for text in found.values()):
        raise ValueError("no version or no hash")
    return found


def _stop(step: object, order: Order) -> int | None:
    if step is None or (type(step) is int and 0 <= step <= order.recipe.most_steps + 1):
        return step
    raise ValueError("not a step of this run")


def _in_order(samples: Iterable[Any], n_molecules: int) -> list[tuple[int, Any, int]]:
    """Place, coordinates and network calls of each sample, each place once."""
    found = {int(place): (x, int(n_calls)) for place, x, n_calls in samples}
    if not all(0 <= place < n_molecules and 0 <= n_calls <= LARGEST for place, (_, n_calls) in found.items()):
        raise ValueError("not the samples of this run")
    return [(place, x, n_calls) for place, (x, n_calls) in sorted(found.items())]


def _coordinates(values: object, order: Order) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    with np.errstate(over="ignore"):  # too large for a float32 is infinite, and refused
        positions = np.array(values, dtype=np.float32)
    if positions.shape != (len(order.composition), 3) or not np.isfinite(positions).all():
        raise ValueError("not the coordinates of this molecule")
    return positions
