"""The command that a page shows once somebody opens where it stands."""

from streamlit.testing.v1 import AppTest


def command_of(page: AppTest, name: str) -> str:
    """What the named page says makes the same again on the command line."""
    page.session_state[f"{name} command"] = True
    page.run()
    return page.code[0].value
