"""A worker of doors that kills itself at a named point.

Run by test_kills: `python -m tests.doors.dying DATABASE_URL VENDOR_URL POINT NOW`.
"""

import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import wiring
from app.db.session import tenant_scope
from app.factory import create_app
from app.usecases.minding_doors import Worker
from tests.conftest import settings_for
from tests.online.dying import die

BEFORE, AFTER_ONE, AFTER_TWO = "before the first call", "after the first", "after the second"
COMMITTING, COMMITTED = "before the commit", "after the commit"
POINTS = (BEFORE, AFTER_ONE, AFTER_TWO, COMMITTING, COMMITTED)

asked: list[str] = []  # of the vendor, tokens apart


def watch_calls(point: str) -> None:
    """Die before the first call, or after one was answered and nobody here knows it yet."""
    send = HTTPAdapter.send

    def watched(self: HTTPAdapter, request: PreparedRequest, **how: Any) -> Response:
        if request.path_url.endswith("/oauth/token"):
            return send(self, request, **how)
        if point == BEFORE:
            die()
        answer = send(self, request, **how)
        asked.append(request.path_url)
        if point == {1: AFTER_ONE, 2: AFTER_TWO}.get(len(asked)):
            die()
        return answer

    HTTPAdapter.send = watched  # type: ignore[method-assign,assignment]


def watch_commits(point: str) -> None:
    """Die before or after what the vendor said is written."""

    def stop(stage: str) -> None:
        if asked and point == stage:
            die()

    event.listen(Session, "before_commit", lambda _session: stop(COMMITTING))
    event.listen(Session, "after_commit", lambda _session: stop(COMMITTED))


def main(url: str, vendor: str, point: str, now: str) -> None:
    settings = replace(settings_for(url), lock_sites={"here": (vendor, vendor)})
    app, moment = create_app(settings), datetime.fromisoformat(now)
    watch_calls(point)
    watch_commits(point)
    with app.app_context(), tenant_scope(1):
        Worker(wiring.locks(settings), lambda: moment).work()


if __name__ == "__main__":
    main(*sys.argv[1:])
