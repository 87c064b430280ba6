"""What all browser sessions share: the loaded network, the training reference, the job queue."""

import hashlib

from streamlit import cache_resource, runtime, user
from streamlit.runtime.scriptrunner import get_script_run_ctx

from gpff_app.jobs import JobQueue, Limits
from gpff_app.library.store import Library
from gpff_app.settings import settings
from gpff_core.chemistry.novelty import TrainingReference
from gpff_core.generation import load_reference
from gpff_core.networks.checkpoint import Checkpoint, load_checkpoint
from gpff_core.networks.shipped import checkpoint_path


@cache_resource(show_spinner="Loading the network …", max_entries=2)
def checkpoint(name: str) -> Checkpoint:
    """A shipped checkpoint; GpffError if it is missing or damaged."""
    return load_checkpoint(checkpoint_path(name))


@cache_resource(show_spinner="Loading what the network was trained on …", max_entries=2)
def training_reference(name: str) -> TrainingReference | None:
    """What a checkpoint was trained on, None if nothing is known."""
    return load_reference(checkpoint_path(name))


@cache_resource(show_spinner=False)
def job_queue() -> JobQueue:
    """The one queue of this server."""
    limits = settings()
    return JobQueue(_is_present, Limits(limits.jobs_per_owner, limits.running_at_once))


def library() -> Library:
    """The library of the person at the browser: one for all, or one each where people log in.

    Only the thread of a page knows who that is: fetch it there and hand it to the worker.
    """
    folder = settings().data_folder
    if user.get("is_logged_in"):
        who = f"{user.get('iss')}\n{user.get('sub') or user.get('email')}"
        folder = folder / "people" / hashlib.sha256(who.encode()).hexdigest()[:32]
    return Library(folder / "library.sqlite3")


def session_id() -> str:
    """The browser session that this script runs for."""
    context = get_script_run_ctx()
    assert context is not None, "only pages have a session"
    return context.session_id


def _is_present(session: str) -> bool:
    """Whether the browser of a session is connected."""
    return runtime.exists() and runtime.get_instance().is_active_session(session)
