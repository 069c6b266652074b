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


def test_what_a_closure_gives_back_is_said_before_and_after(town: Town, sim: StripeSim):
    bookings = {way: booked(town, way, hour) for way, hour in HOURS.items()}
    for way in ("card", "konbini"):
        pays(town, sim, bookings[way], way)
    with town.app.app_context(), tenant_scope(1):
        steps.receives(1, bookings["cash"][1].id, yen=800, now=town.clock.now)
    desk = staff(town.app).visit("/midori/desk/chuo/closures/new?first=2027-03-08&room=room-1")
    total = "返すお金は、全部で3件・2,400円です（カード 800円、コンビニ 800円、窓口 800円）。"
    assert f"全部取り消すと、{total}" in desk.text
    said = [one.get_text(" ", strip=True) for one in desk.page.select("ul.standing > li")]
    for line, words in zip(
        said,
        (
            "取り消すと、返すお金：800円（カード）",
            "取り消すと、返すお金：800円（コンビニ）",
            "取り消すと、返すお金：800円（窓口）",
            "取り消しても、返すお金はありません。",
        ),
        strict=True,
    ):
        assert words in line
    assert not [one for _who, one in bookings.values() if town.refunds(one)], "only foreseen"

    for field in desk.page.select("input[type=radio][value=give-way]"):
        desk.typed[str(field["name"])] = "give-way"
    desk.press("この内容で閉める")

    assert total in desk.text
    cells = [one.get_text(strip=True) for one in desk.page.select('td[data-head="返すお金："]')]
    assert cells == ["800円（カード）", "800円（コンビニ）", "800円（窓口）", "0円"]
    assert sum(one.yen for _who, b in bookings.values() for one in town.refunds(b)) == 2400


def test_of_several_rooms_of_a_booking_the_sum_is_said_once_and_what_stays_costs(
    town: Town, sim: StripeSim
):
    with town.app.app_context():
        person = builders.a_resident(email="two@example.jp")
    two = (("room-1", NEXT_MONDAY, (10, 12)), ("room-2", NEXT_MONDAY, (10, 12)))
    booking = town.books(person, *two, key="two")
    pays(town, sim, (person, booking), "card")

    desk = staff(town.app).visit("/midori/desk/chuo/closures/new?first=2027-03-08")
    assert "この予約の2枠を取り消すと、返すお金：1,400円（カード）" in desk.text
    assert desk.text.count("返すお金：") == 1
    desk.visit("/midori/desk/chuo/closures/new?first=2027-03-08&room=room-2")
    assert "取り消すと、返すお金：600円（カード）" in desk.text
    for field in desk.page.select("input[type=radio][value=give-way]"):
        desk.typed[str(field["name"])] = "give-way"
    desk.press("この内容で閉める")
    assert "返すお金は、全部で1件・600円です（カード 600円）。" in desk.text


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
