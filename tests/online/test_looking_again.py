"""Who looks at an open payment again and again does not make the service ask each time."""

import pytest

from app.booking.service.application import Applicant
from app.db.session import tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import at_provider
from tests.online.town import Town
from tests.pages import Visitor
from tests.racing import race


def questions(sim: StripeSim) -> int:
    return len([one for one in sim.requests("GET") if "/checkout/sessions/" in one["path"]])


def opened(town: Town, person: Applicant) -> tuple[int, str]:
    """Go to pay; return the attempt and the page that one comes back to."""
    attempt = town.goes(person, town.books(person))
    return attempt, f"/midori/pay/{town.attempt(attempt).key}"


def test_it_is_asked_once_in_some_seconds(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    _attempt, page = opened(town, hanako)
    town.moves(seconds=30)
    for _ in range(5):
        visitor.visit(page)
    assert questions(sim) == 1
    town.moves(seconds=6)
    visitor.visit(page)
    assert questions(sim) == 1

    town.moves(seconds=1)
    assert "支払いは、まだ途中です" in visitor.visit(page).text
    assert questions(sim) == 2


def test_who_comes_back_at_once_is_told_at_once(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    attempt, page = opened(town, hanako)
    town.moves(seconds=1)
    sim.pay_card(town.session_of(attempt))

    assert "支払いを受け取りました" in visitor.visit(page).text


def test_a_provider_that_says_nothing_is_left_alone_for_a_moment(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    attempt, page = opened(town, hanako)
    town.moves(seconds=30)
    sim.pay_card(town.session_of(attempt))
    sim.fault("GET", "/v1/checkout/sessions/.*", "500", times=1)

    for _ in range(3):
        assert "支払いを確かめています" in visitor.visit(page).text
    assert questions(sim) == 1
    town.moves(seconds=7)
    assert "支払いを受け取りました" in visitor.press("もう一度確かめる").text


def test_a_number_stays_on_the_page_without_asking(
    town: Town, sim: StripeSim, hanako: Applicant, visitor: Visitor
):
    booking = town.books(hanako)
    attempt = town.goes(hanako, booking, way="konbini")
    sim.choose_konbini(town.session_of(attempt))
    page = f"/midori/pay/{town.attempt(attempt).key}"
    town.moves(seconds=30)

    for _ in range(3):
        assert "はらう番号を見る" in visitor.visit(page).text
    assert questions(sim) == 1


@pytest.mark.race
def test_of_many_at_once_one_asks(town: Town, sim: StripeSim, hanako: Applicant):
    attempt, _page = opened(town, hanako)
    now = town.moves(seconds=30)

    def look(_: int) -> bool:
        return at_provider.refresh_for_page(town.provider, town.paid_town(), attempt, now=now)

    with town.app.app_context(), tenant_scope(1):
        result = race(look, *range(8))

    assert not [one.error for one in result.outcomes if one.error]
    assert result.results.count(True) == 1
    assert questions(sim) == 1
