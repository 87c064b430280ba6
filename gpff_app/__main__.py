"""Opens the app: python -m gpff_app, with the options of `streamlit run` if any.

`streamlit run app.py` does the same but for two things: it lacks the rule of `gpff_app.server`, and Streamlit takes the
folder pages/ for its old way of declaring pages, so the first visitor of a server who asks for a page by its address
would get that page without app.py around it.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ARENAS = "MALLOC_ARENA_MAX"


def main() -> None:
    """Start the server, in this process."""
    # Every rerun is a thread of its own. Where each may have a heap of its own, as in the GNU C library, memory that
    # one has freed is of no use to the next, and a server grows. The library reads this only when a process starts.
    if sys.platform == "linux" and ARENAS not in os.environ:
        os.environ[ARENAS] = "2"
        os.execv(sys.executable, sys.orig_argv)

    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.web import cli

    os.chdir(ROOT)  # where Streamlit finds .streamlit/config.toml
    PagesManager.uses_pages_directory = False
    cli.main(["run", "gpff_app/server.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
