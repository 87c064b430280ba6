"""What leaves the app as text: safe in Markdown, in HTML, and complete without a network."""

import base64
import json
import re

import numpy as np
import pytest

from gpff_app.drawing import drawing
from gpff_app.gallery import cards
from gpff_app.html_export import samples_as_html
from gpff_app.text import plain
from gpff_app.viewer import base64_floats
from gpff_app.watching import captions
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.chemistry.novelty import Novelty
from gpff_core.chemistry.verdicts import verdict
from gpff_core.formats.provenance import Provenance
from gpff_core.samples import Sample

WATER = np.array([[-0.757, 0.586, 0.0], [0.757, 0.586, 0.0], [0.0, 0.0, 0.0]], dtype=np.float32)
HOSTILE = "</script><script>alert(1)</script><!-- <b>&"


def sample(index: int, positions: np.ndarray = WATER, novelty: Novelty = Novelty.KNOWN) -> Sample:
    composition = parse_formula("H2O")
    return Sample(index, composition, positions, verdict(composition.numbers, positions), novelty, 4)


def provenance(command: str = "python -m gpff_core sample --formula H2O") -> Provenance:
    return Provenance("0.1.0", "tiny", "0" * 64, "direct(n_steps=4)", "isotropic(sigma=3)", 5, command=command)


@pytest.mark.parametrize("text", ["![x](http://a.b/c.png)", "**C7H10**", ":red[C]", "$x$", "`a`", "<b>", "http://a.b"])
def test_markdown_shows_hostile_text_letter_by_letter(text: str) -> None:
    escaped = plain(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text
    assert not re.search(r"(?<!\\)[!-/:-@\[^-`{-~]", escaped)  # every sign that could mean something is escaped


def test_the_page_needs_no_network_and_says_where_its_molecules_come_from() -> None:
    page = samples_as_html([sample(0), sample(1, 3 * WATER)], provenance())
    outside_3dmol = page.replace(page[page.index("<script>") : page.index('<script type="application/json"')], "")
    assert not re.search(r"(src|href)\s*=", outside_3dmol.replace("Content-Security", ""))
    assert "default-src 'none'" in page
    assert "command: python -m gpff_core sample --formula H2O" in page
    assert "2 structures, 1 of them valid molecules" in page
    molecules = json.loads(re.search(r'id="molecules">(.*?)</script>', page, re.DOTALL)[1])
    assert [molecule["format"] for molecule in molecules] == ["sdf", "xyz"]
    assert molecules[1]["reason"] == "falls into 3 pieces"


def test_hostile_text_stays_text_in_the_page() -> None:
    page = samples_as_html([sample(0)], provenance(command=HOSTILE))
    assert HOSTILE not in page
    assert page.count("</script>") == 3  # 3Dmol, the molecules, the program: nothing closes early


def test_cards_name_the_first_of_equal_molecules_and_the_reason_of_invalid_ones() -> None:
    first, same, broken = cards([sample(0, novelty=Novelty.NOVEL), sample(1), sample(2, 3 * WATER)])
    assert (first["smiles"], first["sameAs"], first["novel"]) == ("O", None, True)
    assert same["sameAs"] == 0
    assert (broken["valid"], broken["drawing"], broken["sameAs"]) == (False, "", None)
    assert not broken["unfinished"]


def test_what_a_stopped_run_left_on_its_way_is_not_called_invalid() -> None:
    done, left = cards([sample(0), sample(1, 3 * WATER)], unfinished={1})
    assert (done["unfinished"], left["unfinished"]) == (False, True)
    assert captions([sample(0), sample(1, 3 * WATER)], {1}) == ["✓ O", "… unfinished"]


def test_drawings_take_the_colour_of_the_text_around_them() -> None:
    svg = drawing("CCO")
    assert svg.startswith("<svg")
    assert "currentColor" in svg
    assert "#000000" not in svg
    assert "<rect" not in svg  # no background of its own


def test_numbers_travel_to_the_browser_as_float32() -> None:
    values = np.arange(6, dtype=np.float64).reshape(2, 3)[:, ::-1]
    assert np.frombuffer(base64.b64decode(base64_floats(values)), "<f4").tolist() == [2, 1, 0, 5, 4, 3]
