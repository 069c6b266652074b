"""Public answers that proxies and clients may keep: weak ETags, and a 304 without working it out.

An ETag is a hash of the body, the same in every process. What costs is the body; so each process
remembers at which state of the database an ETag was right, and for how long.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from flask import Response, request

from app.web.api import problems

MOST_REMEMBERED = 4096
# How long an answer may be shown without asking again.
SLOW_MOVING, FAST_MOVING = 60, 1


@dataclass(frozen=True, slots=True)
class Seen:
    """An ETag, the state of the data that it was made from, and until when it holds there."""

    state: Hashable
    etag: str
    valid_until: datetime


class Memory:
    """What this process saw last of each address; the oldest is forgotten first."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._seen: OrderedDict[Hashable, Seen] = OrderedDict()
        self._most = most
        self._lock = Lock()

    def etag(self, asked: Hashable, state: Hashable, *, now: datetime) -> str | None:
        """Return the ETag that answers `asked` still, or None when that is not known."""
        with self._lock:
            seen = self._seen.get(asked)
        if seen is None or seen.state != state or now >= seen.valid_until:
            return None
        return seen.etag

    def keep(self, asked: Hashable, seen: Seen) -> None:
        """Remember what answers `asked`."""
        with self._lock:
            self._seen[asked] = seen
            self._seen.move_to_end(asked)
            while len(self._seen) > self._most:
                self._seen.popitem(last=False)


def told(value: object, *, seconds: int) -> Response:
    """Return a public answer, or 304 when the caller has it already."""
    body = problems.as_json(value)
    response = Response(body, mimetype="application/json")
    _allow(response, etag_of(body), seconds)
    response.make_conditional(request)
    return response


def not_modified(etag: str, *, seconds: int) -> Response | None:
    """Return 304 when the caller has what this ETag names, else None."""
    if not request.if_none_match.contains_weak(etag):
        return None
    response = Response(status=304)
    _allow(response, etag, seconds)
    return response


def etag_of(body: bytes) -> str:
    """Return the name of a body."""
    return hashlib.sha256(body).hexdigest()[:32]


def _allow(response: Response, etag: str, seconds: int) -> None:
    response.set_etag(etag, weak=True)  # the same whether it travels compressed or not
    response.headers["Cache-Control"] = f"public, max-age={seconds}, must-revalidate"
    # Public data without cookies: pages of other sites may read it too.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag"
