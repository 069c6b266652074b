"""Opening rush: fifty people want the same hours of the same room at the same moment."""

from datetime import timedelta
from itertools import count

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.floor import SPACE_TAKEN_ONCE, Closure
from app.booking.service.baskets import Chooser
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.usecases.choosing import choose
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY
from tests.db.proof import one
from tests.racing import percentile, race

pytestmark = pytest.mark.race

CLIENTS, ROUNDS = 50, 12
OPEN_DAYS = [NEXT_MONDAY + timedelta(days=n) for n in (0, 2, 3, 4)]
SLOTS = [
    (room, on, (hour, hour + 2))
    for on in OPEN_DAYS
    for room in ("room-1", "room-2")
    for hour in (9, 12, 15)
]


def test_of_fifty_people_at_one_slot_one_has_it_and_each_other_is_told_so(
    midori: Catalogue, sound: psycopg.Connection, capsys: pytest.CaptureFixture[str]
):
    keys, seconds = count(), []

    for room, on, hours in SLOTS[:ROUNDS]:
        wish = builders.a_wish(midori, room, on=on, hours=hours)

        def try_to_hold(key: int, wish=wish) -> list[str]:
            chosen = choose(midori, Chooser(f"k{key}", "resident"), [wish], now=MONDAY_9AM)
            return [refusal.code for refusal in chosen.refused.get(wish, ())]

        came = race(try_to_hold, *(next(keys) for _ in range(CLIENTS)))
        seconds += came.seconds
        assert sorted(came.results) == [[]] + [["slot.taken"]] * (CLIENTS - 1)

    assert one(sound, "select count(*) from occupancy where live") == ROUNDS
    bare = bare_inserts(midori)
    with capsys.disabled():
        print(
            f"\n  {ROUNDS} rushes of {CLIENTS} at one slot:"
            f" p50 {percentile(seconds, 50):.0f} ms, p99 {percentile(seconds, 99):.0f} ms."
            f" The INSERT ... ON CONFLICT beneath, alone:"
            f" p50 {percentile(bare, 50):.0f} ms, p99 {percentile(bare, 99):.0f} ms."
        )


def bare_inserts(midori: Catalogue) -> list[float]:
    """Measure the same rush of nothing but the statement that decides it."""
    space = midori.room(builders.room_id(midori))[1].space_ids[0]
    closure = in_transaction(a_closure(midori))
    seconds = []
    for number in range(ROUNDS):
        values = {
            "tenant": current_tenant(),
            "space": space,
            "closure": closure,
            "from": MONDAY_9AM + timedelta(days=400 + number),
        }

        def insert(_: int, values=values) -> int | None:
            return in_transaction(lambda session: session.scalar(BARE, values))

        came = race(insert, *range(CLIENTS))
        seconds += came.seconds
        assert len([won for won in came.results if won is not None]) == 1
    return seconds


BARE = text(
    "insert into occupancy (tenant_id, space_id, starts_at, ends_at, kind, closure_id, live)"
    " values (:tenant, :space, :from, cast(:from as timestamptz) + interval '2 hours', 'closure',"
    f" :closure, true) on conflict on constraint {SPACE_TAKEN_ONCE} do nothing returning id"
)


def a_closure(midori: Catalogue):
    """Return work that makes an owner for rows of floor."""

    def make(session: Session) -> int:
        closure = Closure(
            tenant_id=current_tenant(),
            facility_id=midori.facilities[0].id,
            kind="closure",
            name="棚卸し",
            created_at=MONDAY_9AM,
        )
        session.add(closure)
        session.flush()
        return closure.id

    return make
