"""A file is there whole or not at all, and nothing else is left behind."""

from pathlib import Path

import pytest

from gpff_core.atomic_files import replacing
from gpff_core.errors import GpffError


def test_a_new_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "molecules.sdf"
    with replacing(target) as temporary:
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("problem", [ValueError("a bug"), KeyboardInterrupt(), GpffError("a mistake")])
def test_the_old_file_survives_a_failure(tmp_path: Path, problem: BaseException) -> None:
    target = tmp_path / "molecules.sdf"
    target.write_text("old")
    with pytest.raises(type(problem)), replacing(target) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise problem
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["missing/molecules.sdf", "folder"])
def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "occupied").touch()
    with pytest.raises(GpffError, match=f"{name} could not be written"), replacing(tmp_path / name) as temporary:
        temporary.write_text("text")
