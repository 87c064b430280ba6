"""What Streamlit does to a component, as `static/component.js` sees it: calls out of order, parents that change."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.serving import watched_page

pytestmark = pytest.mark.browser

STAGE = """async ({ play, styled, failures }) => {
  const { component } = await import(new URL("app/static/component.js", document.baseURI));
  const parents = [0, 1].map(() => document.body.appendChild(document.createElement("div")));
  const said = [];
  const make = (parent) => {
    parent.append(parent.isConnected ? "made" : "made off the page");
    return { update: (data) => said.push(data.text), destroy: () => said.push("destroyed") };
  };
  const load = () => {
    if (failures-- > 0) throw new Error("its code could not be loaded");
  };
  const show = component(make, { style: styled && "viewer/viewer.css", load });
  const say = (text, parent = parents[0]) => show({ parentElement: parent, data: { name: "it", text } });
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  await eval(play)({ say, wait, parents });
  const texts = parents.map((parent) => parent.lastChild?.textContent ?? "");
  return { said, texts, styles: parents.map((parent) => parent.querySelectorAll("style").length) };
}"""


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    with watched_page(browser, url) as page:
        yield page


def play(page: Page, script: str, *, styled: bool = False, failures: int = 0) -> Any:
    script = f"(async ({{ say, wait, parents }}) => {{ {script} }})"
    return page.evaluate(STAGE, {"play": script, "styled": styled, "failures": failures})


def test_what_the_newest_call_says_counts_even_if_an_overtaken_one_comes_after_it(page: Page) -> None:
    """Seen in the Library: "1 of 64 structures" over a table of fifty, as the first two calls waited for the code."""
    found = play(page, "await say('newer'); (await say('older'))(); await wait(50);")
    assert found["said"] == ["newer", "older", "newer"]


def test_a_call_that_is_overtaken_in_good_order_leaves_nothing_behind(page: Page) -> None:
    found = play(page, "await say('old'); (await say('older'))(); await say('newer'); await wait(1500);")
    assert found["said"] == ["old", "older", "newer"]


def test_a_component_that_is_mounted_anew_moves_with_what_it_holds(page: Page) -> None:
    found = play(page, "await say('here'); parents[0].remove(); await say('there', parents[1]);")
    assert (found["said"], found["texts"]) == (["here", "there"], ["", "made"])


def test_a_call_for_a_parent_that_has_left_takes_nothing_away(page: Page) -> None:
    script = "await say('new', parents[1]); parents[0].remove(); await say('late', parents[0]); await wait(50);"
    assert play(page, script)["texts"] == ["", "made"]


def test_a_component_that_has_left_the_page_is_ended(page: Page) -> None:
    found = play(page, "const end = await say('here'); parents[0].remove(); end(); await wait(1500);")
    assert (found["said"], found["texts"]) == (["here", "destroyed"], ["", ""])


def test_a_component_whose_parent_leaves_while_its_style_loads_is_made_all_the_same(page: Page) -> None:
    """Seen on Trajectories: two films chosen while the first picture was loading, and the first stayed away."""
    script = """
        const both = [say("early")];
        parents[0].remove();
        both.push(say("late", parents[1]));
        await Promise.race([Promise.all(both), wait(5000)]);
    """
    found = play(page, script, styled=True)
    assert (found["said"][-1], found["texts"], found["styles"]) == ("late", ["", "made"], [0, 1])


def test_a_component_that_could_not_be_made_is_tried_again_at_the_next_call(page: Page) -> None:
    script = "await say('first').catch((error) => parents[0].append(error.message[0])); await say('second');"
    found = play(page, script, failures=1)
    assert (found["said"], found["texts"]) == (["second"], ["made", ""])
