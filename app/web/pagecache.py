"""Pages that everybody sees alike are kept, so that a rush of readers costs next to nothing.

A page is kept per process with the state of what it shows: how often its hall has changed, the
municipality's catalogue, and until when it reads the same if nobody books. Whoever is signed in
or has chosen something is never given a page that was kept for everybody: they must see what
they did at once. A page of staff is kept for one of them alone, for one state of its halls.
"""

import gzip
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from threading import Lock
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask import Response, current_app, g, make_response, request, session

from app.db import db
from app.facilities.queries import changes_of
from app.web import context
from app.web.rendering import wants_fragment
from app.web.words import language

View = TypeVar("View", bound=Callable[..., Any])
Ids = tuple[int, ...]

MOST_BYTES = 64 * 1024 * 1024
OLDEST_SECONDS = 60.0  # what no change tells of (a new release) is seen after this
ASKED_SECONDS = 0.5  # how long the answer "nothing has changed" is believed
TURNS = 64  # so many pages are made at once at most; the same page by one thread only


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page and what must still be so for it to be right."""

    plain: bytes
    zipped: bytes
    etag: str
    content_type: str
    facility_ids: Ids
    changes: tuple[int, int]
    revision: int
    until: datetime
    made_at: float


class PageCache:
    """The kept pages of one process."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, most_bytes: int = MOST_BYTES
    ) -> None:
        self._clock = clock
        self._most_bytes = most_bytes
        self._pages: OrderedDict[Hashable, KeptPage] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Hashable, tuple[float, tuple[int, int]]] = {}
        self._lock = Lock()
        self._turns = [Lock() for _ in range(TURNS)]

    def answer(
        self, key: Hashable, halls: Callable[[], Ids], make: Callable[[], Response]
    ) -> Response:
        """Return the page under `key`, kept or made now; the same page is made by one at a time.

        `halls` says whose changes make it old; a kept page knows.
        """
        found = self._standing(key)
        if found is None:
            with self._turns[hash(key) % TURNS]:
                found = self._standing(key)
                if found is None:
                    return self._make(key, halls(), make)
        return _response(found)

    @property
    def bytes_kept(self) -> int:
        """Return how much memory the kept pages take."""
        return self._bytes

    def _standing(self, key: Hashable) -> KeptPage | None:
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
        if found is None or self._clock() - found.made_at >= OLDEST_SECONDS:
            return None
        if found.until <= context.now() or found.revision != g.municipality.catalogue_revision:
            return None
        return found if self._changes(found.facility_ids) == found.changes else None

    def _make(self, key: Hashable, facility_ids: Ids, make: Callable[[], Response]) -> Response:
        # Asked before the page reads: what is booked in between makes the page old, never wrong.
        changes = self._changes(facility_ids)
        response = make()
        until = g.get("good_until")
        if response.status_code != 200 or until is None or session.modified:
            return response
        plain = response.get_data()
        found = KeptPage(
            plain=plain,
            zipped=gzip.compress(plain, 5, mtime=0),
            etag=hashlib.sha256(plain).hexdigest()[:32],
            content_type=response.content_type,
            facility_ids=facility_ids,
            changes=changes,
            revision=g.municipality.catalogue_revision,
            until=until,
            made_at=self._clock(),
        )
        self._keep(key, found)
        return _response(found)

    def _keep(self, key: Hashable, found: KeptPage) -> None:
        with self._lock:
            self._bytes += _size(found) - _size(self._pages.pop(key, None))
            self._pages[key] = found
            while self._bytes > self._most_bytes:
                self._bytes -= _size(self._pages.popitem(last=False)[1])

    def _changes(self, facility_ids: Ids) -> tuple[int, int]:
        """Return how often these halls have changed; the database is asked now and then."""
        if not facility_ids:
            return (0, 0)
        key = (g.municipality.id, facility_ids)
        asked_at, known = self._asked.get(key, (-ASKED_SECONDS, (-1, -1)))
        now = self._clock()
        if now - asked_at >= ASKED_SECONDS:
            self._asked[key] = (now, known)  # one asks; the others need not wait for it
            known = changes_of(db.session(), facility_ids)
            self._asked[key] = (now, known)
        return known


# By directory: one process may serve two databases (tests do), whose halls mean other things.
_caches: WeakKeyDictionary[context.Directory, PageCache] = WeakKeyDictionary()


def kept(view: View) -> View:
    """Answer with a kept page where the caller is nobody in particular."""

    @wraps(view)
    def answer(**arguments: Any) -> Response:
        def make() -> Response:
            return make_response(view(**arguments))

        def halls() -> Ids:
            hall = context.catalogue().facility_named(arguments.get("facility", ""))
            return (hall.id,) if hall else ()

        response = pages().answer(_key(), halls, make) if _is_for_everybody() else make()
        response.vary.update(("Cookie", "HX-Request", "Accept-Encoding"))
        return response

    return answer  # type: ignore[return-value]


def kept_for_staff(facility_ids: Ids, make: Callable[[], Response]) -> Response:
    """Return a page of staff, kept for this person with these roles or made now.

    It shows these facilities and nothing else that changes. The database is asked each time how
    often they have changed; what is said once (a flash) is never on a kept page.
    """
    if session.get("_flashes") or wants_fragment():
        return make()
    viewer = g.viewer
    who = (viewer.account_id, viewer.roles, viewer.staff.name)
    key = (_key(), who, facility_ids, changes_of(db.session(), facility_ids))
    response = pages().answer(key, lambda: (), make)
    response.vary.update(("Cookie", "HX-Request", "Accept-Encoding"))
    return response


def good_until(*instants: datetime) -> None:
    """Say until when the page being made reads the same; what says nothing is not kept."""
    g.good_until = min(instants, default=None)


def pages() -> PageCache:
    """Return the pages that this process keeps."""
    directory: context.Directory = current_app.extensions["municipalities"]
    found = _caches.get(directory)
    return found if found is not None else _caches.setdefault(directory, PageCache())


def start_anew(cache: PageCache) -> None:
    """Keep pages in another cache from now on, with another clock perhaps."""
    _caches[current_app.extensions["municipalities"]] = cache


def _is_for_everybody() -> bool:
    cookie = current_app.config["SESSION_COOKIE_NAME"]
    return request.method in ("GET", "HEAD") and cookie not in request.cookies


def _key() -> Hashable:
    large = request.cookies.get("text") == "large"
    asked = (request.path, request.query_string)
    return (g.municipality.id, *asked, large, language(), wants_fragment())


def _response(found: KeptPage) -> Response:
    """Return the page as this browser takes it, or 304 when it has it already."""
    if request.if_none_match.contains_weak(found.etag):
        response = Response(status=304)
    elif request.accept_encodings["gzip"] > 0:
        response = Response(found.zipped, content_type=found.content_type)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(found.plain, content_type=found.content_type)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = f'W/"{found.etag}"'
    return response


def _size(found: KeptPage | None) -> int:
    return len(found.plain) + len(found.zipped) if found else 0
