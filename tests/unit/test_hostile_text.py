"""Places where text could become markup or a command are few, known, and looked at."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWN_SCRIPTS = [
    path for path in sorted((ROOT / "static").rglob("*.js")) if path.name != "3Dmol-min.js"
]  # and templates, which are held to a content security policy
PYTHON = [path for folder in ("gpff_app", "gpff_core", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_no_python_lets_markup_through_or_starts_a_shell(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"unsafe_allow_|shell=True|os\.system|pickle\.|import pickle|(?<![.\w])(eval|exec)\(", text)
    markup = re.findall(r"st\.html\((.*?)\)", text) + re.findall(r"components\.v1\.html\((.*?)\)", text)
    assert all(re.fullmatch(r"_?[A-Z_]+", argument) for argument in markup), "only constants may be markup"


@pytest.mark.parametrize("path", OWN_SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_what_it_receives(path: Path) -> None:
    """The two places that set it are given the program's own icons and layout."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)
    assert set(re.findall(r"innerHTML = (.*);", text)) <= {"HTML.trim()", "icon(label.toLowerCase())"}
