"""Idempotency-Key: what is sent again is done once and answered the same."""

import json
import threading
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from app.db.session import in_transaction, tenant_scope
from app.usecases.sweeping import sweep
from tests import builders
from tests.api.calling import Program, a_token, an_application, codes, count, scalar


def at_once(*works):
    """Run all at once in threads of their own; return what came of each, or raise."""
    gate, came = threading.Barrier(len(works), timeout=30), {}

    def run(place, work):
        gate.wait()
        try:
            came[place] = work()
        except BaseException as error:
            came[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = [came[place] for place in range(len(works))]
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found


def test_the_same_again_is_answered_the_same(app, program):
    first = program.post("/bookings", an_application(), key="k-1")
    again = program.post("/bookings", an_application(), key="k-1")

    assert (again.data, again.status_code) == (first.data, first.status_code)
    assert again.headers["Location"] == first.headers["Location"]
    assert (count(app, "booking"), count(app, "delivery")) == (1, 1)
    assert scalar(app, "select sum(yen) from ledger_entry") == 800


def test_order_and_spaces_of_the_json_do_not_matter(app, program):
    asked = an_application()
    first = program.post("/bookings", asked, key="k-1")

    again = program.post("/bookings", dict(reversed(asked.items())), key='"k-1"')

    assert again.data == first.data
    assert count(app, "booking") == 1


def test_the_answer_stays_the_one_that_was_given(app, program):
    first = program.post("/bookings", an_application(), key="k-1")
    program.post(f"/bookings/{first.json['number']}/cancellation", status=200)

    assert program.post("/bookings", an_application(), key="k-1").data == first.data
    assert count(app, "booking") == 1


def test_another_request_under_the_same_key_is_refused(app, program):
    program.post("/bookings", an_application(), key="k-1")

    problem = program.post("/bookings", an_application(people=11), key="k-1", status=422)

    assert problem.json["type"] == "urn:kaikan:problem:idempotency-key-reused"
    assert count(app, "booking") == 1


def test_a_key_of_one_program_is_free_for_another(app, program):
    program.post("/bookings", an_application(), key="k-1")
    other = Program(app, token=a_token(app))

    other.post("/bookings", an_application({"room": "room-2"}), key="k-1")

    assert count(app, "booking") == 2


def test_a_refusal_is_an_answer_too(app, program):
    taken = program.post("/bookings", an_application())
    first = program.post("/bookings", an_application(), key="k-1", status=409)
    program.post(f"/bookings/{taken.json['number']}/cancellation", status=200)

    again = program.post("/bookings", an_application(), key="k-1", status=409)

    assert (again.data, codes(again)) == (first.data, ["slot.taken"])
    program.post("/bookings", an_application(), key="k-2")


def test_what_was_not_read_uses_no_key(app, program):
    program.post("/bookings", an_application(people="10"), key="k-1", status=422)
    program.post("/bookings", an_application(purpose="war"), key="k-1", status=422)
    assert count(app, "idempotent_answer") == 0

    program.post("/bookings", an_application(), key="k-1")


def test_an_application_needs_a_key_that_is_one(app, program):
    data = json.dumps(an_application())
    for key in (None, "", " ", "a" * 201, "å", '"', '""', '"a', "a\tb", "a\x7f"):
        headers = {} if key is None else {"Idempotency-Key": key}
        problem = program.send("POST", "/bookings", status=400, data=data, **headers)
        assert problem.json["type"] == "urn:kaikan:problem:idempotency-key", key

    assert count(app, "booking") == 0


def test_what_is_kept_says_nothing_about_the_person(app, program):
    program.post("/bookings", an_application(notes="ひみつ"), key="k-1")

    kept = scalar(app, "select answer::text || request_hash || key from idempotent_answer")

    for private in ("山田", "hanako", "090", "ひみつ", "みどりの会"):
        assert private not in kept


def test_nothing_is_done_twice_when_the_answer_was_forgotten(app, program):
    program.post("/bookings", an_application(), key="k-1")
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        in_transaction(lambda session: session.execute(text("delete from idempotent_answer")))

    again = program.post("/bookings", an_application(), key="k-1", status=409)

    assert codes(again) == ["basket.submitted"]
    assert count(app, "booking") == 1


def test_answers_are_kept_for_a_week(app, clock, program):
    program.post("/bookings", an_application(), key="k-1")
    kept = []
    for age in (timedelta(days=7), timedelta(days=7, seconds=1)):
        with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
            sweep(now=clock() + age)
        kept.append(count(app, "idempotent_answer"))

    assert kept == [1, 0]


@pytest.mark.race
def test_two_at_once_under_one_key_are_done_once_and_answered_the_same(app, clock):
    token = a_token(app)
    for round_ in range(8):
        clock.now += timedelta(seconds=1)
        line = {"from": f"{9 + round_}:00", "to": f"{10 + round_}:00"}
        asked = an_application(line, email=f"twin{round_}@example.jp")
        send = partial(Program.post, path="/bookings", body=asked, key=f"twin-{round_}")

        answers = at_once(
            *[partial(send, Program(app, token=token)) for _ in range(2)],
        )

        assert answers[0].data == answers[1].data
        assert count(app, "booking") == round_ + 1


@pytest.mark.race
def test_without_the_key_kept_twins_are_told_different_things(app, monkeypatch):
    """The guard off: what the tests above would see if keys were not claimed."""
    monkeypatch.setattr("app.usecases.asking_once.begin", lambda *_, **__: None)
    token = a_token(app)

    def send():
        program = Program(app, token=token)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "twin"}
        return program.client.post(
            f"{program.root}/bookings", json=an_application(), headers=headers
        ).status_code

    assert sorted(at_once(send, send)) == [201, 409]


@pytest.mark.race
def test_twins_whose_first_is_refused_are_both_refused(app, program):
    program.post("/bookings", an_application())
    token = program.token

    answers = at_once(
        *[
            lambda: Program(app, token=token).post(
                "/bookings", an_application(), key="twin", status=409
            )
            for _ in range(2)
        ]
    )

    assert answers[0].data == answers[1].data


@pytest.mark.race
def test_ten_at_once_under_one_key_with_other_bodies_make_one_booking(app):
    token = a_token(app)

    def ask(n):
        program = Program(app, token=token)
        return program.client.post(
            f"{program.root}/bookings",
            json=an_application({"from": f"{9 + n}:00", "to": f"{10 + n}:00"}),
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "one"},
        ).status_code

    assert sorted(at_once(*[lambda n=n: ask(n) for n in range(10)])) == [201] + [422] * 9
    assert count(app, "booking") == 1
