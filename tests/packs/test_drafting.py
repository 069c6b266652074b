"""Rules changed in the office: drafted by one, checked, published by another, and taken back."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.db.audit import Actor
from app.db.session import tenant_scope
from app.facilities.models import RuleVersion
from app.kernel.refusals import Refused
from app.packs import drafting
from app.packs.draft_checks import judged
from tests import builders
from tests.builders import MONDAY_9AM, NEXT_MONDAY, TODAY
from tests.db import proof
from tests.racing import race
from tests.usecases import steps

AOI, MIDORI = Actor("staff", account_id=101), Actor("staff", account_id=102)
SUMMER = date(2027, 3, 5)


@pytest.fixture
def city(app: Flask):
    """みどり市, with its halls, for which everything in the test runs."""
    with app.app_context():
        found = builders.catalogue_of("midori")
        with tenant_scope(found.tenant_id):
            yield found


def fees(**changes: Any) -> dict[str, Any]:
    prices = [
        {**one, "yen": 500} if one["id"] == "room-1" else one for one in builders.FEES["prices"]
    ]
    return {"prices": prices, **changes}


def drafted(city, document: dict[str, Any] | None = None, *, since: date = SUMMER) -> int:
    hall = city.facility_named("chuo")
    return drafting.begin(
        hall.id, "fees", effective_from=since, document=document or fees(), actor=AOI,
        now=MONDAY_9AM,
    )  # fmt: skip


def found(draft_id: int):
    draft = drafting.draft_with(db.session(), draft_id)
    db.session.rollback()
    assert draft is not None
    return draft


def publish(draft_id: int, actor: Actor = MIDORI, *, hours: int = 1) -> None:
    seen = found(draft_id).changed_at
    now = MONDAY_9AM + timedelta(hours=hours)
    drafting.publish(draft_id, seen_at=seen, actor=actor, now=now)


def price() -> int:
    """Return what two hours of 第1会議室 cost now."""
    found = builders.catalogue_of("midori")
    with tenant_scope(found.tenant_id):
        key = steps.new_key()
        person = builders.a_resident("midori", f"{key}@example.jp")
        wish = builders.a_wish(found, on=NEXT_MONDAY + timedelta(days=7))
        made = steps.book(found, person, wish)
        steps.cancel(found, made)
        return made.booking.fee_yen


def test_its_check_tells_what_changes_for_whom_and_which_bookings_it_meets(city):
    steps.book(city, builders.a_resident(), builders.a_wish(city))

    told = judged(db.session(), found(drafted(city)), today=TODAY)

    assert told.report.ok
    assert any("400 から 500 になります" in line for line in told.differences), told.differences
    assert told.ahead is not None
    assert [(one.old_yen, one.new_yen) for one in told.ahead.differences] == [(800, 1000)]


def test_published_by_another_it_holds_from_its_day_on_and_bookings_keep_theirs(city):
    before = steps.book(city, builders.a_resident(), builders.a_wish(city)).booking.fee_yen

    draft_id = drafted(city)
    publish(draft_id)

    assert before == 800
    assert price() == 1000
    draft = found(draft_id)
    assert (draft.state, draft.closed_by) == ("published", 102)
    version = db.session.scalars(select(RuleVersion).where(RuleVersion.draft_id == draft_id)).one()
    assert version.published_by == 102


def test_nobody_publishes_what_they_wrote_or_touched(city):
    draft_id = drafted(city)
    with pytest.raises(Refused, match=r"rules\.second_person"):
        publish(draft_id, AOI)
    drafting.change(
        draft_id, seen_at=found(draft_id).changed_at, note="見ました", actor=MIDORI,
        now=MONDAY_9AM + timedelta(minutes=5),
    )  # fmt: skip

    with pytest.raises(Refused, match=r"rules\.second_person"):
        publish(draft_id, MIDORI)
    assert price() == 800


def test_what_was_changed_after_it_was_looked_at_is_not_published(city):
    draft_id = drafted(city)
    seen = found(draft_id).changed_at
    drafting.change(
        draft_id, seen_at=seen, document=fees(), actor=AOI, now=MONDAY_9AM + timedelta(minutes=5)
    )

    with pytest.raises(Refused, match=r"rules\.changed_meanwhile"):
        drafting.publish(draft_id, seen_at=seen, actor=MIDORI, now=MONDAY_9AM)


@pytest.mark.parametrize(
    "document",
    [
        {"prices": []},
        {"prices": [{**builders.FEES["prices"][0], "rooms": ["nowhere"]}]},
        {"prices": [{"kind": "unknown"}]},
    ],
)
def test_what_does_not_pass_its_check_is_not_published(city, document):
    draft_id = drafted(city, document)

    assert not judged(db.session(), found(draft_id), today=TODAY).report.ok
    with pytest.raises(Refused, match=r"rules\.not_passed"):
        publish(draft_id)
    assert price() == 800


def test_rolling_back_is_a_draft_of_what_held_before(city):
    publish(drafted(city))
    assert price() == 1000

    publish(drafted(city, builders.FEES), hours=2)

    assert price() == 800


def test_published_by_four_at_once_it_is_one_version(city, app):
    draft_id = drafted(city)
    seen = found(draft_id).changed_at

    came = race(
        lambda n: drafting.publish(
            draft_id, seen_at=seen, actor=Actor("staff", account_id=n), now=MONDAY_9AM
        ),
        *range(201, 205),
    )

    assert came.refusals == [] or set(came.refusals) == {("rules.closed",)}
    with proof.as_superuser_of(app) as connection:
        count = f"select count(*) from rule_version where draft_id = {draft_id}"
        assert proof.one(connection, count) == 1


def test_of_two_who_change_it_at_once_one_is_told(city):
    draft_id = drafted(city)
    seen = found(draft_id).changed_at

    came = race(
        lambda n: drafting.change(
            draft_id, seen_at=seen, note=str(n), actor=Actor("staff", account_id=n),
            now=MONDAY_9AM + timedelta(minutes=n),
        ),
        1, 2, 3,
    )  # fmt: skip

    assert len(came.results) == 1
    assert came.refusals == [("rules.changed_meanwhile",)] * 2


def test_discarded_it_is_neither_changed_nor_published(city):
    draft_id = drafted(city)
    drafting.discard(draft_id, actor=AOI, now=MONDAY_9AM)
    drafting.discard(draft_id, actor=AOI, now=MONDAY_9AM)

    with pytest.raises(Refused, match=r"rules\.closed"):
        publish(draft_id)


def test_a_draft_of_another_municipality_is_not_there(city, app):
    draft_id = drafted(city)
    aoba = builders.catalogue_of("aoba")

    with tenant_scope(aoba.tenant_id):
        assert drafting.draft_with(db.session(), draft_id) is None
        with pytest.raises(Refused, match=r"rules\.unknown"):
            drafting.publish(draft_id, seen_at=MONDAY_9AM, actor=MIDORI, now=MONDAY_9AM)
