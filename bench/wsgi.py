"""The service with two bare routes beside it: a constant, and one row under the same constraint."""

import itertools
import os
import random

from flask import Response
from sqlalchemy import text

from app.config import Settings
from app.db import db
from app.factory import create_app
from app.web.access import Access, access

application = create_app(Settings.from_environment(os.environ))

# Each process takes its own stretch of time, so that no two rows meet.
_counter = itertools.count(random.SystemRandom().randrange(10**6) * 10_000)
_INSERT = text(
    "insert into bench_occupancy (tenant_id, space_id, starts_at, ends_at, live)"
    " values (1, :space, to_timestamp(:at), to_timestamp(:at) + interval '1 hour', true)"
    " on conflict do nothing"
)


@access(Access.MACHINE)
def hello() -> Response:
    """Answer a constant."""
    return Response("hello", content_type="text/plain; charset=utf-8")


@access(Access.MACHINE)
def insert() -> Response:
    """Write one row under the same exclusion constraint, and commit it."""
    number = next(_counter)
    db.session.execute(_INSERT, {"space": number % 1000, "at": (number // 1000) * 3600})
    db.session.commit()
    return Response("inserted", content_type="text/plain; charset=utf-8")


# Set in place of routes that would have to declare themselves before the app starts.
application.add_url_rule("/bench/hello", "bench_hello", hello)
application.add_url_rule("/bench/insert", "bench_insert", insert, methods=["POST"])
