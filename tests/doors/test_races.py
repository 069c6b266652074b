"""Two workers at once, many codes at one opening, a worker that dies: each code is made once."""

import itertools
import threading
from collections import Counter
from datetime import date, timedelta
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.locks import leases
from app.locks.states import GrantState
from app.usecases import planning_doors
from app.usecases.minding_doors import Worker
from tests.doors.hall import Hall, at
from tests.racing import race

COPIES = """
insert into booking overriding system value
select (jsonb_populate_record(b, jsonb_build_object(
         'id', b.id + n, 'number', 'N-' || n, 'basket_key', null))).*
  from booking b, generate_series(1, :count) n where b.id = :first
returning number
"""
LINES_OF_COPIES = """
insert into booking_line overriding system value
select (jsonb_populate_record(l, jsonb_build_object(
         'id', l.id + n, 'booking_id', l.booking_id + n,
         'on_date', ((l.starts_at + n * interval '1 hour') at time zone 'Asia/Tokyo')::date,
         'starts_at', l.starts_at + n * interval '1 hour',
         'ends_at', l.starts_at + (n + 1) * interval '1 hour'))).*
  from booking_line l, generate_series(1, :count) n where l.booking_id = :first
"""

pytestmark = pytest.mark.parametrize("mode", ["access_persons"], indirect=True)
HOURS: Final = range(9, 21)


def test_workers_at_once_ask_the_vendor_once_for_each_code(hall: Hall, hanako: Applicant):
    bookings = many(hall, hanako, 12)
    plan(hall)

    at_once(hall, 4)

    assert asked_for(hall) == Counter(dict.fromkeys([one.number for one in bookings], 1))
    assert all(hall.states(one) == [GrantState.PENDING] for one in bookings)


def test_without_the_lease_some_are_asked_for_twice(
    hall: Hall, hanako: Applicant, monkeypatch: pytest.MonkeyPatch
):
    """The negative control: what the lease is for does happen without it."""
    many(hall, hanako, 12)
    plan(hall)
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(leases, "next_deed", lambda **_: "issue")

    at_once(hall, 4)

    assert max(asked_for(hall).values()) > 1


def test_planners_at_once_wish_for_each_code_once(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    day = (1, at(10).date())
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        race(lambda _: planning_doors.plan_days([day], now=hall.clock.now), *range(6))

    assert len(hall.grants(booking)) == 1


def test_a_worker_that_died_holding_a_code_is_followed_by_another(hall: Hall, hanako: Applicant):
    booking = hall.has(hanako)
    plan(hall)
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        worker = Worker(hall.locks, lambda: hall.clock.now)
        dead = hall.does(worker._take)
    assert dead is not None

    hall.works()
    assert hall.states(booking) == [GrantState.ISSUING]  # its lease stands
    hall.moves(seconds=121)
    hall.works()

    assert asked_for(hall) == {booking.number: 1}
    assert hall.states(booking) == [GrantState.PENDING]


def test_five_hundred_at_one_opening_are_made_once_each_and_the_first_to_be_used_first(
    hall: Hall, hanako: Applicant
):
    """The vendor lets us ask 120 times a minute; two workers have what a first day brings."""
    bookings = first_day(hall, hanako, 500)
    hall.watches()
    hall.vendor.settings(rate_limit=120)

    made: list[set[str]] = []
    while len(asked_for(hall)) < 500:
        at_once(hall, 2)
        made.append(set(asked_for(hall)))
        hall.moves(seconds=61)
        assert len(made) < 20, [len(one) for one in made]

    assert asked_for(hall) == Counter(bookings)
    soonest = bookings[: len(made[0]) - 2]  # two that were under way may have come late
    assert set(soonest) <= made[0]
    assert hall.tasks() == []


def test_a_lease_counts_from_when_it_is_taken_however_long_a_run_lasts(
    hall: Hall, hanako: Applicant
):
    bookings = many(hall, hanako, 3)
    plan(hall)
    began, seconds = hall.clock.now, itertools.count(0, 3)  # three until it is asked again
    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        Worker(hall.locks, lambda: began + timedelta(seconds=next(seconds))).work()

    asked = [hall.grants(one)[0].asked_at for one in bookings]
    assert [(one - began).seconds for one in asked if one] == [0, 6, 12]


def test_one_renewal_of_a_token_serves_all_who_found_it_ended(hall: Hall, hanako: Applicant):
    many(hall, hanako, 8)
    plan(hall)
    hall.vendor.clock.stand_still(hall.clock.now + timedelta(hours=3))
    before = tokens(hall)

    at_once(hall, 4)

    assert tokens(hall) - before == 1


def first_day(hall: Hall, who: Applicant, count: int) -> list[str]:
    """Copy a booking, each copy an hour later; return the numbers, the soonest first."""
    first = hall.has(who)
    told = {"first": first.id, "count": count - 1}

    def copied(session: Session) -> list[str]:
        numbers = list(session.scalars(text(COPIES), told))
        session.execute(text(LINES_OF_COPIES), told)
        return [str(first.number), *numbers]

    return list(hall.does(copied))


def many(hall: Hall, who: Applicant, count: int) -> list[Booking]:
    places = [(day, hour) for day in range(3) for hour in HOURS][:count]
    return [
        hall.has(who, ("room-1", on(day), (hour, hour + 1)), key=f"{day} {hour}")
        for day, hour in places
    ]


def on(day: int) -> date:
    return at(10).date() + timedelta(days=2 * day)  # Tuesdays are closed


def plan(hall: Hall) -> None:
    with hall.app.app_context():
        for tenant_id, days in planning_doors.woken().items():
            with tenant_scope(tenant_id):
                planning_doors.plan_days(days, now=hall.clock.now)


def at_once(hall: Hall, workers: int) -> None:
    gate = threading.Barrier(workers)

    def work(_: int) -> int:
        gate.wait()
        return Worker(hall.locks, lambda: hall.clock.now).work()

    with hall.app.app_context(), tenant_scope(hall.tenant_id):
        race(work, *range(workers), within=60)


def asked_for(hall: Hall) -> Counter[str]:
    """Return how many persons the vendor has under each booking's number."""
    return Counter(one["attributes"]["name"].split()[0] for one in hall.vendor.cloud())


def tokens(hall: Hall) -> int:
    return len(hall.vendor.requests("POST", "/oauth/token"))
