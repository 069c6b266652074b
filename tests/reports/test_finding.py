"""The booking a caller speaks of is found by whatever they say of it."""

from datetime import date, datetime
from typing import Any

import pytest

from app.db import db
from app.facilities.catalogue import Catalogue
from app.identity.permissions import EVERYWHERE, Scope
from app.kernel.clock import TOKYO
from app.reports.finding import MOST_FOUND, Found, find
from app.reports.matching import is_numeric, is_too_short
from tests import builders
from tests.builders import NEXT_MONDAY
from tests.reports.situations import a_booking
from tests.usecases import steps

NOW = datetime(2027, 3, 1, 12, tzinfo=TOKYO)


def found(words: str, *, halls: Any = EVERYWHERE, now: datetime = NOW) -> list[Found]:
    return find(db.session(), words, scope=halls, now=now)


@pytest.mark.parametrize(
    "words",
    [
        "ヤマダ",
        "やまだ",
        "ﾔﾏﾀﾞ",
        "やまだ　はなこ",
        "山田花子",
        "山田　花子",
        "花子",
        "さくらROCK",
        "サクラろっく",
        "さくらロック",
        "さくらｒｏｃｋ",
        "090-0000-0000",
        "０９０ー００００ー００００",
        "09000000000",
        "0000",
    ],
)
def test_by_name_or_telephone_in_any_script(midori: Catalogue, words: str):
    made = a_booking(midori, shown_name="さくらRock さくらロック")

    assert [one.number for one in found(words)] == [made.booking.number]


@pytest.mark.parametrize("words", ["鈴木", "090-1111", "%", "_", "\\", "99999999"])
def test_what_nobody_is_called_finds_nothing(midori: Catalogue, words: str):
    a_booking(midori)

    assert found(words) == []


def test_by_number_in_any_width_or_by_its_end(midori: Catalogue):
    number = a_booking(midori).booking.number or ""
    a_booking(midori, ("room-2", NEXT_MONDAY, (9, 10)), email="taro@example.jp", name="森田 進")
    wide = number.translate({ord(str(n)): "０１２３４５６７８９"[n] for n in range(10)})

    for words in (number, f"{number[:4]}-{number[4:]}", f"{wide[:4]}－{wide[4:]}", number[4:]):
        assert [one.number for one in found(words)] == [number]


def test_a_whole_number_finds_that_booking_alone_although_a_telephone_ends_so(midori: Catalogue):
    first = a_booking(midori)
    second = a_booking(midori, ("room-2", NEXT_MONDAY, (9, 10)))
    second.booking.applicant_phone = f"0{first.booking.number}"
    db.session.flush()

    assert [one.number for one in found(first.booking.number or "")] == [first.booking.number]


def test_what_comes_next_stands_first_then_what_was_last(midori: Catalogue):
    later = a_booking(midori, ("room-1", date(2027, 3, 22), (10, 12)))
    soon = a_booking(midori, ("room-1", date(2027, 3, 15), (10, 12)))
    over = a_booking(midori, ("room-1", NEXT_MONDAY, (10, 12)))

    order = [one.number for one in found("山田", now=datetime(2027, 3, 10, 9, tzinfo=TOKYO))]

    assert order == [one.booking.number for one in (soon, later, over)]


def test_one_booking_is_one_result_with_its_next_use(midori: Catalogue):
    made = a_booking(
        midori, ("room-1", NEXT_MONDAY, (10, 12)), ("room-2", date(2027, 3, 15), (10, 12))
    )
    steps.cancel(midori, made, made.lines[0].id)

    (one,) = found("山田")

    assert (one.room, one.uses) == ("第2会議室", 2)


def test_only_halls_that_somebody_works_for(midori: Catalogue):
    kita = midori.facility_named("kita")
    assert kita
    made = a_booking(midori, facility="kita")
    a_booking(midori)

    assert [
        one.number for one in found("山田", halls=Scope(facility_ids=frozenset({kita.id})))
    ] == [made.booking.number]
    assert found("山田", halls=Scope()) == []


def test_another_municipality_is_not_searched(app: Any, midori: Catalogue):
    aoba = builders.catalogue_of("aoba")
    a_booking(aoba, slug="aoba", email="other@example.jp", name="青葉 次郎")

    assert found("青葉") == []


def test_one_more_than_is_shown_is_read_so_that_the_page_can_say_so(midori: Catalogue):
    for day in range(2, 32):
        if date(2027, 3, day).weekday() == 1:
            continue
        for hour in (9, 12):
            a_booking(midori, ("lobby", date(2027, 3, day), (hour, hour + 1)))

    assert len(found("山田")) == MOST_FOUND + 1


@pytest.mark.parametrize("words", ["1", "１２３", "12-3"])
def test_too_few_digits(words: str):
    assert is_numeric(words)
    assert is_too_short(words)


@pytest.mark.parametrize("words", ["山", "A1", "やまだ3"])
def test_words_are_never_too_short(words: str):
    assert not is_too_short(words)
