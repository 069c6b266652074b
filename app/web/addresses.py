"""Addresses that browsers and people send: what is none is met as an empty one, not as an error."""

from urllib.parse import SplitResult, urlsplit


def parts_of(address: str | None) -> SplitResult:
    """Return the parts of an address; of what is no address at all they are empty."""
    try:
        return urlsplit(address or "")
    except ValueError:  # such as http://[::1
        return urlsplit("")
