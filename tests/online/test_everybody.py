"""The hall needs its rooms itself: one action gives everybody back what they paid."""

from collections import Counter

from app.booking.states import State
from app.db.session import tenant_scope
from app.sims.stripe import StripeSim
from app.usecases import closing
from app.usecases.returned import refresh_refunds
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.online.town import Town
from tests.reports.situations import clerk, staff
from tests.usecases import steps
from tests.usecases.steps import CLERK
from tests.web.situations import lines_in
from tests.web.test_closures import wanted

HOURS = {"card": 9, "konbini": 11, "cash": 13, "unpaid": 15}


def test_one_closure_gives_back_card_shop_and_cash_alike(town: Town, sim: StripeSim):
    bookings = {way: booked(town, way, hour) for way, hour in HOURS.items()}
    for way in ("card", "konbini"):
        pays(town, sim, bookings[way], way)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, bookings["cash"][1].id, yen=800, now=town.clock.now)

    lines = [line for _who, one in bookings.values() for line in lines_in(town.app, one)]
    with town.app.app_context(), tenant_scope(1):
        found = builders.catalogue_of("midori")
        one = wanted(found, give_way=lines, form_key="once")
        for _ in range(2):
            closing.close(found, one, actor=CLERK, now=town.clock.now)
        refresh_refunds(town.provider, now=town.moves(hours=1))

    after = {way: town.booking(one).state for way, (_who, one) in bookings.items()}
    assert set(after.values()) == {State.CANCELLED}
    refunds = {way: town.refunds(one) for way, (_who, one) in bookings.items()}
    assert [len(refunds[way]) for way in HOURS] == [1, 1, 1, 0]
    assert {one.reason for some in refunds.values() for one in some} == {"displaced"}
    assert [refunds[way][0].state for way in ("card", "konbini", "cash")] == [
        "done", "details", "due"
    ]  # fmt: skip
    assert sum(one["amount"] for one in sim.refunds()) == 1600
    letters = Counter(town.letters())
    assert letters["booking_displaced"] == 4
    office = clerk(town.app).visit("/midori/office/money").text
    assert "職員が返すもの" in office
    assert "決済会社が返しているもの" in office
    assert "口座の入力待ち" in office


def booked(town: Town, name: str, hour: int):
    with town.app.app_context():
        person = builders.a_resident(email=f"{name}@example.jp")
    return person, town.books(person, ("room-1", NEXT_MONDAY, (hour, hour + 2)), key=name)


def pays(town: Town, sim: StripeSim, booked, way: str) -> None:
    attempt = town.goes(*booked, way=way)
    session_ref = town.session_of(attempt)
    if way == "card":
        sim.pay_card(session_ref)
    else:
        sim.choose_konbini(session_ref)
        sim.pay_konbini(session_ref)
    assert town.asks(attempt) == "paid"


def test_cash_that_waits_stands_on_the_halls_own_sheet(town: Town, sim: StripeSim):
    booked_by, booking = booked(town, "cash", 9)
    assert booked_by
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, booking.id, yen=800, now=town.clock.now)
        found = builders.catalogue_of("midori")
        give_way = wanted(found, give_way=lines_in(town.app, booking), form_key="once")
        closing.close(found, give_way, actor=CLERK, now=town.clock.now)

    sheet = staff(town.app).visit("/midori/desk/chuo/till/2027-03-01")
    assert "返すお金が1件あります" in sheet.text
    sheet.press("みどりの会" if "みどりの会" in sheet.text else "山田 花子")
    assert "お金を返しましたか" in sheet.text
    elsewhere = staff(town.app, facility="kita").visit("/midori/desk/kita/till/2027-03-01")
    assert "返すお金が" not in elsewhere.text
