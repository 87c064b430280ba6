"""What every kind of test shares: a browser that is either there or loudly missing, and reproducible examples."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

# Before torch is loaded, and for every process the tests start: results are compared to the last bit, and those depend
# on how many threads share a sum; the browser gets the other core.
os.environ["OMP_NUM_THREADS"] = "1"

# Examples are the same on every run and take as long as they take: a test never fails because a machine is busy.
hypothesis.settings.register_profile("gpff", deadline=None, derandomize=True)
hypothesis.settings.load_profile("gpff")

# Nothing a headless Chromium does by itself may leave the machine: the viewer's tests count outside requests.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING_BROWSER = (
    "no Chromium was found; install one (on Debian: apt install chromium fonts-dejavu-core) "
    "or give its path in GPFF_CHROMIUM"
)


def chromium_path() -> str | None:
    """The Chromium to drive: `GPFF_CHROMIUM` if set, else the first one in PATH."""
    names = [os.environ["GPFF_CHROMIUM"]] if "GPFF_CHROMIUM" in os.environ else []
    return next(filter(None, map(shutil.which, names or ["chromium", "chromium-browser", "google-chrome"])), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium_path() or os.environ.get("GPFF_REQUIRE_BROWSER"):
        return
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.skip(reason=MISSING_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} tests of the app in a real browser did not run: {MISSING_BROWSER}.")


@pytest.fixture(autouse=True)
def ctrl_c() -> None:
    """Ctrl-C interrupts: some CI runners ignore it, and a browser's driver puts back what it found."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app keeps its library during the tests, also in the processes they start: never the user's own."""
    folder = tmp_path_factory.mktemp("data")
    os.environ["GPFF_DATA_FOLDER"] = str(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium (Playwright's `Browser`); tests that use it carry the mark `browser`.

    One a module, not a session: while Playwright is open, its event loop occupies the thread of all other tests.
    """
    path = chromium_path()
    if path is None:
        pytest.fail(f"GPFF_REQUIRE_BROWSER is set, but {MISSING_BROWSER}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()
