"""How a part of a page that runs in the browser is declared and shown: a Streamlit component (version 2).

Its code is `static/gpff_NAME.js`, a module whose default export comes from `static/component.js`.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import streamlit as st

# A newline inside tells Streamlit that this is code and not the name of a file; it is sent again with every message, so
# it is no more than an import.
_STUB: Final = """
export default async (call) =>
  (await import(new URL('app/static/gpff_NAME.js', document.baseURI))).default(call)
"""


class Show(Protocol):
    """Show the component with `data`, which JSON can hold; `look` is what Streamlit takes, such as callbacks."""

    def __call__(self, *, key: str, data: Mapping[str, Any], **look: Any) -> None: ...


def component(name: str) -> Show:
    """Declare a component, once, when its module is imported."""
    mount = st.components.v2.component(f"gpff_{name}", js=_STUB.replace("NAME", name))

    def show(*, key: str, data: Mapping[str, Any], **look: Any) -> None:
        mount(key=key, data={"name": key, **data}, **look)

    return show
