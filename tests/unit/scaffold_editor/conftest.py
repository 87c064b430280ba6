"""Documents that the editor's tests share."""

import pytest

from gpff_app.scaffold_editor.document import Document
from gpff_app.scaffold_editor.sources import open_text


@pytest.fixture
def benzene() -> Document:
    """Carbons 0–5, and hydrogen 6 + i at carbon i."""
    return open_text("benzene")


@pytest.fixture
def pair() -> Document:
    """Benzene, atoms 0–11, and hydrogen cyanide beside it, 12–14."""
    return open_text("c1ccccc1.C#N")
