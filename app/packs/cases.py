"""Works out a pack's own example bookings with the rules that the service runs on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.booking.plan import Facts, RoomDay, room_day
from app.booking.rules.days import Place
from app.booking.rules.lotteries import lottery_days
from app.booking.rules.outcomes import debited_on, due_at
from app.booking.rules.refunds import refund
from app.booking.terms import terms_on
from app.facilities.catalogue import Catalogue, FacilityInfo
from app.facilities.rules import day_of
from app.fees.queries import tariff_on
from app.fees.rules import Quote, Undetermined, pass_quote
from app.kernel.spans import clock_text, instant
from app.packs.examples import (
    UNDETERMINED,
    Case,
    DateCase,
    DayCase,
    ExpectedDates,
    ExpectedLottery,
    FeeCase,
    LotteryCase,
    PassCase,
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
    details: tuple[str, ...] = ()  # of a fee that came out otherwise: its lines

    @property
    def passed(self) -> bool:
        """Say whether the service agrees with the ordinance."""
        return self.expected == self.got

    def __str__(self) -> str:
        mark = "合格" if self.passed else "不合格"
        name = f"（{self.name}）" if self.name else ""
        if self.passed:
            return f"{mark} {self.id}{name}: {self.got}"
        told = f"{mark} {self.id}{name}: 正しくは {self.expected}、計算では {self.got}"
        return "\n".join([told, *(f"    {line}" for line in self.details)])


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
    if got != expected and isinstance(case, FeeCase):
        return CaseResult(case.id, case.name, expected, got, tuple(_details(catalogue, case)))
    return CaseResult(case.id, case.name, expected, got)


def _work(catalogue: Catalogue, case: Case) -> tuple[str, Callable[[], str]]:
    if isinstance(case, FeeCase):
        return _fee_text(case.expect, case.question), lambda: _fee(catalogue, case)
    if isinstance(case, PassCase):
        return _fee_text(case.expect, None), lambda: _pass(catalogue, case)
    if isinstance(case, RefundCase):
        return _fee_text(case.expect, None), lambda: _refund(catalogue, case)
    if isinstance(case, LotteryCase):
        return _lottery_text(case.expect), lambda: _lottery(catalogue, case)
    if isinstance(case, DateCase):
        return _dates_text(_normal(case.expect)), lambda: _dates(catalogue, case)
    if isinstance(case, DayCase):
        return case.expect, lambda: _day(catalogue, case)
    return " ".join(case.expect), lambda: _slots(catalogue, case)


def _fee(catalogue: Catalogue, case: FeeCase) -> str:
    total = 0
    for quote in _quotes(catalogue, case):
        if isinstance(quote, Undetermined):
            return _fee_text(None, quote.rule if case.question else None)
        total += quote.total_yen
    return _fee_text(total, None)


def _quotes(catalogue: Catalogue, case: FeeCase) -> Iterator[Quote | Undetermined]:
    """Yield the fee of each use of a case."""
    for use in case.uses:
        day = _room_day(catalogue, use.facility, use.room, use)
        run = day.run(use.from_, use.to)
        if run is None:
            times = f"{clock_text(use.from_)}-{clock_text(use.to)}"
            raise NotFound(f"{use.on} の {times} は、この部屋の時間区分に合いません")
        applicant = case.applicant or catalogue.policy_on(use.on).default_class().id
        yield day.quote(run, _facts(case, applicant))


def _details(catalogue: Catalogue, case: FeeCase) -> Iterator[str]:
    try:
        for quote in _quotes(catalogue, case):
            yield from explained(quote)
    except NotFound:
        return  # told as the result


def priced(pack: Pack, case: FeeCase) -> tuple[list[str], bool]:
    """Return the fee of uses line by line with its total, and whether the rules decide it.

    Raises NotFound for a room or a time that the pack does not have.
    """
    found = list(_quotes(catalogue_of(pack), case))
    lines = [line for one in found for line in explained(one)]
    known = [one.total_yen for one in found if isinstance(one, Quote)]
    if len(known) == len(found):
        lines.append(f"合計 {sum(known):,}円（税込）")
    return lines, len(known) == len(found)


def explained(found: Quote | Undetermined) -> Iterator[str]:
    """Yield a fee line by line, or what leaves it open with what each reading costs."""
    if isinstance(found, Quote):
        for line in found.lines:
            yield f"{line.label} {line.arithmetic} = {line.yen:,}円 [{line.rule}] {line.citation}"
        return
    yield f"{UNDETERMINED} [{found.rule}] {found.because}"
    for reading in found.readings:
        yield f"読み方: {reading.name} → {_fee_text(reading.yen, None)}"


def _facts(case: FeeCase, applicant: str) -> Facts:
    return Facts(
        applicant_class=applicant,
        admission_yen=case.admission_yen,
        is_for_profit=case.for_profit,
        purpose=case.purpose or "",
        attributes=frozenset(case.attributes),
        extras=tuple(case.extras.items()),
        people=tuple(case.people.items()),
        items=case.items,
        overtime_minutes=case.overtime_minutes,
        waivers=frozenset(case.waivers),
    )


def _pass(catalogue: Catalogue, case: PassCase) -> str:
    tariff = tariff_on(_facility(catalogue, case.facility), case.on).document
    found = pass_quote(tariff, case.membership, case.category)
    return _fee_text(found.total_yen if isinstance(found, Quote) else None, None)


def _fee_text(yen: int | None, question: str | None) -> str:
    if yen is not None:
        return f"{yen:,}円"
    return f"{UNDETERMINED}（{question}）" if question else UNDETERMINED


def _refund(catalogue: Catalogue, case: RefundCase) -> str:
    facility = _facility(catalogue, case.facility)
    found = refund(
        terms_on(facility, case.on).document.cancellation,
        use_day=case.on,
        today=case.today,
        room=case.room or "",
        cause=case.cause,
        place=Place(catalogue, facility),
    )
    percent = found.percent
    return _fee_text(None if percent is None else case.paid_yen * percent // 100, None)


def _lottery(catalogue: Catalogue, case: LotteryCase) -> str:
    applicant = case.applicant or catalogue.policy_on(case.on).default_class().id
    terms = terms_on(_facility(catalogue, case.facility), case.on).document
    found = lottery_days(terms, room=case.room, applicant_class=applicant, use_day=case.on)
    if found is None:
        return _lottery_text(ExpectedLottery(eligible=False))
    wanted = case.expect.model_dump(exclude_none=True)
    known = {
        "apply_from": found.apply_from,
        "apply_to": found.apply_to,
        "draw": found.draw,
        "confirm_from": found.confirm_from,
        "confirm_to": found.confirm_to,
        "first_come": found.first_come,
        "bundle": found.rule.bundle,
        "separate": found.rule.separate,
    }
    compared = {name: value for name, value in known.items() if name in wanted}
    return _lottery_text(ExpectedLottery.model_validate(compared))


def _lottery_text(days: ExpectedLottery) -> str:
    if not days.eligible:
        return "抽選に申し込めない"
    told = days.model_dump(exclude_none=True, exclude={"eligible"})
    return " ".join(f"{name} {value}" for name, value in told.items()) or "抽選に申し込める"


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
        place=day.place,
    )
    return _dates_text(
        ExpectedDates.model_construct(
            online=True,
            opens=opens if wanted.opens else None,
            closes=ending(window.closes_at, zone) if wanted.closes else None,
            due=ending(due, zone) if wanted.due else None,
            debit=debited_on(day.terms.document.payment, case.on) if wanted.debit else None,
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
    named = (
        ("受付開始", dates.opens),
        ("受付終了", dates.closes),
        ("納期限", dates.due),
        ("口座振替", dates.debit),
    )
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
