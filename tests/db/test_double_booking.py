"""No piece of floor is taken twice, whoever asks at once."""

from sqlalchemy import text

from app.booking.service.baskets import Chooser
from app.db import db
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.usecases.applying import apply
from app.usecases.choosing import choose
from tests import builders

OVERLAPS = """
select count(*) from occupancy a join occupancy b
  on a.tenant_id = b.tenant_id and a.space_id = b.space_id and a.id < b.id
 and a.live and b.live and a.starts_at < b.ends_at and b.starts_at < a.ends_at
"""


def test_the_thread_runs(app):
    with app.app_context():
        hanako = builders.a_resident()
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            chosen = choose(
                found,
                Chooser("k1", "resident"),
                [
                    builders.a_wish(found),
                    builders.a_wish(found, hours=(12, 13)),
                    builders.a_wish(found, "hall", hours=(9, 12)),
                    builders.a_wish(found, "hall-east", hours=(9, 12)),
                ],
                now=builders.MONDAY_9AM,
            )
            print(chosen)
            made = apply(
                found,
                "k1",
                hanako,
                builders.some_answers(),
                actor=Actor("resident", hanako.account_id),
                now=builders.MONDAY_9AM,
            )
            print(
                made.booking.number,
                made.booking.state,
                made.booking.fee_yen,
                made.booking.due_at,
                [(l.starts_at, l.ends_at, l.fee_yen) for l in made.lines],
            )
            assert db.session.scalar(text(OVERLAPS)) == 0
            again = apply(
                found,
                "k1",
                hanako,
                builders.some_answers(),
                actor=Actor("resident", hanako.account_id),
                now=builders.MONDAY_9AM,
            )
            assert not again.is_new
