"""The last piece of equipment asked for by many at once: one has it, the others are told."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.booking.service import equipment
from app.booking.service.equipment import Used
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from tests import builders
from tests.builders import MONDAY_9AM
from tests.db.proof import one
from tests.racing import race
from tests.usecases import steps

pytestmark = pytest.mark.race

PIANO = {"id": "piano", "name": "ピアノ", "yen": 1000, "stock": 2, "citation": builders.CITED}
ROOMS = ["room-1", "room-2", "lobby", "kitchen", "hall-east", "hall-west"]
GIVEN_OUT = "select count(*) from booking_line where state = 'active' and extras ? 'piano'"


@pytest.fixture
def music(app, midori: Catalogue) -> Catalogue:
    """おんがく市, whose hall has two pianos for six rooms."""
    tenant_id = builders.a_tenant("ongaku", "132292", "おんがく市")
    builders.a_facility(tenant_id, "chuo", "おんがく会館", fees={"extras": [PIANO]})
    return builders.catalogue_of("ongaku")


def wants_a_piano(found: Catalogue, room: str) -> tuple[str, object]:
    """Hold a room over noon with a piano in it, as a person of its own."""
    key, person = steps.new_key(), builders.a_resident("ongaku", f"{room}@example.jp")
    hours = (9, 12) if room.startswith("hall") else (10, 12)
    chosen = steps.choose(found, key, builders.a_wish(found, room, hours=hours))
    assert not chosen.refused
    in_transaction(lambda session: _note(session, key, chosen.booking_id))
    return key, person


def _note(session: Session, key: str, booking_id: int) -> None:
    query = text("select id from booking_line where booking_id = :booking")
    (line,) = session.scalars(query, {"booking": booking_id})
    equipment.note_used(session, key, {line: Used({"piano": 1})}, now=MONDAY_9AM)


def test_two_pianos_go_to_two_of_six(music: Catalogue, sound: psycopg.Connection):
    with tenant_scope(music.tenant_id):
        asked = [wants_a_piano(music, room) for room in ROOMS]

        came = race(lambda who: steps.apply(music, who[0], who[1]), *asked)

    assert len(came.results) == 2
    assert came.refusals == [("equipment.none_left",)] * 4
    assert one(sound, GIVEN_OUT) == 2


def test_without_taking_turns_there_would_be_too_few(
    music: Catalogue, database: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        equipment, "_IN_TURN", text("select pg_sleep(0.3), :tenant, cast(:facilities as bigint[])")
    )
    with tenant_scope(music.tenant_id):
        asked = [wants_a_piano(music, room) for room in ROOMS]

        came = race(lambda who: steps.apply(music, who[0], who[1]), *asked)

    assert len(came.results) > 2
    assert one(database, GIVEN_OUT) > 2


def test_a_piano_is_free_again_when_the_use_ends_or_is_cancelled(
    music: Catalogue, sound: psycopg.Connection
):
    with tenant_scope(music.tenant_id):
        for room in ("room-1", "room-2"):
            steps.apply(music, *wants_a_piano(music, room))
        key, person = steps.new_key(), builders.a_resident("ongaku", "late@example.jp")
        later = builders.a_wish(music, "room-1", hours=(12, 14))
        chosen = steps.choose(music, key, later)
        in_transaction(lambda session: _note(session, key, chosen.booking_id))

        made = steps.apply(music, key, person, now=MONDAY_9AM + timedelta(minutes=1))

    assert made.is_new
