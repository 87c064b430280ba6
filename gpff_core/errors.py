"""The one exception a user may see."""


class GpffError(ValueError):
    """A problem its reader can mend.

    The message is one sentence: what was given, what is allowed, what to try. The command line prints it and exits with
    code 2 or 1, the app shows it beside the control; nobody is shown a traceback.
    """
