"""Checks that everything that is named exists: rooms, classes, purposes, periods."""

from collections.abc import Iterator

from app.facilities.policy import FacilityCalendar, PeriodDivision
from app.fees.policy import PeriodPrice, Price, TogetherPrice
from app.packs.checks.subject import About, AboutFacility
from app.packs.problems import Path, Problem
from app.tenants.policy import MunicipalityPolicy, Quota


def policy(about: About) -> Iterator[Problem]:
    """Yield what a municipality's policies name twice or in vain."""
    for place, one in enumerate(about.policies):
        here: Path = ("policy", place)
        for field, ids in _ids(one).items():
            yield from about.repeated((*here, field), ids)
        classes = [each.id for each in one.applicant_classes]
        for number, quota in enumerate(one.quotas):
            path = (*here, "quotas", number, "classes")
            yield from about.unknown(path, quota.classes, classes, "利用者区分")
        defaults = sum(each.is_default for each in one.applicant_classes)
        if defaults != 1:
            message = f"is_default: true の区分を1つだけにします（いまは{defaults}つ）。"
            yield about.problem((*here, "applicant_classes"), message)


def _ids(one: MunicipalityPolicy) -> dict[str, list[str]]:
    return {
        "applicant_classes": [each.id for each in one.applicant_classes],
        "purposes": [each.id for each in one.purposes],
        "parts_of_day": [each.id for each in one.parts_of_day],
        "quotas": [each.id for each in one.quotas],
    }


def facility(about: AboutFacility) -> Iterator[Problem]:
    """Yield what a facility's rooms and rules name in vain."""
    purposes = list({p.id: None for policy in about.policies for p in policy.purposes})
    if about.policies:
        for place, room in enumerate(about.one.rooms):
            path: Path = ("rooms", place, "purposes")
            yield from about.unknown(path, room.purposes, purposes, "利用目的")
    yield from _calendar(about)
    yield from _terms(about)
    yield from _fees(about)
    for place, closure in enumerate(about.one.closures):
        yield from about.unknown(("closures", place, "rooms"), closure.rooms, about.rooms, "部屋")


def _calendar(about: AboutFacility) -> Iterator[Problem]:
    for place, edition in enumerate(about.one.calendar):
        for number, division in enumerate(edition.divisions):
            here: Path = ("calendar", place, "divisions", number)
            yield from about.unknown((*here, "rooms"), division.rooms, about.rooms, "部屋")
            if isinstance(division, PeriodDivision):
                ids = [period.id for period in division.periods]
                yield from about.repeated((*here, "periods"), ids)


def _terms(about: AboutFacility) -> Iterator[Problem]:
    for place, edition in enumerate(about.one.terms):
        here: Path = ("terms", place)
        for number, rule in enumerate(edition.reception):
            path = (*here, "reception", number)
            yield from about.unknown((*path, "rooms"), rule.rooms, about.rooms, "部屋")
            beside = rule.together_with
            yield from about.unknown((*path, "together_with"), beside, about.rooms, "部屋")
            yield from _classes(about, path, rule.classes)
        yield from _payee(about, (*here, "payment", "payee"), edition.payment.payee)
        for number, review in enumerate(edition.reviews):
            path = (*here, "reviews", number)
            yield from about.unknown((*path, "rooms"), review.rooms, about.rooms, "部屋")
            yield from _classes(about, path, review.classes)
        for number, quota in enumerate(edition.quotas):
            yield from _quota(about, (*here, "quotas", number), quota)
        for field, ids in (
            ("quotas", [quota.id for quota in edition.quotas]),
            ("questions", [question.id for question in edition.questions]),
            ("grounds", [ground.id for ground in edition.grounds]),
        ):
            yield from about.repeated((*here, field), ids)


def _payee(about: AboutFacility, path: Path, named: str) -> Iterator[Problem]:
    if named != "city" and about.policies:
        known = list({p.id: None for policy in about.policies for p in policy.payees})
        yield from about.unknown(path, [named], known, "料金を受け取るところ")


def _quota(about: AboutFacility, path: Path, quota: Quota) -> Iterator[Problem]:
    yield from about.unknown((*path, "rooms"), quota.rooms, about.rooms, "部屋")
    yield from _classes(about, path, quota.classes)


def _classes(about: AboutFacility, path: Path, classes: tuple[str, ...]) -> Iterator[Problem]:
    if about.policies:
        yield from about.unknown((*path, "classes"), classes, about.classes, "利用者区分")


def _fees(about: AboutFacility) -> Iterator[Problem]:
    for place, edition in enumerate(about.one.fees):
        here: Path = ("fees", place)
        for number, price in enumerate(edition.prices):
            path = (*here, "prices", number)
            yield from about.unknown((*path, "rooms"), price.rooms, about.rooms, "部屋")
            yield from _classes(about, path, price.classes)
            yield from _periods(about, path, price)
        for number, question in enumerate(edition.open_questions):
            path = (*here, "open_questions", number)
            yield from about.unknown((*path, "rooms"), question.rooms, about.rooms, "部屋")
            yield from _classes(about, path, question.classes)
        yield from about.repeated((*here, "prices"), [price.id for price in edition.prices])
        questions = [question.id for question in edition.open_questions]
        yield from about.repeated((*here, "open_questions"), questions)


def _periods(about: AboutFacility, path: Path, price: Price) -> Iterator[Problem]:
    if not isinstance(price, PeriodPrice | TogetherPrice):
        return
    known = _periods_of(about, price.rooms)
    if isinstance(price, PeriodPrice):
        for name in price.yen:
            for problem in about.unknown((*path, "yen"), [name], known, "時間区分"):
                yield about.problem((*path, "yen", name), problem.message)
    else:
        yield from about.unknown((*path, "periods"), price.periods, known, "時間区分")


def _periods_of(about: AboutFacility, rooms: tuple[str, ...]) -> list[str]:
    found: dict[str, None] = {}
    for edition in about.one.calendar:
        for room in rooms:
            found.update(dict.fromkeys(_of_room(edition, room)))
    return list(found)


def _of_room(calendar: FacilityCalendar, room: str) -> list[str]:
    try:
        division = calendar.division(room)
    except LookupError:
        return []
    return [one.id for one in division.periods] if isinstance(division, PeriodDivision) else []
