"""Who did what, and which letters did not arrive."""

from datetime import date
from typing import Any

from sqlalchemy import text, update

from app.db import db
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity.permissions import Role, RoleKind
from app.identity.staff import members
from app.notify.models import Delivery
from app.notify.service import promise
from app.reports.exporting import note_bookings
from app.reports.history import Asked, audit_page, history_of
from app.reports.letters import failed_jobs, undelivered
from app.reports.selection import Filters
from tests import builders
from tests.builders import HOUR, MONDAY_9AM
from tests.reports.situations import a_booking
from tests.usecases import steps


def page(found: Catalogue, **asked: Any) -> list[Any]:
    limit = asked.pop("limit", 50)
    return audit_page(db.session(), Asked(found.zone, **asked), limit=limit)


class TestHistory:
    def test_staff_are_named_once_although_they_manage_two_halls(self, midori: Catalogue):
        account_id = builders.a_staff_member()
        with tenant_scope(midori.tenant_id):
            made = a_booking(midori)
            actor = Actor("staff", account_id=account_id)
            steps.cancel(midori, made, actor=actor, now=MONDAY_9AM + HOUR)
            everywhere = [Role(kind, hall.id) for kind in RoleKind for hall in midori.facilities]
            in_transaction(
                lambda session: members.employ(
                    session, account_id, name="管理 太郎", roles=everywhere, now=MONDAY_9AM
                )
            )

            found = history_of(db.session(), made.booking.id)

        assert [(one.action, one.actor_name, one.is_applicant) for one in found] == [
            ("booking.made", None, True),
            ("booking.cancelled", "管理 太郎", False),
        ]
        assert found[1].line_ids == [made.lines[0].id]

    def test_pages_of_the_audit_do_not_shift_when_something_new_happens(self, midori: Catalogue):
        for hour in range(9, 14):
            a_booking(midori, ("lobby", date(2027, 3, 8), (hour, hour + 1)))

        first = page(midori, limit=2)
        a_booking(midori, ("lobby", date(2027, 3, 8), (15, 16)))
        second = page(midori, limit=2, before=first[-1].entry_id)

        ids = [one.entry_id for one in (*first, *second)]
        assert ids == sorted(ids, reverse=True)
        assert len(set(ids)) == 4

    def test_by_number_and_by_day(self, midori: Catalogue):
        made = a_booking(midori)
        a_booking(midori, ("room-2", date(2027, 3, 8), (9, 10)))

        assert len(page(midori, number=made.booking.number)) == 1
        assert len(page(midori, from_day=date(2027, 3, 1), to_day=date(2027, 3, 1))) == 2
        assert page(midori, from_day=date(2027, 3, 2)) == []

    def test_an_export_is_there_with_its_filters_and_rows(self, midori: Catalogue):
        a_booking(midori)
        clerk = Actor("staff", account_id=builders.an_account("clerk@example.jp"))
        with tenant_scope(midori.tenant_id):
            rows = note_bookings(
                Filters(midori.zone, MONDAY_9AM),
                {"format": "csv", "filters": {"from": "2027-03-01"}},
                actor=clerk,
                now=MONDAY_9AM,
            )

            newest = page(midori)[0]

        assert rows == 1
        assert newest.action == "bookings.exported"
        assert newest.actor_email == "clerk@example.jp"
        assert newest.facts == {"format": "csv", "filters": {"from": "2027-03-01"}, "rows": 1}

    def test_sign_ins_and_other_municipalities_are_not_there(self, midori: Catalogue):
        aoba = builders.catalogue_of("aoba")
        a_booking(aoba, slug="aoba")

        assert page(midori) == []


class TestLetters:
    def fail(self, template: str) -> None:
        db.session.execute(
            update(Delivery)
            .where(Delivery.template == template)
            .values(state="failed", error="550")
        )

    def test_each_names_its_booking_and_whom_to_call(self, midori: Catalogue):
        made = a_booking(midori, paid=True)
        steps.cancel(midori, made)
        promise(db.session(), "sign_in_code", subject_id=made.booking.id, email="x@y.jp",
                now=MONDAY_9AM)  # fmt: skip
        for template in ("booking_made", "booking_cancelled", "sign_in_code"):
            self.fail(template)

        found = {one.template: one for one in undelivered(db.session())}

        number = made.booking.number
        assert {t: one.number for t, one in found.items()} == {
            "booking_made": number,
            "booking_cancelled": number,
            "sign_in_code": None,
        }
        assert found["booking_cancelled"].phone == "090-0000-0000"
        assert found["booking_made"].error == "550"

    def test_jobs_of_other_municipalities_are_not_counted(self, midori: Catalogue):
        for tenant_id in (midori.tenant_id, midori.tenant_id + 1):
            db.session.execute(
                text(
                    "insert into procrastinate_jobs (queue_name, task_name, args, status) values"
                    " ('kaikan', 'deliver_letter',"
                    " jsonb_build_object('tenant_id', cast(:t as int)), 'failed')"
                ),
                {"t": tenant_id},
            )

        assert failed_jobs(db.session()) == 1
