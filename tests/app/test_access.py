"""A shared server asks for a password, or for a sign-in, once its secrets say so."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gpff_app import access

pytestmark = pytest.mark.usefixtures("tiny_network")

REPOSITORY = Path(__file__).parents[2]


def opened(monkeypatch: pytest.MonkeyPatch, **secrets: object) -> AppTest:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(access, "DELAY", 0.0)
    page = AppTest.from_file(REPOSITORY / "app.py", default_timeout=60)
    for name, value in secrets.items():
        page.secrets[name] = value
    return page.run()


def entered(page: AppTest, password: str) -> AppTest:
    page.text_input[0].set_value(password)
    return page.button[0].click().run()


def test_without_secrets_everybody_is_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(button.label == "Generate" for button in opened(monkeypatch).button)


def test_a_page_is_shown_to_those_who_know_the_password_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, password="correct horse")
    assert [button.label for button in page.button] == ["Enter"]
    wrong = entered(page, "battery staple")
    assert [error.value for error in wrong.error] == ["This is not the password; ask whoever runs this server."]
    assert [button.label for button in wrong.button] == ["Enter"]
    right = entered(page, "correct horse")
    assert any(button.label == "Generate" for button in right.button)
    assert any(button.label == "Generate" for button in right.run().button)


def test_with_an_identity_provider_people_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(monkeypatch, auth={"client_id": "x", "client_secret": "y"})
    assert [button.label for button in page.button] == ["Sign in"]
