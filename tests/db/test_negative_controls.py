"""The same races with the guard off: they happen, and the tests see it."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import SPACE_TAKEN_ONCE
from app.booking.occupancy import Claim
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused
from tests import builders
from tests.builders import MONDAY_9AM
from tests.db import proof
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps

pytestmark = pytest.mark.race

GUARD_OFF = f"""
alter table occupancy drop constraint {SPACE_TAKEN_ONCE},
  add constraint {SPACE_TAKEN_ONCE} exclude using gist (tenant_id with =, id with =) where (live)
"""
PLAIN = text(
    "insert into occupancy (tenant_id, space_id, starts_at, ends_at, kind, closure_id, live)"
    " values (:tenant, :space, :from, cast(:from as timestamptz) + interval '2 hours', 'closure',"
    " :closure, true)"
)


def test_without_the_constraint_one_slot_goes_to_everybody(
    midori: Catalogue, database: psycopg.Connection
):
    database.execute(GUARD_OFF)
    wish = builders.a_wish(midori)

    came = race(
        lambda key: steps.codes(steps.choose(midori, key, wish)),
        *(steps.new_key() for _ in range(10)),
    )

    assert came.results == [[]] * 10
    assert proof.overlaps(database) == 10 * 9 / 2
    with pytest.raises(AssertionError, match="a piece of floor is taken twice"):
        proof.assert_whole(database)


def test_without_the_constraint_the_hall_and_its_halves_are_all_had(
    midori: Catalogue, database: psycopg.Connection
):
    database.execute(GUARD_OFF)

    came = race(
        lambda room: steps.codes(
            steps.choose(midori, steps.new_key(), builders.a_wish(midori, room, hours=(9, 12)))
        ),
        *["hall", "hall-east", "hall-west"],
    )

    assert came.results == [[]] * 3
    assert proof.overlaps(database) == 2


def test_looking_before_writing_does_not_replace_it(
    midori: Catalogue, database: psycopg.Connection
):
    """What most systems do: look, find it free, write. All look before anybody has written."""
    database.execute(GUARD_OFF)
    values = a_place(midori)
    looked = Barrier(8, timeout=20)

    def look_then_write(_: int) -> None:
        def work(session: Session) -> None:
            taken = session.scalar(
                text(
                    "select count(*) from occupancy where live and space_id = :space"
                    " and starts_at < cast(:from as timestamptz) + interval '2 hours'"
                    " and :from < ends_at"
                ),
                values,
            )
            looked.wait()
            if taken:
                raise Refused(Refusal("slot.taken"))
            session.execute(PLAIN, values)

        in_transaction(work)

    came = race(look_then_write, *range(8))

    assert len(came.results) == 8
    assert proof.overlaps(database) == 8 * 7 / 2


def test_counting_before_writing_does_not_keep_a_quota(
    midori: Catalogue, database: psycopg.Connection
):
    """Without the applicant's row locked first, two requests count the same and both go through."""
    most_one = counted_then_booked(midori, lock=False)

    assert len(race(most_one, *range(4)).results) == 4
    assert one(database, "select count(*) from booking") == 4


def test_counting_under_the_lock_keeps_it(midori: Catalogue, database: psycopg.Connection):
    most_one = counted_then_booked(midori, lock=True)

    assert len(race(most_one, *range(4)).results) == 1
    assert one(database, "select count(*) from booking") == 1


def test_floor_taken_in_opposing_orders_ends_in_a_deadlock_and_the_loser_runs_again(
    midori: Catalogue, database: psycopg.Connection
):
    """What sorting in one statement prevents; ON CONFLICT alone does not."""
    before = proof.deadlocks(database)
    east, west = midori.room(builders.room_id(midori, "hall"))[1].space_ids
    closure = a_place(midori)["closure"]
    half_way = Barrier(2, timeout=20)
    runs: list[int] = []

    def take(order: tuple[int, int]) -> int:
        def work(session: Session) -> int:
            runs.append(order[0])
            first_time = runs.count(order[0]) == 1
            had = 0
            for space in order:
                claim = Claim(space, MONDAY_9AM, MONDAY_9AM + builders.HOUR, closure_id=closure)
                had += len(occupancy.take(session, [claim], kind="closure"))
                if space == order[0] and first_time:
                    half_way.wait()
            return had

        return in_transaction(work)

    came = race(take, (east, west), (west, east))

    assert sorted(came.results) == [0, 2]
    assert len(runs) == 3
    assert proof.deadlocks(database) - before == 1
    assert proof.overlaps(database) == 0


def a_place(midori: Catalogue) -> dict[str, Any]:
    """Return a piece of floor, a time and an owner for rows written by hand."""
    space = midori.room(builders.room_id(midori))[1].space_ids[0]
    closure = in_transaction(
        lambda session: session.scalar(
            text(
                "insert into closure (tenant_id, facility_id, kind, name, created_at)"
                " values (:tenant, :facility, 'closure', '', :now) returning id"
            ),
            {"tenant": current_tenant(), "facility": midori.facilities[0].id, "now": MONDAY_9AM},
        )
    )
    return {"tenant": current_tenant(), "space": space, "closure": closure, "from": MONDAY_9AM}


def counted_then_booked(midori: Catalogue, *, lock: bool) -> Callable[[int], None]:
    """Return work that books once at most, as far as it can count."""
    person = builders.a_resident()
    values = {"tenant": midori.tenant_id, "account": person.account_id, "now": MONDAY_9AM}
    counted = Barrier(4, timeout=20)

    def work(session: Session, n: int) -> None:
        if lock:
            session.execute(
                text("select id from resident where account_id = :account for no key update"),
                values,
            )
        had = session.scalar(
            text("select count(*) from booking where account_id = :account"), values
        )
        if not lock:
            counted.wait()
        if had:
            raise Refused(Refusal("quota.reached"))
        session.execute(
            text(
                "insert into booking (tenant_id, state, number, account_id, is_by_staff,"
                " touched_at, answers, fee_yen) values (:tenant, 'confirmed', :number, :account,"
                " false, :now, '{}', 0)"
            ),
            {**values, "number": f"{n:08d}"},
        )

    return lambda n: in_transaction(lambda session: work(session, n))
