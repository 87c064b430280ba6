"""Libraries that only some measurements need, and that are therefore not part of every installation."""

from importlib.util import find_spec

from gpff_core.errors import GpffError


def require_installed(purpose: str, *libraries: str) -> None:
    """Refuse early, before hours of work, what would fail at its end; raises GpffError."""
    missing = [library for library in libraries if find_spec(library) is None]
    if missing:
        raise GpffError(
            f"For {purpose} this installation lacks {' and '.join(missing)}; run pip install -r requirements-dev.txt."
        )
