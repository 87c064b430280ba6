"""Text from people and files, made safe to show."""

import re
from typing import Final

_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: str) -> str:
    """Text that Streamlit's Markdown shows letter by letter: no links, images, colours or formulas come out of it."""
    return _PUNCTUATION.sub(r"\\\1", text)
