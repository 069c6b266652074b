"""A municipality never sees or touches another's rows, whatever the code above forgets."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from app.booking.floor import Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.service.application import Applicant
from app.db import Base, TenantOwned, db
from app.db.audit import SERVICE, AuditEntry, note
from app.db.roles import OWNER, WEB
from app.db.session import current_tenant, in_transaction, sqlstate, tenant_scope
from app.facilities.catalogue import Catalogue
from app.facilities.models import Room, RoomSpace
from app.payments.models import LedgerEntry
from tests import builders
from tests.builders import MONDAY_9AM
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps

DENIED, MISSING, APPEND_ONLY, NOT_ALLOWED = "42501", "23503", "P0001", "42501"

TABLES_WITH_A_TENANT = """
select c.relname from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
 where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
"""


def names(database: psycopg.Connection, query: str) -> set[str]:
    return {row[0] for row in database.execute(query)}


def refused(work: Callable[[Session], Any], *, as_owner: bool = False) -> str | None:
    """Return PostgreSQL's code for what it did not let happen."""
    with pytest.raises(DBAPIError) as error:
        in_transaction(work, as_owner=as_owner)
    return sqlstate(error.value)


def running(statement: str, **values: Any) -> Callable[[Session], Any]:
    return lambda session: session.execute(text(statement), values)


@pytest.fixture
def hanako(midori: Catalogue) -> Applicant:
    return builders.a_resident()


@pytest.fixture
def aoba(midori: Catalogue) -> Catalogue:
    return builders.catalogue_of("aoba")


