"""What the person who runs the server sets by environment variables."""

from pathlib import Path

import pytest

from gpff_app.run import Order
from gpff_app.settings import Settings, settings
from gpff_core.chemistry.formulas import parse_formula
from gpff_core.errors import GpffError
from gpff_core.recipe import Recipe


def test_without_variables_the_defaults_are_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPFF_DATA_FOLDER", raising=False)
    assert settings() == Settings(data_folder=Path.home() / "gpff-studio")


def test_variables_change_what_an_order_may_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_MAX_MOLECULES", "2")
    monkeypatch.setenv("GPFF_DATA_FOLDER", "~/elsewhere")
    assert settings().data_folder == Path.home() / "elsewhere"
    with pytest.raises(GpffError, match="the page makes 1 to 2 at once"):
        Order(parse_formula("H2O"), 3, Recipe(), "qm9")


@pytest.mark.parametrize("text", ["0", "-3", "many", "1.5"])
def test_a_limit_that_is_no_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPFF_JOBS_PER_OWNER", text)
    with pytest.raises(GpffError, match=r"GPFF_JOBS_PER_OWNER is .*; set it to a positive whole number"):
        settings()
