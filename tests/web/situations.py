"""What pages of residents are tested from: a browser that holds rooms, a person signed in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import event, update

from app.booking.floor import Occupancy
from app.booking.models import Booking
from app.booking.queries import bookings_of, draft_with, lines_of
from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.booking.service.baskets import Chooser
from app.booking.service.submitting import Submitted
from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.identity.codes import keyed_hash
from app.usecases.applying import apply
from app.usecases.choosing import choose
from tests import builders
from tests.pages import Visitor

Room = tuple[str, date, tuple[int, int]]  # slug, day, hours
ONE_ROOM: Sequence[Room] = (("room-1", builders.NEXT_MONDAY, (10, 12)),)


def holds(
    visitor: Visitor,
    rooms: Sequence[Room] = ONE_ROOM,
    *,
    slug: str = "midori",
    facility: str = "chuo",
    token: str = "a-browser",
    now: datetime = builders.MONDAY_9AM,
) -> Visitor:
    """Let a browser hold rooms of a hall."""
    with visitor.client.session_transaction() as session:
        session["baskets"] = {**session.get("baskets", {}), slug: token}
    with visitor.app.app_context():
        found = builders.catalogue_of(slug)
        wishes = [builders.a_wish(found, r, facility=facility, on=d, hours=h) for r, d, h in rooms]
        with tenant_scope(found.tenant_id):
            key = _key(visitor.app, token)
            chosen = choose(found, Chooser(key, "resident"), wishes, now=now)
            assert not chosen.refused, chosen.refused
    return visitor


def is_signed_in(
    visitor: Visitor, email: str = "hanako@example.jp", *, slug: str = "midori", **known: str
) -> Applicant:
    """Sign a browser in as a resident whom the municipality knows."""
    with visitor.app.app_context():
        person = builders.a_resident(slug, email, **known)
        token = builders.a_session_token(visitor.app, person.account_id)
    visitor.sign_in_as(token)
    return person


def searched_for(visitor: Visitor, *, slug: str = "midori", **said: object) -> Visitor:
    """Let a browser have searched for a purpose and a number of people."""
    with visitor.client.session_transaction() as session:
        session["said"] = {slug: said}
    return visitor


def has_booked(
    app: Flask,
    person: Applicant,
    rooms: Sequence[Room] = ONE_ROOM,
    *,
    slug: str = "midori",
    facility: str = "chuo",
    answers: Answers | None = None,
    key: str = "earlier",
    now: datetime = builders.MONDAY_9AM,
) -> Submitted:
    """Make a booking of a person."""
    with app.app_context():
        found = builders.catalogue_of(slug)
        wishes = [builders.a_wish(found, r, facility=facility, on=d, hours=h) for r, d, h in rooms]
        with tenant_scope(found.tenant_id):
            chosen = choose(found, Chooser(key, person.applicant_class), wishes, now=now)
            assert not chosen.refused, chosen.refused
            return apply(
                found,
                key,
                person,
                answers or builders.some_answers(),
                actor=Actor("resident", person.account_id),
                now=now,
            )


def bookings_by(app: Flask, person: Applicant, slug: str = "midori") -> list[Booking]:
    """Return the bookings of a person."""
    with app.app_context(), tenant_scope(builders.tenant_id_of(slug)):
        found = bookings_of(db.session(), person.account_id)
        db.session.expunge_all()
        return found


def basket_of(app: Flask, token: str = "a-browser", slug: str = "midori") -> Booking:
    """Return the draft that a browser's key began."""
    with app.app_context(), tenant_scope(builders.tenant_id_of(slug)):
        draft = draft_with(db.session(), _key(app, token))
        assert draft is not None
        db.session.expunge_all()
        return draft


def lines_in(app: Flask, booking: Booking) -> list[int]:
    """Return the ids of a booking's lines."""
    with app.app_context(), tenant_scope(booking.tenant_id):
        return [line.id for line in lines_of(db.session(), booking.id)]


def loses(visitor: Visitor, *, place: int, token: str = "a-browser", slug: str = "midori") -> None:
    """Let the hold of one line of a basket run out, and somebody else book that room."""
    app = visitor.app
    draft = basket_of(app, token, slug)
    with app.app_context():
        found = builders.catalogue_of(slug)
        with tenant_scope(found.tenant_id):
            line = lines_of(db.session(), draft.id)[place]
            begins = line.starts_at.astimezone(found.zone).hour * 60
            ends = line.ends_at.astimezone(found.zone).hour * 60
            wish = Wish(line.room_id, line.on_date, begins, ends)
            in_transaction(
                lambda session: session.execute(
                    update(Occupancy)
                    .where(Occupancy.booking_line_id == line.id)
                    .values(expires_at=builders.MONDAY_9AM)
                )
            )
            chosen = choose(found, Chooser("a-rival", "resident"), [wish], now=builders.MONDAY_9AM)
            assert not chosen.refused


def a_third_hall(app: Flask, **documents: dict[str, Any]) -> None:
    """Give みどり市 a 西会館 (nishi) with terms or fees of its own."""
    with app.app_context():
        tenant_id = builders.tenant_id_of("midori")
        builders.a_facility(tenant_id, "nishi", "西会館", position=3, **documents)


def surcharged(**rule: Any) -> dict[str, Any]:
    """Return a tariff with one surcharge more."""
    return {"surcharges": [{"id": "more", "name": "割増", "citation": builders.CITED, **rule}]}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL statements sent meanwhile.

    Left out are those that begin a transaction, and the list of municipalities, which is read
    again by the clock: once a second, whatever page is asked for.
    """
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        if "set_config('app.tenant_id'" not in statement and "FROM tenant" not in statement:
            seen.append(" ".join(statement.split()))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _key(app: Flask, token: str) -> str:
    return keyed_hash(app.config["KAIKAN"].secret_key, "basket", token)