# A row in each table that booking alone leaves empty.
FILLING = (
    "insert into api_token (tenant_id, name, token_hash, rights, created_at)"
    " values (:tenant, '', '', '', now())",
    "insert into closure (tenant_id, facility_id, kind, name, created_at)"
    " values (:tenant, :facility, 'closure', '', now())",
    "insert into idempotent_answer (tenant_id, token_id, key, request_hash, asked_at)"
    " values (:tenant, 1, '', '', now())",
    "insert into entitlement (tenant_id, account_id, waiver, name, percent, valid_from,"
    " valid_to, granted_at) select :tenant, id, '', '', 50, now(), now(), now()"
    " from account limit 1",
    "insert into waiver_request (tenant_id, account_id, waiver, name, state, asked_at)"
    " select :tenant, id, '', '', 'asked', now() from account limit 1",
    "insert into rule_cases (tenant_id, published_at, document) values (:tenant, now(), '{}')",
    "insert into rule_draft (tenant_id, facility_id, subject, effective_from, document,"
    " note, state, editors, created_at, changed_at)"
    " values (:tenant, :facility, 'fees', now(), '{}', '', 'open', '{}', now(), now())",
    "insert into staff_invitation (tenant_id, email, name, roles, salt, is_anew,"
    " created_at, expires_at) values (:tenant, '', '', '[]', '', false, now(), now())",
    "insert into booking_change (tenant_id, booking_id, at, is_by_applicant, lines,"
    " more_yen, back_yen) select :tenant, id, now(), true, '[]', 0, 0 from booking limit 1",
    "insert into waiver_step (tenant_id, request_id, state, words, at)"
    " select :tenant, id, 'asked', '', now() from waiver_request",
    "insert into waiver_paper (tenant_id, request_id, name, media_type, content, sent_at)"
    " select :tenant, id, '', '', '', now() from waiver_request",
    "insert into actual_use (tenant_id, booking_line_id, remark, version)"
    " select :tenant, id, '', 1 from booking_line limit 1",
    "insert into hand_over_note (tenant_id, facility_id, body, form_key, written_at,"
    " written_by) values (:tenant, :facility, '', '', now(), 1)",
    "insert into review_step (tenant_id, booking_id, at, state, words, grounds)"
    " select :tenant, id, now(), 'granted', '', '[]' from booking limit 1",
    "insert into saved_report (tenant_id, account_id, name, question, period, is_mailed,"
    " saved_at) select :tenant, id, '', '{}', 'days', false, now() from account limit 1",
    "insert into report_mailing (tenant_id, report_id, month)"
    " select :tenant, id, current_date from saved_report",
    "insert into receipt_count (tenant_id, payee, fiscal_year, last)"
    " values (:tenant, 'city', 2026, 1)",
    "insert into receipt (tenant_id, payee, fiscal_year, number, booking_id, entry_id, yen,"
    " tax_percent, addressee, issuer, issued_at, copies) select :tenant, 'city', 2026, 1,"
    " booking_id, id, 1, 10, '', '', now(), 0 from ledger_entry limit 1",
    "insert into paper_count (tenant_id, kind, payee, fiscal_year, last)"
    " values (:tenant, 'permit', 'city', 2026, 1)",
    "insert into paper (tenant_id, kind, payee, fiscal_year, number, booking_id, facts,"
    " document, issued_at, copies) select :tenant, 'permit', 'city', 2026, 1, id, '{}', '{}',"
    " now(), 0 from booking limit 1",
    "insert into cash_day (tenant_id, on_date, expected_yen, counted_yen, remark,"
    " closed_at, closed_by)"
    " select :tenant, current_date, 0, 0, '', now(), id from account limit 1",
    "insert into payee_account (tenant_id, payee, mode, account, legal_basis, announced, ways,"
    " checked_at, proposed_at, proposed_by)"
    " values (:tenant, 'city', 'connect', '', '', '', '{}', now(), now(), 1)",
    "insert into payment_attempt (tenant_id, key, payee, payee_account_id, account_id, way, yen,"
    " told, state, begun_at, ends_at, looked_at) select :tenant, '', 'city', id, 1, 'card', 1,"
    " '{}', 'begun', now(), now(), now() from payee_account",
    "insert into payment_part (tenant_id, attempt_id, booking_id, yen, is_open)"
    " select :tenant, a.id, b.id, 1, true from payment_attempt a, booking b limit 1",
    "insert into refund (tenant_id, booking_id, payee, yen, payment_id, method, reason, citation,"
    " state, tries, round, asked_at, remark) select :tenant, booking_id, 'city', 1, id, 'cash',"
    " '', '', 'due', 0, 0, now(), '' from ledger_entry limit 1",
    "insert into money_task (tenant_id, kind, about, facts, made_at, remark)"
    " values (:tenant, '', '', '{}', now(), '')",
    "insert into review_reminder (tenant_id, account_id, on_date)"
    " select :tenant, id, current_date from account limit 1",
    "insert into made_file (tenant_id, account_id, kind, question, disposition, state,"
    " rows_done, rows_all, tries, asked_at)"
    " select :tenant, id, '', '{}', '', 'done', 0, 0, 0, now() from account limit 1",
    "insert into made_file_piece (tenant_id, file_id, place, content)"
    " select :tenant, id, 0, '' from made_file",
    "insert into public_link (tenant_id, kind, name, facility_id, salt, made_at, made_by)"
    " select :tenant, 'screen', '', :facility, '', now(), id from account limit 1",
    "insert into screen_notice (tenant_id, facility_id, words, until, put_at, put_by)"
    " select :tenant, :facility, '', now(), now(), id from account limit 1",
    "insert into lock_account (tenant_id, provider, name, mode, site, client_ref, zone, made_at)"
    " values (:tenant, 'manual', '', '', '', '', 'Asia/Tokyo', now())",
    "insert into door (tenant_id, facility_id, account_id, device_ref, name, place, is_alone,"
    " is_shared, before_minutes, after_minutes, position) select :tenant, :facility, id, '', '',"
    " '', false, true, 0, 0, 0 from lock_account",
    "insert into door_room (tenant_id, door_id, room_id) select :tenant, d.id, r.id"
    " from door d, room r limit 1",
    "insert into access_grant (tenant_id, key, booking_id, facility_id, account_id, on_date,"
    " is_wanted, starts_at, ends_at, version, told_version, state, refs, is_by_hand, is_blocked,"
    " tries, made_at) select :tenant, '', b.id, :facility, a.id, current_date, true, now(),"
    " now() + interval '1 hour', 1, 0, 'planned', '{}', false, false, 0, now()"
    " from lock_account a, booking b limit 1",
    "insert into door_contact (tenant_id, facility_id, name, phone, hours, changed_at)"
    " values (:tenant, :facility, '', '', '', now())",
    "insert into door_photo (tenant_id, door_id, jpeg, made_at) select :tenant, d.id, '', now()"
    " from door d",
    "insert into access_grant_door (tenant_id, grant_id, door_id, device_ref, position, state)"
    " select :tenant, g.id, d.id, '', 0, 'pending' from access_grant g, door d",
    "insert into access_grant_line (tenant_id, grant_id, line_id) select :tenant, g.id, l.id"
    " from access_grant g, booking_line l limit 1",
    "insert into lock_notice (tenant_id, account_id, event_ref, state, received_at)"
    " select :tenant, id, '', 'new', now() from lock_account",
    "insert into door_task (tenant_id, kind, about, facts, made_at, remark)"
    " values (:tenant, '', '', '{}', now(), '')",
    "insert into displacement (tenant_id, closure_id, booking_line_id, at, is_mailed)"
    " select :tenant, c.id, l.id, now(), false from closure c, booking_line l limit 1",
)


