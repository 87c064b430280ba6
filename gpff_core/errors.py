"""The one exception a user may see, and how it quotes."""


class GpffError(ValueError):
    """A problem its reader can mend.

    The message is one sentence: what was given, what is allowed, what to try. The command line prints it and exits with
    code 2 or 1, the app shows it beside the control; nobody is shown a traceback.
    """


def shown(text: str, most: int = 80) -> str:
    """Text from a person or a file, fit for a sentence: on one line, nothing invisible in it, and not too long."""
    visible = "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))
    return visible if len(visible) <= most else f"{visible[: most - 21]}…{visible[-20:]}"
