"""What can go wrong on a newcomer's machine, said so that the newcomer can act."""


class LocalError(Exception):
    """Carries one Japanese message for the person at the terminal; no traceback is needed."""


class StopRequested(Exception):  # noqa: N818 - a wish, not an error
    """Somebody pressed Ctrl-C or sent SIGTERM while something was being waited for."""
