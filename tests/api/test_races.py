"""Fifty programs want one slot at the same moment: one gets it, the others are told why not."""

from collections import Counter

import pytest

from tests import builders
from tests.api.calling import Program, a_token, an_application, codes, count, scalar
from tests.api.test_idempotency import at_once

OVERLAPS = """
select count(*) from occupancy a join occupancy b
  on a.tenant_id = b.tenant_id and a.space_id = b.space_id and a.id < b.id
 and a.live and b.live and a.starts_at < b.ends_at and b.starts_at < a.ends_at
"""


def send(app, token, asked, key):
    program = Program(app, token=token)
    return program.client.post(
        f"{program.root}/bookings",
        json=asked,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


@pytest.mark.race
def test_of_fifty_at_one_slot_one_gets_it(app):
    token = a_token(app)

    answers = at_once(
        *[
            lambda n=n: send(app, token, an_application(email=f"p{n}@example.jp"), f"k{n}")
            for n in range(50)
        ]
    )

    assert Counter(one.status_code for one in answers) == {201: 1, 409: 49}
    for one in answers:
        if one.status_code == 409:
            assert codes(one) == ["slot.taken"]
    assert (count(app, "booking"), count(app, "delivery")) == (1, 1)
    assert scalar(app, OVERLAPS) == 0


@pytest.mark.race
def test_overlapping_requests_of_several_rooms_end_without_deadlock(app):
    token = a_token(app)
    rooms = ["hall", "hall-east", "hall-west", "room-1", "room-2", "kitchen"]

    def asked(n):
        lines = [
            {"room": rooms[(n + k) % len(rooms)], "from": "9:00", "to": "12:00"} for k in (0, 2, 3)
        ]
        return an_application(*lines, email=f"p{n}@example.jp")

    answers = at_once(*[lambda n=n: send(app, token, asked(n), f"k{n}") for n in range(24)])

    statuses = Counter(one.status_code for one in answers)
    assert set(statuses) == {201, 409}, statuses
    assert scalar(app, OVERLAPS) == 0
    lines = "select count(*) from booking_line"
    assert scalar(app, lines) == 3 * statuses[201]


@pytest.mark.race
def test_a_quota_holds_for_a_person_nobody_knew_before(app):
    with app.app_context():
        quota = [{"id": "two", "name": "1か月に2回まで", "limit": 2}]
        tenant_id = builders.a_tenant("kuota", "132012", "くおた市", {"quotas": quota})
        builders.a_facility(tenant_id, "chuo", "会館")
    token = a_token(app, "kuota")

    def ask(n):
        program = Program(app, "kuota", token)
        asked = an_application({"from": f"{9 + n}:00", "to": f"{10 + n}:00"})
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"k{n}"}
        return program.client.post(f"{program.root}/bookings", json=asked, headers=headers)

    answers = at_once(*[lambda n=n: ask(n) for n in range(10)])

    assert Counter(one.status_code for one in answers) == {201: 2, 409: 8}
