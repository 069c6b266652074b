"""Signing in by a code: stored nowhere, used once, guessed at five times, ended anywhere."""

from datetime import datetime, timedelta

import psycopg
import pytest

from app.db import db
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity.codes import VALID, code_for, keyed_hash
from app.identity.models import SignInAttempt
from app.identity.queries import viewer_of
from app.identity.service import (
    HOUR,
    MOST_FOR_STRANGERS,
    MOST_PER_ADDRESS,
    Browser,
    open_session,
)
from app.usecases import signing_in, sweeping
from tests import builders
from tests.builders import MONDAY_9AM
from tests.conftest import SECRET
from tests.db.proof import one
from tests.usecases import steps

HANAKO = "hanako@example.jp"


def ask(
    email: str = HANAKO, *, network: str = "home", known: bool = False, now: datetime = MONDAY_9AM
) -> int:
    browser = Browser(network, is_known_device=known)
    return signing_in.ask_for_code(email=email, browser=browser, now=now)


def code_of(attempt_id: int) -> str:
    salt = db.session.get_one(SignInAttempt, attempt_id).salt
    db.session.rollback()
    return code_for(SECRET, attempt_id, salt)


def enter(attempt_id: int, code: str, *, now: datetime = MONDAY_9AM) -> str:
    return signing_in.sign_in(
        attempt_id=attempt_id, code=code, secret=SECRET, request_id="r", now=now
    )


def viewer(token: str, *, now: datetime = MONDAY_9AM):
    found = viewer_of(db.session(), keyed_hash(SECRET, "session", token), now=now)
    db.session.rollback()
    return found


class TestACode:
    def test_opens_a_session_of_the_address_it_was_sent_to(
        self, midori: Catalogue, database: psycopg.Connection
    ):
        attempt = ask()

        token = enter(attempt, code_of(attempt))

        assert viewer(token).email == HANAKO
        assert one(database, "select count(*) from audit_entry where action = 'signed_in'") == 1

    def test_is_promised_by_one_letter_and_stored_nowhere(
        self, midori: Catalogue, database: psycopg.Connection
    ):
        attempt = ask()
        code = code_of(attempt)

        assert database.execute("select template, subject_id, email from delivery").fetchall() == [
            ("sign_in_code", attempt, HANAKO)
        ]
        for table in ("sign_in_attempt", "delivery", "procrastinate_jobs", "audit_entry"):
            found = database.execute(f"select t::text from {table} t").fetchall()
            assert not any(code in row[0] for row in found), table

    def test_signs_the_same_person_in_again_and_makes_no_second_account(
        self, midori: Catalogue, database: psycopg.Connection
    ):
        tokens = []
        for _ in range(2):
            attempt = ask()
            tokens.append(enter(attempt, code_of(attempt)))

        assert len(set(tokens)) == 2
        assert one(database, "select count(*) from account") == 1

    def test_works_once(self, midori: Catalogue):
        attempt = ask()
        code = code_of(attempt)
        enter(attempt, code)

        assert steps.told(enter, attempt, code) == ["sign_in.code_expired"]

    def test_works_for_a_quarter_of_an_hour(self, midori: Catalogue):
        early, late = ask(), ask()
        ends = MONDAY_9AM + VALID

        assert steps.told(enter, late, code_of(late), now=ends) == ["sign_in.code_expired"]
        assert enter(early, code_of(early), now=ends - timedelta(seconds=1))

    def test_that_is_wrong_five_times_is_dead_even_when_right(self, midori: Catalogue):
        attempt = ask()
        code = code_of(attempt)
        wrong = "000000" if code != "000000" else "111111"

        told = [steps.told(enter, attempt, wrong)[0] for _ in range(6)]

        assert told == ["sign_in.code_wrong"] * 5 + ["sign_in.code_dead"]
        assert steps.told(enter, attempt, code) == ["sign_in.code_dead"]

    def test_of_another_attempt_does_not_fit(self, midori: Catalogue):
        mine, other = ask(), ask("rival@example.jp")

        assert steps.told(enter, mine, code_of(other)) == ["sign_in.code_wrong"]

    @pytest.mark.parametrize("typed", ["", "12345", "二三四五六七", "x" * 1000])
    def test_that_is_no_code_is_wrong(self, midori: Catalogue, typed: str):
        assert steps.told(enter, ask(), typed) == ["sign_in.code_wrong"]

    def test_of_no_attempt_is_refused(self, midori: Catalogue):
        assert steps.told(enter, 10**9, "000000") == ["sign_in.code_expired"]


class TestAskingTooOften:
    def test_is_refused_for_an_address_from_one_network(self, midori: Catalogue):
        for _ in range(MOST_PER_ADDRESS):
            ask()

        assert steps.told(ask) == ["sign_in.too_many_codes"]
        assert ask("other@example.jp")

    def test_is_forgiven_after_an_hour(self, midori: Catalogue):
        for _ in range(MOST_PER_ADDRESS):
            ask()

        assert ask(now=MONDAY_9AM + HOUR + timedelta(seconds=1))

    def test_by_rivals_everywhere_does_not_lock_out_a_device_one_signed_in_on(
        self, midori: Catalogue
    ):
        for n in range(MOST_FOR_STRANGERS):
            ask(network=f"rival-{n}")

        assert steps.told(ask, network="somewhere") == ["sign_in.too_many_codes"]
        assert ask(network="home", known=True)


class TestASession:
    def test_ends_everywhere_when_signed_out(self, midori: Catalogue):
        attempt = ask()
        token = enter(attempt, code_of(attempt))

        signing_in.sign_out(keyed_hash(SECRET, "session", token))

        assert viewer(token) is None

    def test_of_one_municipality_shows_no_role_in_another(self, midori: Catalogue):
        account_id = builders.a_staff_member("midori", HANAKO, role="auditor", facility=None)
        attempt = ask()
        assert viewer(enter(attempt, code_of(attempt))).roles == ()  # a code is no proof of staff

        token = in_transaction(
            lambda session: open_session(
                session, account_id, secret=SECRET, now=MONDAY_9AM, is_staff=True
            )
        )
        assert [role.kind for role in viewer(token).roles] == ["auditor"]
        with tenant_scope(builders.tenant_id_of("aoba")):
            assert viewer(token).roles == ()
            assert viewer(token).resident_id is None

    def test_and_its_attempt_are_forgotten_in_time(
        self, midori: Catalogue, database: psycopg.Connection
    ):
        attempt = ask()
        enter(attempt, code_of(attempt))

        sweeping.forget(now=MONDAY_9AM + timedelta(days=2))
        assert one(database, "select count(*) from sign_in_attempt") == 0
        assert one(database, "select count(*) from signed_in") == 1

        sweeping.forget(now=MONDAY_9AM + timedelta(days=91))
        assert one(database, "select count(*) from signed_in") == 0


def test_what_a_person_says_of_themselves_is_kept_in_each_municipality_by_itself(
    midori: Catalogue,
):
    said = builders.a_resident("midori", HANAKO, name="山田 花子")
    builders.a_resident("aoba", HANAKO, name="海野 花子")
    attempt = ask()
    token = enter(attempt, code_of(attempt))

    assert viewer(token).name == said.name
    with tenant_scope(builders.tenant_id_of("aoba")):
        assert viewer(token).name == "海野 花子"
