"""The command that makes the same molecules elsewhere; a large prior travels as a file."""

import shlex
from typing import Final

import streamlit as st

from gpff_app.run import Order
from gpff_core.priors.serialisation import prior_as_json

LONGEST_INLINE: Final = 400
"""Characters of JSON one still wants to see on a command line."""

FILE_NAME: Final = "prior.json"


def command(order: Order, file_name: str = FILE_NAME) -> str:
    """The command line; the prior is in it, or, if it is long, in a file of that name."""
    words = shlex.split(order.command())
    return shlex.join([f"--prior={file_name}" if _is_long_prior(word) else word for word in words])


def needs_file(order: Order) -> bool:
    """Whether the command reads the prior from a file."""
    return any(map(_is_long_prior, shlex.split(order.command())))


def show_command(order: Order) -> None:
    """An expander with the command, and the file it needs."""
    with st.expander("The same on the command line", key="prior_studio command", on_change="rerun") as part:
        if not part.open:
            return
        st.code(command(order), language="sh", wrap_lines=True)
        if needs_file(order):
            st.download_button(
                f"Download {FILE_NAME}",
                prior_as_json(order.recipe.build_prior()) + "\n",
                FILE_NAME,
                "application/json",
                on_click="ignore",
                key="prior for the command",
                help="The command reads this file; put it where you run it.",
            )


def _is_long_prior(word: str) -> bool:
    return word.startswith("--prior={") and len(word) > LONGEST_INLINE