class TestTheCatalogueSays:
    def test_every_table_with_a_tenant_is_forced_under_a_policy(self, database: psycopg.Connection):
        guarded = names(
            database,
            f"""
            {TABLES_WITH_A_TENANT} and c.relrowsecurity and c.relforcerowsecurity
              and exists (select from pg_policy p where p.polrelid = c.oid
                           and p.polcmd = '*' and p.polpermissive
                           and pg_get_expr(p.polqual, p.polrelid)
                             = '(tenant_id = (NULLIF(current_setting(''app.tenant_id''::text, true)'
                            || ', ''''::text))::integer)'
                           and pg_get_expr(p.polwithcheck, p.polrelid)
                             = pg_get_expr(p.polqual, p.polrelid))
              and 1 = (select count(*) from pg_policy p where p.polrelid = c.oid)
            """,
        )

        assert guarded == names(database, TABLES_WITH_A_TENANT)

    def test_every_mapped_class_of_a_municipality_is_among_them(self, database: psycopg.Connection):
        mapped = {
            mapper.local_table.name
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, TenantOwned) or "tenant_id" in mapper.local_table.columns
        }

        assert mapped == names(database, TABLES_WITH_A_TENANT)

    def test_every_table_of_ours_is_of_a_municipality_or_global_on_purpose(
        self, database: psycopg.Connection
    ):
        ours = names(
            database,
            "select relname from pg_class where relkind in ('r', 'p')"
            " and relnamespace = 'public'::regnamespace and relname not like 'procrastinate%'",
        )

        assert ours - names(database, TABLES_WITH_A_TENANT) == {
            "account", "alembic_version", "sign_in_attempt", "signed_in", "tenant",
            "passkey", "recovery_code", "staff_proof", "wrong_try", "provider_notice", "door_wake",
        }  # fmt: skip

    def test_every_key_and_index_of_such_a_table_begins_with_the_tenant(
        self, database: psycopg.Connection
    ):
        wrong = names(
            database,
            f"""
            select i.indexrelid::regclass::text from pg_index i
              join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
             where i.indrelid in (select c.oid from pg_class c
                                   where c.relname in ({TABLES_WITH_A_TENANT}))
               and a.attname <> 'tenant_id'
            """,
        )

        assert wrong == set()

    def test_every_foreign_key_between_such_tables_carries_the_tenant(
        self, database: psycopg.Connection
    ):
        wrong = names(
            database,
            f"""
            select f.conname from pg_constraint f
              join pg_class t on t.oid = f.confrelid
              join pg_class c on c.oid = f.conrelid
             where f.contype = 'f' and t.relname in ({TABLES_WITH_A_TENANT})
               and not exists (
                     select from unnest(f.conkey, f.confkey) as k (here, there)
                       join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.here
                       join pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.there
                      where a.attname = 'tenant_id' and b.attname = 'tenant_id')
            """,
        )

        assert wrong == set()

    def test_no_view_looks_past_the_policies_of_its_reader(self, database: psycopg.Connection):
        views = names(
            database,
            "select relname from pg_class where relkind in ('v', 'm')"
            " and relnamespace = 'public'::regnamespace"
            " and not coalesce(reloptions @> '{security_invoker=true}', false)",
        )

        assert views == set()

    def test_only_one_extension_is_needed(self, database: psycopg.Connection):
        assert names(database, "select extname from pg_extension") == {"plpgsql", "btree_gist"}


