"""Staff are invited, prove who they are with two proofs, and change nothing of themselves."""

from datetime import datetime, timedelta

import psycopg
import pyotp
import pytest

from app.db import db
from app.db.audit import SERVICE, Actor
from app.db.session import tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity.codes import key_of_invitation, keyed_hash
from app.identity.permissions import Role, RoleKind
from app.identity.proofs import tries
from app.identity.proofs.authenticator import STEP
from app.identity.queries import viewer_of
from app.identity.service import Browser
from app.identity.staff import members
from app.identity.staff.models import Invitation
from app.kernel.refusals import Refused
from app.usecases import inviting, staff_signing_in, staffing
from app.usecases.inviting import NewProofs
from app.usecases.staff_signing_in import Visit
from tests import builders
from tests.builders import MONDAY_9AM
from tests.conftest import SECRET
from tests.racing import Race, race

PASSWORD = "harbour-violet-staple"
SHARED = pyotp.random_base32()
NAME = "新人 良子"
MAIL = "shinjin@example.jp"
ROLES = [Role(RoleKind.RECEPTION)]


def visit(*, network: str = "hall", known: bool = False, now: datetime = MONDAY_9AM) -> Visit:
    return Visit(Browser(network, is_known_device=known), SECRET, "r", now)


def invited(email: str = MAIL, roles: list[Role] | None = None) -> Invitation:
    return inviting.invite(
        email=email, name=NAME, roles=roles or ROLES, actor=SERVICE, now=MONDAY_9AM
    )


def key_of(one: Invitation) -> str:
    return key_of_invitation(SECRET, one.id, one.salt)


def joined(email: str = MAIL, roles: list[Role] | None = None) -> inviting.Accepted:
    one = invited(email, roles)
    proofs = NewProofs(password=PASSWORD, authenticator_secret=SHARED)
    return inviting.accept(one.id, key_of(one), proofs, visit())


def digits(now: datetime = MONDAY_9AM) -> str:
    return pyotp.TOTP(SHARED).at(now)


def enter(second: str, **when: datetime) -> str:
    account_id = staff_signing_in.check_password(MAIL, PASSWORD, visit(**when))
    return staff_signing_in.check_second(account_id, second, visit(**when))


def viewer(token: str, now: datetime = MONDAY_9AM):
    found = viewer_of(db.session(), keyed_hash(SECRET, "session", token), now=now)
    db.session.rollback()
    return found


