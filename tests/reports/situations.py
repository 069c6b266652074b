"""A municipality at work: people who booked, staff who look, statements counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import event

from app.booking.service.submitting import Submitted
from app.db import db
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.conftest import Clock
from tests.db import proof
from tests.pages import Visitor
from tests.usecases import steps

OUR_OWN = ("set_config", "FROM tenant")  # pinning the municipality, and the list of them


@contextmanager
def working(app: Flask, slug: str = "midori") -> Iterator[Catalogue]:
    """Everything inside happens in one municipality, outside any request."""
    with app.app_context():
        found = builders.catalogue_of(slug)
        with tenant_scope(found.tenant_id):
            yield found
        db.session.remove()


def a_booking(
    found: Catalogue,
    *uses: tuple[str, date, tuple[int, int]],
    email: str = "hanako@example.jp",
    name: str = "山田 花子",
    facility: str = "chuo",
    slug: str = "midori",
    paid: bool = False,
    now: datetime = MONDAY_9AM,
    **answers: Any,
) -> Submitted:
    """Somebody books; by default 第1会議室 next Monday from 10 to 12, not paid yet."""
    person = builders.a_resident(slug, email, name=name)
    with tenant_scope(found.tenant_id):
        wishes = [
            builders.a_wish(found, room, on=on, hours=hours, facility=facility)
            for room, on, hours in uses or [("room-1", NEXT_MONDAY, (10, 12))]
        ]
        made = steps.book(found, person, *wishes, now=now, **answers)
        if paid:
            steps.pay(made.booking, now=now)
    return made


def staff(
    app: Flask,
    *,
    role: str = "manager",
    facility: str | None = "chuo",
    slug: str = "midori",
    email: str = "kanri@example.jp",
    room: str | None = None,
    now: datetime | None = None,
) -> Visitor:
    """A browser of somebody who works for a hall or a municipality."""
    with app.app_context():
        account_id = builders.a_staff_member(slug, email, role=role, facility=facility, room=room)
        token = builders.a_session_token(
            app, account_id, now=now or app.config["KAIKAN_CLOCK"](), is_staff=True
        )
        db.session.remove()
    return Visitor(app).sign_in_as(token)


def goes_on_until(app: Flask, clock: Clock, now: datetime) -> None:
    """Move the clock; whoever is signed in was busy all the while, so that nobody idled."""
    clock.now = now
    with proof.as_superuser_of(app) as connection:
        connection.execute("update signed_in set seen_at = %s", [now])


def clerk(app: Flask, **changes: Any) -> Visitor:
    """A browser of somebody at the town hall."""
    return staff(app, **{"role": "clerk", "facility": None, "email": "clerk@example.jp", **changes})


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that pages send, without those that no page decides."""
    found: list[str] = []

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not any(ours in statement for ours in OUR_OWN):
            found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", collect)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", collect)
