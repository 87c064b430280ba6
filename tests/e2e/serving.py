"""A real server on the loopback interface, and a page that keeps account of what goes wrong in it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, Locator, Page

REPOSITORY = Path(__file__).parents[2]
# A component hangs at the shadow root it is mounted in; of them only viewers have a scene.
VIEWER = """(which = 0) => {
  const roots = [...document.querySelectorAll("*")].flatMap((element) => element.shadowRoot ?? []);
  return roots.map((root) => root.gpffComponent).filter((made) => made?.scene)[which];
}"""
Serve = Callable[..., str]
START_TIMEOUT = 120  # seconds; a busy machine takes its time to import torch


@contextmanager
def served(script: Path, **environment: str) -> Iterator[str]:
    """Run a Streamlit script from its own folder; gives its address."""
    with server_of(script, **environment) as (url, _):
        yield url


@contextmanager
def server_of(script: Path, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with the process that serves it."""
    with server_from(["streamlit", "run", script.name], script.parent, **environment) as (url, server):
        yield url, server


@contextmanager
def served_app(folder: Path, **environment: str) -> Iterator[str]:
    """Run the app as a person does, from any folder: `python -m gpff_app`; gives its address."""
    with server_from(["gpff_app"], folder, **environment) as (url, _):
        yield url


@contextmanager
def server_from(
    module: list[str],
    folder: Path,
    address: str = "127.0.0.1",
    output: int | IO[bytes] = subprocess.DEVNULL,
    **environment: str,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and process of `python -m module` with its arguments, a server of Streamlit, run from a folder.

    `address` is what it listens on; what it prints goes to `output`.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *module, "--server.headless=true"]
    server = subprocess.Popen(
        [*command, f"--server.port={port}", f"--server.address={address}", "--server.fileWatcherType=none"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **environment},
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, server)
        yield url, server
    finally:
        server.terminate()
        server.wait(30)


def wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(10 * START_TIMEOUT):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health") as reply:
                if reply.status == 200:
                    return
        except OSError:
            assert server.poll() is None, "the server ended while it started"
            time.sleep(0.1)
    pytest.fail(f"the server did not answer within {START_TIMEOUT} s")


@contextmanager
def watched_page(browser: Browser, url: str, **options: object) -> Iterator[Page]:
    """A page at `url` in which nothing may fail and from which no request may leave the machine."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, **options)
    page = context.new_page()
    problems: list[str] = []
    origin = url if url.startswith("file:") else "/".join(url.split("/")[:3])
    here = (origin, origin.replace("http", "ws"), "blob:", "data:")
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("console", lambda line: problems.append(f"console: {line.text}") if line.type == "error" else None)
    page.on("request", lambda ask: None if ask.url.startswith(here) else problems.append(f"outside: {ask.url}"))
    try:
        page.goto(url)
        yield page
    finally:
        context.close()
    if problems:
        pytest.fail("; ".join(problems))


def open_command(page: Page) -> None:
    """Unfold what makes the same again on the command line, if it is not open."""
    folded = page.locator("details", has_text="The same on the command line")
    if folded.get_attribute("open") is None:
        folded.locator("summary").click()
    folded.locator("code").first.wait_for()


def ask(page: Page, expression: str, which: int = 0) -> object:
    """Evaluate an expression of one of the browser's viewers, called `viewer`."""
    return page.evaluate(f"() => {{ const viewer = ({VIEWER})({which}); return {expression}; }}")


def count(page: Page) -> Locator:
    """Where the viewer says which step it shows."""
    return page.locator("[data-part=count]")
