"""Saved priors: one file each, whatever they are called, and nothing outside their folder."""

from pathlib import Path

import pytest

from gpff_app import saved_priors
from gpff_core.errors import GpffError
from gpff_core.priors import Isotropic, Shape
from gpff_core.priors.serialisation import prior_from_json

BALL = Isotropic(1.5)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path / "data"))
    return tmp_path / "data" / "priors"


@pytest.mark.parametrize(
    "name",
    [
        "Long rod",
        "../../escape",
        "/etc/passwd",
        "..",
        ".hidden",
        "a/b\\c",
        "C:\\x",
        "<img src=x onerror=alert(1)>",
        "; rm -rf ~",
        "Stäbchen № 3 – kühl",
        "100% σ=1.5",
        "%2e%2e%2f",
        "CON",
        "𝛼" * 10,
        "~root",
        "$(id)",
    ],
)
def test_any_name_becomes_one_file_in_the_folder_and_comes_back(folder: Path, name: str) -> None:
    assert saved_priors.save(name, BALL) == name
    (file,) = folder.iterdir()
    assert file.suffix == ".json"
    assert not file.name.startswith((".", "~", "-"))
    assert list(folder.parent.iterdir()) == [folder]
    assert saved_priors.saved() == {name: BALL}
    assert prior_from_json(file.read_text()) == BALL
    saved_priors.forget(name)
    assert saved_priors.saved() == {}


def test_what_cannot_be_seen_is_left_out_of_a_name(folder: Path) -> None:
    assert saved_priors.save(" \x00rod\n\u202e ", BALL) == "rod"


@pytest.mark.parametrize("name", ["", "   ", "\x00\n", "x" * 61, "𝛼😀" * 20])
def test_names_too_short_or_too_long_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(GpffError, match=r"has no name|too long"):
        saved_priors.save(name, BALL)


def test_the_same_name_is_replaced(folder: Path) -> None:
    saved_priors.save("rod", BALL)
    rod = Shape((0.85, 0.13, 0.02))
    saved_priors.save("rod", rod)
    assert saved_priors.saved() == {"rod": rod}


def test_damaged_files_and_links_are_not_loaded(folder: Path, tmp_path: Path) -> None:
    saved_priors.save("good", BALL)
    (folder / "bad.json").write_text("{")
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "secret.json").write_text('{"prior": "isotropic", "sigma": 9}')
    (folder / "link.json").symlink_to(tmp_path / "secret.json")
    assert saved_priors.saved() == {"good": BALL}
    assert set(saved_priors.damaged()) == {"bad", "binary"}


def test_forgetting_touches_no_other_file(folder: Path) -> None:
    saved_priors.save("a", BALL)
    other = folder.parent / "session.json"
    other.write_text("{}")
    saved_priors.forget("../session")
    saved_priors.forget("b")
    assert other.exists()
    assert saved_priors.saved() == {"a": BALL}


def test_there_is_an_end_to_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_priors, "MOST_SAVED", 2)
    saved_priors.save("a", BALL)
    saved_priors.save("b", BALL)
    saved_priors.save("a", BALL)
    with pytest.raises(GpffError, match="2 priors are saved"):
        saved_priors.save("c", BALL)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GPFF_DATA_FOLDER", str(tmp_path / "file"))
    with pytest.raises(GpffError, match="set GPFF_DATA_FOLDER"):
        saved_priors.saved()
