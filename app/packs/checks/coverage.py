"""Checks that no room is forgotten: hours, division, reception, price."""

from collections.abc import Iterator
from datetime import date

from app.facilities.policy import Division, FacilityCalendar, PeriodDivision
from app.fees.policy import Tariff
from app.fees.rules import Undetermined, Use, quote
from app.packs.checks.subject import AboutFacility
from app.packs.format import RoomEntry
from app.packs.problems import Problem

_NO_PRICE = "no-price"
_DAYS = ((False, "平日"), (True, "土日祝"))


def facility(about: AboutFacility) -> Iterator[Problem]:
    """Yield what a room of the facility lacks."""
    yield from _divisions(about)
    yield from _receptions(about)
    yield from _prices(about)


def _divisions(about: AboutFacility) -> Iterator[Problem]:
    for place, calendar in enumerate(about.one.calendar):
        for room in about.one.rooms:
            naming = [one for one in calendar.divisions if room.slug in one.rooms]
            general = [one for one in calendar.divisions if not one.rooms]
            where = ("calendar", place, "divisions")
            if not naming and not general:
                message = f"「{room.name}」（{room.slug}）の時間区分がありません。"
                yield about.problem(where, message)
            elif len(naming) > 1 or (not naming and len(general) > 1):
                message = f"「{room.name}」（{room.slug}）に当たる時間区分が2つ以上あります。"
                yield about.problem(where, message)
        yield from _hours(about, place, calendar)


def _hours(about: AboutFacility, place: int, calendar: FacilityCalendar) -> Iterator[Problem]:
    """A period outside every opening hour could never be booked."""
    for number, division in enumerate(calendar.divisions):
        if not isinstance(division, PeriodDivision):
            continue
        for count, period in enumerate(division.periods):
            if not any(h.from_ <= period.from_ and period.to <= h.to for h in calendar.hours):
                message = f"「{period.name}」は、どの開館時間（hours）にも入りません。"
                where = ("calendar", place, "divisions", number, "periods", count)
                yield about.warning(where, message)


def _receptions(about: AboutFacility) -> Iterator[Problem]:
    for place, terms in enumerate(about.one.terms):
        for room in about.one.rooms:
            open_to = [
                rule
                for rule in terms.reception
                if not rule.together_with and (not rule.rooms or room.slug in rule.rooms)
            ]
            for one in about.classes:
                if not any(not rule.classes or one in rule.classes for rule in open_to):
                    message = (
                        f"利用者区分「{one}」の方は「{room.name}」（{room.slug}）をネットで"
                        "申し込めません（受付の定めがありません）。"
                    )
                    yield about.warning(("terms", place, "reception"), message)


def _prices(about: AboutFacility) -> Iterator[Problem]:
    for place, tariff in enumerate(about.one.fees):
        for room in about.one.rooms:
            missing = sorted(set(_without_price(about, tariff, room, tariff.effective_from)))
            if missing:
                message = (
                    f"「{room.name}」（{room.slug}）の料金がありません: {'、'.join(missing)}。"
                )
                hint = "料金か open_questions（定めのない場合）を書いてください。"
                yield about.problem(("fees", place, "prices"), message + hint)


def _without_price(
    about: AboutFacility, tariff: Tariff, room: RoomEntry, since: date
) -> Iterator[str]:
    """Yield the uses of a room that a tariff has no price for, asking the engine itself."""
    for calendar in _calendars_from(about, since):
        try:
            division = calendar.division(room.slug)
        except LookupError:
            continue  # told already
        for use, name in _uses(division, room.slug, about.classes or [""]):
            found = quote(tariff, use)
            if isinstance(found, Undetermined) and found.rule == _NO_PRICE:
                yield name


def _calendars_from(about: AboutFacility, since: date) -> Iterator[FacilityCalendar]:
    """Yield the calendar in force on a day and those that follow it."""
    held = [one for one in about.one.calendar if one.effective_from <= since]
    yield from held[-1:]
    yield from (one for one in about.one.calendar if one.effective_from > since)


def _uses(division: Division, room: str, classes: list[str]) -> Iterator[tuple[Use, str]]:
    periods = (
        [((one.id, one.name),) for one in division.periods]
        if isinstance(division, PeriodDivision)
        else [()]
    )
    for applicant in classes:
        for is_free_day, days in _DAYS:
            for period in periods:
                use = Use(
                    room=room,
                    minutes=60,
                    periods=period,
                    gaps=(),
                    gap_yen=0,
                    is_weekend_or_holiday=is_free_day,
                    applicant_class=applicant,
                )
                named = "・".join(name for _, name in period)
                yield use, " ".join(part for part in (applicant, days, named) if part)
