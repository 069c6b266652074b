"""Baskets nobody comes back to are cleared away, and nothing that anybody needs."""

from datetime import timedelta

import psycopg

from app.booking.service.application import Applicant
from app.facilities.catalogue import Catalogue
from app.usecases import sweeping
from app.usecases.sweeping import CHANGES_KEPT, DRAFTS_KEPT
from tests import builders
from tests.builders import MONDAY_9AM
from tests.db.proof import one
from tests.usecases import steps

LATER = MONDAY_9AM + DRAFTS_KEPT + timedelta(seconds=1)


def test_a_basket_nobody_touched_for_long_goes_with_its_holds(
    midori: Catalogue, sound: psycopg.Connection
):
    steps.choose(midori, "old", builders.a_wish(midori))
    steps.choose(midori, "new", builders.a_wish(midori, "room-2"), now=MONDAY_9AM + DRAFTS_KEPT)

    assert sweeping.sweep(now=LATER) == 1

    assert sound.execute("select basket_key from booking").fetchall() == [("new",)]
    assert one(sound, "select count(*) from occupancy") == 1


def test_a_booking_stays_however_old(
    midori: Catalogue, sound: psycopg.Connection, hanako: Applicant
):
    steps.book(midori, hanako, builders.a_wish(midori))

    assert sweeping.sweep(now=MONDAY_9AM + timedelta(days=4000)) == 0
    assert one(sound, "select count(*) from booking") == 1


def test_changes_that_no_page_asks_for_any_more_go(midori: Catalogue, sound: psycopg.Connection):
    steps.choose(midori, "mine", builders.a_wish(midori))
    assert one(sound, "select count(*) from facility_change") == 1

    sweeping.sweep(now=MONDAY_9AM + CHANGES_KEPT)
    assert one(sound, "select count(*) from facility_change") == 1
    sweeping.sweep(now=MONDAY_9AM + CHANGES_KEPT + timedelta(seconds=1))
    assert one(sound, "select count(*) from facility_change") == 0


def test_who_comes_back_to_a_swept_basket_begins_anew(midori: Catalogue, sound: psycopg.Connection):
    wish = builders.a_wish(midori)
    steps.choose(midori, "mine", wish)
    sweeping.sweep(now=LATER)

    assert steps.choose(midori, "mine", wish, now=LATER).refused == {}
