"""Works out a pack's own example bookings with the rules that the service runs on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.booking.plan import Facts, RoomDay, room_day
from app.booking.rules.outcomes import consequence, due_at
from app.booking.terms import terms_on
from app.facilities.catalogue import Catalogue, FacilityInfo
from app.facilities.rules import day_of
from app.fees.rules import Undetermined
from app.kernel.spans import clock_text, instant
from app.packs.examples import (
    UNDETERMINED,
    Case,
    DateCase,
    DayCase,
    ExpectedDates,
    FeeCase,
    RefundCase,
    SlotsCase,
    UseEntry,
)
from app.packs.format import Pack
from app.packs.memory import ZONE, catalogue_of
from app.packs.moments import beginning, ending


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what the ordinance gives, and what the service works out."""

    id: str
    name: str
    expected: str
    got: str

    @property
    def passed(self) -> bool:
        """Say whether the service agrees with the ordinance."""
        return self.expected == self.got

    def __str__(self) -> str:
        mark = "合格" if self.passed else "不合格"
        name = f"（{self.name}）" if self.name else ""
        if self.passed:
            return f"{mark} {self.id}{name}: {self.got}"
        return f"{mark} {self.id}{name}: 正しくは {self.expected}、計算では {self.got}"


class NotFound(Exception):  # noqa: N818 - told as the result of the case
    """A case speaks of something that its pack does not have."""


def run_cases(pack: Pack) -> list[CaseResult]:
    """Return the result of each case in order."""
    catalogue = catalogue_of(pack)
    return [_result(catalogue, case) for case in pack.cases.cases]


def _result(catalogue: Catalogue, case: Case) -> CaseResult:
    expected, work = _work(catalogue, case)
    try:
        got = work()
    except NotFound as missing:
        got = str(missing)
    return CaseResult(case.id, case.name, expected, got)


def _work(catalogue: Catalogue, case: Case) -> tuple[str, Callable[[], str]]:
    if isinstance(case, FeeCase):
        return _fee_text(case.expect, case.question), lambda: _fee(catalogue, case)
    if isinstance(case, RefundCase):
        return f"{case.expect:,}円", lambda: _refund(catalogue, case)
    if isinstance(case, DateCase):
        return _dates_text(_normal(case.expect)), lambda: _dates(catalogue, case)
    if isinstance(case, DayCase):
        return case.expect, lambda: _day(catalogue, case)
    return " ".join(case.expect), lambda: _slots(catalogue, case)


def _fee(catalogue: Catalogue, case: FeeCase) -> str:
    total = 0
    for use in case.uses:
        day = _room_day(catalogue, use.facility, use.room, use)
        run = day.run(use.from_, use.to)
        if run is None:
            times = f"{clock_text(use.from_)}-{clock_text(use.to)}"
            raise NotFound(f"{use.on} の {times} は、この部屋の時間区分に合いません")
        policy = catalogue.policy_on(use.on)
        applicant = case.applicant or policy.default_class().id
        quote = day.quote(run, Facts(applicant, case.admission_yen, case.for_profit))
        if isinstance(quote, Undetermined):
            return _fee_text(None, quote.rule if case.question else None)
        total += quote.total_yen
    return _fee_text(total, None)


def _fee_text(yen: int | None, question: str | None) -> str:
    if yen is not None:
        return f"{yen:,}円"
    return f"{UNDETERMINED}（{question}）" if question else UNDETERMINED


def _refund(catalogue: Catalogue, case: RefundCase) -> str:
    terms = terms_on(_facility(catalogue, case.facility), case.on).document
    today = case.on - timedelta(days=case.days_before)
    found = consequence(terms, fee_yen=case.paid_yen, is_paid=True, use_day=case.on, today=today)
    return f"{found.refund_yen:,}円"


def _dates(catalogue: Catalogue, case: DateCase) -> str:
    day = _room_day(catalogue, case.facility, case.room, case)
    start = case.from_
    if start is None:
        if not day.slots:
            raise NotFound(f"{case.on} は休館日です")
        start = day.slots[0].from_minute
    applicant = case.applicant or catalogue.policy_on(case.on).default_class().id
    window = day.window(start, applicant, case.beside)
    if window is None:
        return _dates_text(ExpectedDates(online=False))
    zone, wanted = catalogue.zone, case.expect
    opens = beginning(window.opens_at, zone)
    due = due_at(
        day.terms.document.payment,
        requested_on=case.requested_on or opens.day,
        first_use=instant(case.on, start, zone),
        zone=zone,
    )
    return _dates_text(
        ExpectedDates.model_construct(
            online=True,
            opens=opens if wanted.opens else None,
            closes=ending(window.closes_at, zone) if wanted.closes else None,
            due=ending(due, zone) if wanted.due else None,
        )
    )


def _normal(dates: ExpectedDates) -> ExpectedDates:
    """Return dates with ends at midnight written as 24:00 of the day before."""
    ends = {
        name: ending(moment.at(ZONE), ZONE)
        for name, moment in (("closes", dates.closes), ("due", dates.due))
        if moment
    }
    return dates.model_copy(update=ends)


def _dates_text(dates: ExpectedDates) -> str:
    if not dates.online:
        return "ネットでは申し込めない"
    named = (("受付開始", dates.opens), ("受付終了", dates.closes), ("納期限", dates.due))
    return " ".join(f"{name} {moment}" for name, moment in named if moment)


def _day(catalogue: Catalogue, case: DayCase) -> str:
    facility = _facility(catalogue, case.facility)
    local = catalogue.holidays_on(case.on)
    return "open" if day_of(facility.calendar_on(case.on), case.on, local).is_open else "closed"


def _slots(catalogue: Catalogue, case: SlotsCase) -> str:
    day = _room_day(catalogue, case.facility, case.room, case)
    return " ".join(
        f"{clock_text(slot.from_minute)}-{clock_text(slot.to_minute)}" for slot in day.slots
    )


def _room_day(
    catalogue: Catalogue, facility: str, room: str, on: UseEntry | DateCase | SlotsCase
) -> RoomDay:
    found = _facility(catalogue, facility)
    named = found.room_named(room)
    if named is None:
        raise NotFound(f"{found.name}に「{room}」という部屋はありません")
    return room_day(catalogue, found, named, on.on)


def _facility(catalogue: Catalogue, slug: str) -> FacilityInfo:
    found = catalogue.facility_named(slug)
    if found is None:
        raise NotFound(f"「{slug}」という施設はありません")
    return found
