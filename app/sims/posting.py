"""Sends what a stand-in has to tell to whoever listens."""

import http.client
from urllib.parse import urlsplit

PATIENCE = 10  # seconds for an answer


def post_raw(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send bytes and follow no redirect; return the answer's status, or 0 without an answer."""
    to = urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    line = kind(to.hostname or "", to.port, timeout=PATIENCE)
    try:
        line.request("POST", f"{to.path or '/'}{'?' if to.query else ''}{to.query}", body, headers)
        answer = line.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        line.close()
