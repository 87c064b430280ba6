"""A browser session as one file: every setting, documents being edited, and the molecules of each page's latest run.

Films are not in it: the same order makes them again. A share link holds the settings of one page alone.
"""

import base64
import json
import zlib
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from gpff_app import kept, resources
from gpff_app.order_json import order_as_dict, order_from_dict
from gpff_app.run import Run
from gpff_app.session import workplace, workplaces
from gpff_core import __version__
from gpff_core.errors import GpffError
from gpff_core.generation import judged

_MARK: Final = "gpff_studio_session"
_FORMAT: Final = 1
LONGEST_LINK: Final = 4000
"""Characters of settings in a link; longer ones do not survive mail programs and some servers."""
_LARGEST_SETTINGS: Final = 200_000  # bytes a link may unfold to


def session_writer() -> Callable[[], str]:
    """A function that gives the whole session as JSON.

    The session is looked up here and not in the function: Streamlit calls it in a thread that belongs to no session.
    """
    settings = kept.snapshot()
    runs = {place.page: place.run for place in workplaces() if place.run}

    def written() -> str:
        finished = {page: _run_as_dict(run) for page, run in runs.items() if run.samples}
        session = {_MARK: _FORMAT, "version": __version__, "kept": settings, "runs": finished}
        return json.dumps(session, ensure_ascii=False)

    return written


def restore_session(data: bytes) -> dict[str, Any]:
    """Take a session up again and give the settings in it; GpffError, and nothing is changed, if the file is none."""
    try:
        session = json.loads(data)
        known = session[_MARK] == _FORMAT
        settings = dict(session["kept"]) if known else {}
        runs = {str(page): _run_from_dict(values) for page, values in session["runs"].items()} if known else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise GpffError(
            "The file is not a session of GPFF Studio; choose one that was saved here by *Save session*."
        ) from error
    if not known:
        raise GpffError(
            f"The session was saved in format {str(session[_MARK])[:20]}, and this program reads format {_FORMAT}; "
            "open it with the version that saved it."
        )
    kept.restore(settings)
    for page, run in runs.items():
        workplace(page).show(run)
    return settings


def settings_as_link(page: str) -> str | None:
    """What comes after ? in a link to a page with its settings as they are; None if they are too long for a link."""
    text = json.dumps(kept.snapshot(page), ensure_ascii=False).encode("utf-8")
    if len(text) > _LARGEST_SETTINGS:
        return None
    packed = base64.urlsafe_b64encode(zlib.compress(text, 9)).decode("ascii")
    return f"settings={packed}" if len(packed) <= LONGEST_LINK else None


def settings_from_link(packed: str) -> dict[str, Any]:
    """The settings a link holds; GpffError if they are damaged."""
    try:
        folded = base64.urlsafe_b64decode(packed[:LONGEST_LINK].encode("ascii"))
        text = zlib.decompressobj().decompress(folded, _LARGEST_SETTINGS)
        return dict(json.loads(text))
    except (ValueError, TypeError, zlib.error, RecursionError) as error:
        raise GpffError("The settings in the link are damaged; ask for the link again, whole.") from error


def _run_as_dict(run: Run) -> dict[str, Any]:
    samples = [[sample.index, sample.positions.tolist(), sample.n_evaluations] for sample in run.samples]
    return {"order": order_as_dict(run.order), "samples": samples}


def _run_from_dict(values: dict[str, Any]) -> Run:
    """The run with its molecules, judged anew."""
    order = order_from_dict(values["order"])
    reference = resources.training_reference(order.checkpoint)
    run = Run(order, resources.checkpoint(order.checkpoint), reference)
    shape = (len(order.composition), 3)
    scaffold = run.request.scaffold
    samples = [
        judged(int(place), order.composition, _coordinates(x, shape), int(n_calls), reference, scaffold)
        for place, x, n_calls in values["samples"][: order.n_molecules]
    ]
    run.restore(samples)
    return run


def _coordinates(values: object, shape: tuple[int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    positions = np.array(values, dtype=np.float32)
    if positions.shape != shape or not np.isfinite(positions).all():
        raise ValueError("not the coordinates of this molecule")
    return positions