class TestAnotherMunicipality:
    def test_sees_nothing_in_any_table(
        self,
        midori: Catalogue,
        database: psycopg.Connection,
        hanako: Applicant,
        aoba: Catalogue,
    ):
        self.fill(midori, hanako)
        own = {"facility", "room", "room_space", "rule_version", "space", "policy_version"}

        for table in names(database, TABLES_WITH_A_TENANT):
            everybody = one(database, f"select count(*) from {table} where tenant_id = 1")
            assert everybody, f"put something into {table}"
            for scope, expected in ((aoba.tenant_id, table in own), (None, False)):
                with tenant_scope(scope):
                    seen = db.session.execute(
                        text(f"select count(*), count(*) filter (where tenant_id = 1) from {table}")
                    ).one()
                    db.session.rollback()
                assert (bool(seen[0]), seen[1]) == (expected, 0), (table, scope)

    def fill(self, midori: Catalogue, hanako: Applicant) -> None:
        """Put a row of みどり市 into every table."""
        made = steps.book(midori, hanako, builders.a_wish(midori))
        builders.a_staff_member()
        facility = midori.facilities[0].id
        for statement in FILLING:
            in_transaction(running(statement, tenant=midori.tenant_id, facility=facility))
        assert made.is_new

    def test_changes_and_deletes_nothing(
        self, midori: Catalogue, database: psycopg.Connection, hanako: Applicant, aoba: Catalogue
    ):
        steps.book(midori, hanako, builders.a_wish(midori))

        with tenant_scope(aoba.tenant_id):
            for statement in (
                "update booking set notes = 'ours'",
                "delete from occupancy",
                "delete from booking_line",
                "update resident set name = 'ours'",
            ):
                in_transaction(running(statement))

        assert one(database, "select count(*) from occupancy") == 1
        assert one(database, "select count(*) from booking where notes = 'ours'") == 0
        assert one(database, "select count(*) from resident where name = 'ours'") == 0

    def test_can_not_be_written_for(self, midori: Catalogue, aoba: Catalogue):
        def write(session: Session) -> None:
            session.execute(
                insert(Booking).values(
                    tenant_id=aoba.tenant_id, state="draft", touched_at=MONDAY_9AM, answers={},
                    fee_yen=0, is_by_staff=False,
                )
            )  # fmt: skip

        assert refused(write) == DENIED

    def test_can_not_be_given_a_row(self, midori: Catalogue, hanako: Applicant, aoba: Catalogue):
        steps.book(midori, hanako, builders.a_wish(midori))

        give = running("update booking set tenant_id = :other", other=aoba.tenant_id)

        assert refused(give) == DENIED

    def test_has_rooms_that_ours_can_not_point_at(
        self, midori: Catalogue, hanako: Applicant, aoba: Catalogue
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        booking, line = made.booking.id, made.lines[0].id
        theirs = aoba.facilities[0].rooms[0]
        mine = {"tenant_id": midori.tenant_id, "starts_at": MONDAY_9AM,
                "ends_at": MONDAY_9AM + builders.HOUR}  # fmt: skip
        for table, values in (
            (BookingLine, {"booking_id": booking, "facility_id": theirs.facility_id,
                           "room_id": theirs.id, "state": "held", "slots": 1,
                           "on_date": builders.TODAY}),
            (Occupancy, {"space_id": theirs.space_ids[0], "kind": "booking", "live": True,
                         "booking_line_id": line}),
        ):  # fmt: skip
            statement = insert(table).values(**mine, **values)
            assert refused(lambda session, s=statement: session.execute(s)) == MISSING

    def test_has_bookings_that_ours_can_not_point_at(
        self, midori: Catalogue, hanako: Applicant, aoba: Catalogue
    ):
        theirs = steps.book(midori, hanako, builders.a_wish(midori)).booking.id
        room = aoba.facilities[0].rooms[0]
        with tenant_scope(aoba.tenant_id):
            line = insert(BookingLine).values(
                tenant_id=aoba.tenant_id, booking_id=theirs, facility_id=room.facility_id,
                room_id=room.id, state="held", slots=1, on_date=builders.TODAY,
                starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + builders.HOUR,
            )  # fmt: skip
            entry = insert(LedgerEntry).values(
                tenant_id=aoba.tenant_id, booking_id=theirs, kind="charge", yen=1,
                entered_at=MONDAY_9AM,
            )  # fmt: skip
            for statement in (line, entry):
                assert refused(lambda session, s=statement: session.execute(s)) == MISSING

    def test_and_another_hall_of_our_own_has_rooms_that_a_line_can_not_mix_up(
        self, midori: Catalogue, hanako: Applicant
    ):
        made = steps.book(midori, hanako, builders.a_wish(midori))
        chuo, kita = midori.facilities
        line = insert(BookingLine).values(
            tenant_id=midori.tenant_id, booking_id=made.booking.id, facility_id=kita.id,
            room_id=chuo.rooms[0].id, state="held", slots=1, on_date=builders.TODAY,
            starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + builders.HOUR,
        )  # fmt: skip

        assert refused(lambda session: session.execute(line)) == MISSING


class TestTheSettingOfATransaction:
    def test_does_not_leak_through_the_pool(self, midori: Catalogue, aoba: Catalogue):
        """20 threads, alternating municipalities and none, commits and rollbacks mixed."""
        tenants = [midori.tenant_id, aoba.tenant_id, None]
        expected = {midori.tenant_id: {1}, aoba.tenant_id: {2}, None: set()}
        assert (midori.tenant_id, aoba.tenant_id) == (1, 2)

        def work(seed: int) -> int:
            order = random.Random(seed)
            for _ in range(60):
                tenant_id = order.choice(tenants)
                with tenant_scope(tenant_id):
                    seen = set(db.session.scalars(select(Room.tenant_id)))
                    assert seen == expected[tenant_id]
                    if order.random() < 0.3:
                        with pytest.raises(ProgrammingError):
                            db.session.execute(text("do $$ begin raise exception 'no'; end $$"))
                    db.session.commit() if order.random() < 0.5 else db.session.rollback()
                    assert set(db.session.scalars(select(Room.tenant_id))) == seen
            return 1

        assert sum(race(work, *range(20)).results) == 20

    def test_is_gone_from_the_connection_afterwards(self, midori: Catalogue):
        db.session.execute(select(Room.id))
        db.session.commit()

        with db.engine.connect() as connection:
            assert connection.scalar(text("select current_setting('app.tenant_id')")) == ""
            assert connection.scalar(text("select count(*) from room")) == 0

    def test_a_scope_that_changes_ends_what_was_begun_in_the_other(
        self, midori: Catalogue, aoba: Catalogue
    ):
        db.session.execute(select(Room.id))
        with tenant_scope(aoba.tenant_id):
            assert set(db.session.scalars(select(Room.tenant_id))) == {aoba.tenant_id}
        assert set(db.session.scalars(select(Room.tenant_id))) == {midori.tenant_id}
        db.session.rollback()

    def test_a_scope_undoes_what_no_use_case_committed(self, midori: Catalogue):
        with tenant_scope(midori.tenant_id):
            note(db.session(), SERVICE, "tried", subject="room", subject_id=1, now=MONDAY_9AM)
        with tenant_scope(midori.tenant_id):
            assert db.session.scalars(select(AuditEntry.action)).all() == []

    def test_a_scope_that_only_read_leaves_its_statements_prepared(self, midori: Catalogue):
        read = text("select count(*) from room")
        kept = text("select count(*) from pg_prepared_statements where statement = :read")
        found = []
        for _ in range(100):  # whichever connection of the pool it is
            with tenant_scope(midori.tenant_id):
                db.session.execute(read)
                found.append(db.session.scalar(kept, {"read": str(read)}))
        assert found[-1] == 1

    def test_without_a_municipality_nothing_can_be_written(self, midori: Catalogue):
        with tenant_scope(None), pytest.raises(RuntimeError, match="no municipality"):
            current_tenant()


FORBIDDEN = [
    "insert into tenant (slug, code, name, kana, zone, catalogue_revision)"
    " values ('x', '000000', '', '', '', 0)",
    "update tenant set name = ''",
    "update policy_version set document = '{}'",
    "update rule_version set document = '{}'",
    "delete from rule_version",
    "truncate policy_version",
    "update tenant set slug = ''",
    "delete from rule_draft",
    "update room set capacity = 1",
    "delete from space",
    "insert into room_space select * from room_space",
    "delete from staff",
    "update staff_role set role = 'auditor'",
    "delete from staff_invitation",
    "delete from staff_proof",
    "update ledger_entry set yen = 0",
    "delete from ledger_entry",
    "update audit_entry set action = ''",
    "delete from audit_entry",
    "truncate audit_entry",
    "update account set email = ''",
    "delete from account",
    "delete from delivery",
    "delete from resident",
    "alter table booking disable row level security",
    "drop policy tenant_isolation on booking",
    "create table mine (id int)",
    "create function mine() returns int language sql as 'select 1'",
    "select setval('booking_count', 1)",
    "set local session_replication_role = 'replica'",
]


class TestTheWebRole:
    def test_is_neither_superuser_nor_owner_nor_exempt(self, database: psycopg.Connection):
        with db.engine.connect() as connection:
            assert connection.scalar(text("select current_user")) == WEB
        assert database.execute(
            "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
            " from pg_roles where rolname = %s",
            [WEB],
        ).fetchone() == (False, False, False, False, False)
        owned = "select relname from pg_class where relowner = 'kaikan_web'::regrole"
        assert names(database, owned) == set()
        member_of = "select pg_has_role('kaikan_web', 'kaikan_owner', 'member')::text"
        assert names(database, member_of) == {"false"}

    def test_the_tables_belong_to_the_other_role(self, database: psycopg.Connection):
        owners = names(
            database,
            "select distinct pg_get_userbyid(relowner) from pg_class"
            " where relkind in ('r', 'p', 'S') and relnamespace = 'public'::regnamespace",
        )

        assert owners == {OWNER}

    def test_may_not_change_what_is_not_its_own(self, midori: Catalogue):
        allowed = [one for one in FORBIDDEN if refused(running(one)) != NOT_ALLOWED]

        assert allowed == []

    def test_may_not_switch_policies_off(self, midori: Catalogue):
        def work(session: Session) -> None:
            session.execute(text("set local row_security = off"))
            session.execute(text("select count(*) from booking"))

        assert refused(work) == NOT_ALLOWED


class TestWhatIsWrittenOnce:
    @pytest.mark.parametrize(
        "table", ["ledger_entry", "audit_entry", "waiver_step", "waiver_paper"]
    )
    def test_is_not_changed_deleted_or_truncated_even_by_the_owner(
        self, midori: Catalogue, hanako: Applicant, table: str
    ):
        steps.book(midori, hanako, builders.a_wish(midori))

        for statement in (
            f"update {table} set tenant_id = tenant_id",
            f"delete from {table}",
            f"truncate {table} cascade",  # a receipt hangs on its entry
        ):
            assert refused(running(statement), as_owner=True) == APPEND_ONLY

    def test_by_a_change_is_gone_with_it(self, midori: Catalogue, database: psycopg.Connection):
        def change_and_fail(session: Session) -> None:
            note(session, SERVICE, "x", subject="x", subject_id=1, now=MONDAY_9AM)
            raise LookupError

        with pytest.raises(LookupError):
            in_transaction(change_and_fail)

        assert one(database, "select count(*) from audit_entry") == 0


def test_a_room_takes_floor_of_its_own_municipality_only(
    midori: Catalogue, database: psycopg.Connection, aoba: Catalogue
):
    link = insert(RoomSpace).values(
        tenant_id=midori.tenant_id,
        room_id=midori.facilities[0].rooms[0].id,
        space_id=aoba.facilities[0].rooms[0].space_ids[0],
    )

    assert refused(lambda session: session.execute(link), as_owner=True) == MISSING


def test_the_owner_too_sees_one_municipality_at_a_time(midori: Catalogue):
    def count(session: Session) -> set[int]:
        return set(session.scalars(select(Room.tenant_id)))

    assert in_transaction(count, as_owner=True) == {midori.tenant_id}
    with tenant_scope(None):
        assert in_transaction(count, as_owner=True) == set()


def test_every_connection_speaks_utc(midori: Catalogue):
    def zone(connection: Connection) -> Any:
        return connection.scalar(text("select current_setting('timezone')"))

    with db.engine.connect() as connection:
        assert zone(connection) == "UTC"
        assert connection.scalar(text("select timestamptz '2027-03-01T09:00+09'")) == datetime(
            2027, 3, 1, tzinfo=UTC
        )