def codes_of(raised: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return raised.value.codes


def results(came: Race) -> list:
    assert not came.refusals
    return came.results


def staff_ids() -> dict[str, int]:
    found = {one.email: one.staff_id for one in members.members(db.session())}
    db.session.rollback()
    return found


class TestAnInvitation:
    def test_makes_a_member_who_is_signed_in_with_their_roles(self, midori: Catalogue):
        done = joined()

        found = viewer(done.token)
        assert [role.kind for role in found.roles] == [RoleKind.RECEPTION]
        assert found.staff.name == NAME
        assert len(set(done.recovery_codes)) == 10

    def test_works_once_and_only_with_its_key(self, midori: Catalogue):
        one = invited()
        proofs = NewProofs(password=PASSWORD, authenticator_secret=SHARED)
        for key in ("", "x", key_of(one)[:-1], key_of_invitation("other", one.id, one.salt)):
            with pytest.raises(Refused) as no:
                inviting.accept(one.id, key, proofs, visit())
            assert codes_of(no) == ("staff.invitation_gone",)

        inviting.accept(one.id, key_of(one), proofs, visit())

        with pytest.raises(Refused) as no:
            inviting.accept(one.id, key_of(one), proofs, visit())
        assert codes_of(no) == ("staff.invitation_gone",)

    def test_ends_after_a_week_when_withdrawn_and_when_sent_again(self, midori: Catalogue):
        first = invited()
        second = invited()
        late = visit(now=MONDAY_9AM + timedelta(days=7, seconds=1))

        for one, when in ((first, visit()), (second, late)):
            with pytest.raises(Refused):
                inviting.accept(one.id, key_of(one), NewProofs(password=PASSWORD), when)
        inviting.withdraw(second.id, actor=SERVICE, now=MONDAY_9AM)
        with pytest.raises(Refused):
            inviting.accept(second.id, key_of(second), NewProofs(password=PASSWORD), visit())

    def test_is_not_taken_in_another_municipality(self, midori: Catalogue):
        one = invited()
        number, key = one.id, key_of(one)

        with tenant_scope(builders.tenant_id_of("aoba")), pytest.raises(Refused) as no:
            inviting.accept(number, key, NewProofs(password=PASSWORD), visit())
        assert codes_of(no) == ("staff.invitation_gone",)

    def test_gives_no_new_proofs_to_who_has_some(self, midori: Catalogue):
        joined()
        with tenant_scope(builders.tenant_id_of("aoba")):
            one = invited()
            with pytest.raises(Refused) as no:
                inviting.accept(one.id, key_of(one), NewProofs(password="stolen"), visit())
            assert codes_of(no) == ("staff.has_proofs",)
            token = enter(digits())
            whose = viewer(token)
            inviting.accept_signed_in(one.id, key_of(one), whose.account_id, MAIL, visit())

            assert [role.kind for role in viewer(token).roles] == [RoleKind.RECEPTION]

    def test_of_somebody_else_is_not_taken(self, midori: Catalogue):
        account_id = builders.a_staff_member()
        one = invited()

        with pytest.raises(Refused) as no:
            inviting.accept_signed_in(one.id, key_of(one), account_id, "kanri@example.jp", visit())
        assert codes_of(no) == ("staff.invitation_of_another",)

    @pytest.mark.race
    def test_accepted_twice_at_once_makes_one_member(self, midori: Catalogue):
        one = invited()

        def accept(secret: str) -> str:
            proofs = NewProofs(password=PASSWORD, authenticator_secret=secret)
            try:
                return inviting.accept(one.id, key_of(one), proofs, visit()).token
            except Refused as no:
                return no.codes[0]

        came = results(race(accept, SHARED, SHARED))

        assert len([one for one in came if "." not in one]) == 1
        assert "staff.invitation_gone" in came

    def test_set_anew_ends_the_proofs_and_sessions_of_before(self, midori: Catalogue):
        before = joined().token
        one = inviting.invite_anew(staff_ids()[MAIL], actor=SERVICE, now=MONDAY_9AM)
        assert viewer(before) is not None  # what they had works until then

        proofs = NewProofs(password="another-long-secret", authenticator_secret=SHARED)
        done = inviting.accept(one.id, key_of(one), proofs, visit())

        assert viewer(before) is None
        assert [role.kind for role in viewer(done.token).roles] == [RoleKind.RECEPTION]
        with pytest.raises(Refused):
            staff_signing_in.check_password(MAIL, PASSWORD, visit())


class TestTheTwoProofs:
    def test_both_are_needed(self, midori: Catalogue):
        joined()
        with pytest.raises(Refused) as no:
            staff_signing_in.check_password(MAIL, "wrong" * 5, visit())
        assert codes_of(no) == ("sign_in.password_wrong",)
        with pytest.raises(Refused) as no:
            enter("000000")
        assert codes_of(no) == ("sign_in.digits_wrong",)

        assert viewer(enter(digits())).staff is not None

    def test_an_unknown_address_is_answered_alike(self, midori: Catalogue):
        with pytest.raises(Refused) as no:
            staff_signing_in.check_password("nobody@example.jp", PASSWORD, visit())

        assert codes_of(no) == ("sign_in.password_wrong",)

    def test_digits_are_good_once_and_a_step_early_or_late(self, midori: Catalogue):
        joined()
        enter(digits())
        with pytest.raises(Refused):
            enter(digits())
        with pytest.raises(Refused):
            enter(
                digits(MONDAY_9AM - timedelta(seconds=STEP))
            )  # older than the ones that were used

        assert enter(digits(MONDAY_9AM + timedelta(seconds=STEP)))
        with pytest.raises(Refused):
            enter(digits(MONDAY_9AM + timedelta(seconds=2 * STEP)))

    @pytest.mark.race
    def test_the_same_digits_at_once_let_in_one(self, midori: Catalogue):
        joined()

        def come(second: str) -> bool:
            try:
                return bool(enter(second))
            except Refused:
                return False

        came = results(race(come, digits(), digits()))

        assert sorted(came) == [False, True]

    def test_a_code_on_paper_stands_in_once(self, midori: Catalogue):
        paper = joined().recovery_codes

        assert enter(paper[0].upper().replace("-", " "))
        with pytest.raises(Refused):
            enter(paper[0])
        assert enter(paper[1])

    def test_guessing_is_stopped_and_a_rival_locks_nobody_out(self, midori: Catalogue):
        joined()
        for n in range(tries.MOST_FROM_STRANGERS):
            with pytest.raises(Refused):
                staff_signing_in.check_password(MAIL, "guess", visit(network=f"far-{n // 6}"))

        with pytest.raises(Refused) as no:
            staff_signing_in.check_password(MAIL, PASSWORD, visit(network="new"))
        assert codes_of(no) == ("sign_in.too_many_tries",)
        known = visit(network="hall", known=True)
        assert staff_signing_in.check_password(MAIL, PASSWORD, known)
        later = visit(network="new", now=MONDAY_9AM + tries.COUNTED)
        assert staff_signing_in.check_password(MAIL, PASSWORD, later)

    def test_nothing_that_opens_a_door_is_in_the_database(
        self, midori: Catalogue, database: psycopg.Connection
    ):
        one = invited("zwei@example.jp")
        done = joined()
        rows = []
        for table in (
            "staff_proof",
            "recovery_code",
            "signed_in",
            "staff_invitation",
            "audit_entry",
        ):
            rows += database.execute(f"select {table}::text from {table}").fetchall()
        said = str(rows)

        for secret in (PASSWORD, SHARED, done.token, key_of(one), *done.recovery_codes):
            assert secret not in said
            assert secret.replace("-", "") not in said


class TestASession:
    def test_ends_when_idle_and_after_half_a_day(self, midori: Catalogue):
        token = joined().token
        minutes = timedelta(minutes=1)

        assert viewer(token, MONDAY_9AM + 29 * minutes)
        assert viewer(token, MONDAY_9AM + 30 * minutes) is None
        for n in range(1, 27):
            staff_signing_in.note_seen(
                keyed_hash(SECRET, "session", token), now=MONDAY_9AM + n * 29 * minutes
            )
        assert viewer(token, MONDAY_9AM + timedelta(hours=12)) is None

    def test_of_a_member_who_leaves_ends_at_once(self, midori: Catalogue):
        token = joined().token
        joined("boss@example.jp", [Role(RoleKind.ADMINISTRATOR)])

        staffing.end(staff_ids()[MAIL], actor=SERVICE, now=MONDAY_9AM)

        assert viewer(token) is None
        assert viewer(enter(digits())).roles == ()


class TestWhoWorksHere:
    def test_an_invitation_to_who_leaves_is_no_longer_good(self, midori: Catalogue):
        joined()
        joined("boss@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        one = inviting.invite_anew(staff_ids()[MAIL], actor=SERVICE, now=MONDAY_9AM)

        staffing.end(staff_ids()[MAIL], actor=SERVICE, now=MONDAY_9AM)

        with pytest.raises(Refused):
            inviting.accept(one.id, key_of(one), NewProofs(password=PASSWORD), visit())

    def test_the_last_administrator_stays(self, midori: Catalogue):
        joined("boss@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        joined()
        boss = staff_ids()["boss@example.jp"]

        for change in (
            lambda: staffing.end(boss, actor=SERVICE, now=MONDAY_9AM),
            lambda: staffing.set_roles(boss, name="x", roles=ROLES, actor=SERVICE, now=MONDAY_9AM),
        ):
            with pytest.raises(Refused) as no:
                change()
            assert codes_of(no) == ("staff.last_administrator",)

    def test_nobody_changes_their_own_roles(self, midori: Catalogue):
        done = joined("boss@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        oneself = Actor("staff", account_id=viewer(done.token).account_id)
        boss = staff_ids()["boss@example.jp"]
        everything = [Role(kind) for kind in RoleKind]

        for change in (
            lambda: staffing.set_roles(
                boss, name="x", roles=everything, actor=oneself, now=MONDAY_9AM
            ),
            lambda: staffing.end(boss, actor=oneself, now=MONDAY_9AM),
            lambda: inviting.invite_anew(boss, actor=oneself, now=MONDAY_9AM),
        ):
            with pytest.raises(Refused) as no:
                change()
            assert codes_of(no) == ("staff.oneself",)

    @pytest.mark.race
    def test_two_administrators_who_end_each_other_leave_one(self, midori: Catalogue):
        joined("a@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        joined("b@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        known = staff_ids()

        def end(email: str) -> str:
            try:
                staffing.end(known[email], actor=SERVICE, now=MONDAY_9AM)
            except Refused as no:
                return no.codes[0]
            return "ended"

        came = results(race(end, "a@example.jp", "b@example.jp"))

        assert sorted(came) == ["ended", "staff.last_administrator"]

    def test_the_audit_has_before_and_after(self, midori: Catalogue, database: psycopg.Connection):
        joined()
        joined("boss@example.jp", [Role(RoleKind.ADMINISTRATOR)])
        more = [Role(RoleKind.RECEPTION), Role(RoleKind.CASHIER)]

        staffing.set_roles(staff_ids()[MAIL], name=NAME, roles=more, actor=SERVICE, now=MONDAY_9AM)

        facts = database.execute(
            "select facts from audit_entry where action = 'staff.roles_set'"
        ).fetchone()[0]
        assert [one["role"] for one in facts["before"]["roles"]] == ["reception"]
        assert [one["role"] for one in facts["after"]["roles"]] == ["reception", "cashier"]
