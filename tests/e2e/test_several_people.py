"""Several browsers at one server: nobody blocks anybody, Stop stops, a closed tab leaves nothing running."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import Serve, open_command, watched_page
from tests.e2e.test_generate import button, fill
from tests.tiny_checkpoint import make_tiny_checkpoint

pytestmark = pytest.mark.browser

TIMEOUT = 120_000  # ms; a busy machine takes its time
ENDLESS = 1000  # steps: far more than these tests wait for


@pytest.fixture(scope="module")
def url(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = make_tiny_checkpoint(tmp_path_factory.mktemp("checkpoints")).parent
    return serve(Path(__file__).with_name("observed_app.py"), GPFF_CHECKPOINTS=str(folder))


@contextmanager
def person(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        expect(button(page, "Generate")).to_be_enabled(timeout=TIMEOUT)
        page.get_by_text("Sampler and prior").click()
        yield page


def start(page: Page, steps: int, n_molecules: int) -> None:
    fill(page, "Steps", str(steps))
    fill(page, "Molecules", str(n_molecules))
    open_command(page)
    expect(page.get_by_text(f"-n {n_molecules} --sampler direct --steps={steps} ")).to_have_count(1, timeout=TIMEOUT)
    button(page, "Generate").click()


def test_a_short_run_ends_while_somebody_elses_long_one_goes_on(browser: Browser, url: str) -> None:
    with person(browser, url) as ann, person(browser, url) as bob:
        start(ann, ENDLESS, 64)
        expect(ann.get_by_text("64 × C7H10O2: step")).to_be_visible(timeout=TIMEOUT)
        start(bob, 10, 2)
        expect(bob.get_by_text("· Finished ·")).to_be_visible(timeout=TIMEOUT)
        expect(bob.get_by_text("of 2 valid")).to_be_visible()
        expect(ann.get_by_text("64 × C7H10O2: step")).to_be_visible()

        button(ann, "Stop").click()
        expect(ann.get_by_text("of 64 molecules are unfinished")).to_be_visible(timeout=TIMEOUT)


def test_a_closed_tab_ends_its_job(browser: Browser, url: str) -> None:
    with watched_page(browser, url) as observer:
        observer.get_by_role("link", name="Observer").click()
        with person(browser, url) as ann:
            start(ann, ENDLESS, 64)
            expect(observer.get_by_text("jobs: 1")).to_be_visible(timeout=TIMEOUT)
        expect(observer.get_by_text("jobs: 0")).to_be_visible(timeout=TIMEOUT)
