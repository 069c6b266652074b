"""When a hall is open and when not, in words; what its rooms cost at least."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.booking.plan import Facts, RoomDay, room_day
from app.booking.policy import Terms
from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo
from app.facilities.policy import (
    Closing,
    DatesClosing,
    FacilityCalendar,
    HolidayClosing,
    HolidayMove,
    Hours,
    NthWeekdayClosing,
    UnitDivision,
    WeeklyClosing,
    YearlyClosing,
)
from app.kernel.calendar_jp import WEEKDAYS
from app.tenants.policy import WEEKDAY_ORDER, Weekday
from app.web import formats
from app.web.words import _

LOOK_AHEAD = 60  # days; a hall that is closed longer is shown as it is today


def hours_in_words(calendar: FacilityCalendar) -> list[str]:
    """Return the opening hours, one line for each rule."""
    return [_hours(one) for one in calendar.hours]


def closings_in_words(calendar: FacilityCalendar, today: date) -> list[str]:
    """Return the closing days, one line for each rule; single days only while they are ahead."""
    found = [line for one in calendar.closings for line in _closing(one, today)]
    return found or [_("決まった休館日はありません")]


def help_of(hall: FacilityInfo, today: date) -> dict[str, str]:
    """Return whom to call about a hall, for the foot of its pages."""
    hours = hours_in_words(hall.calendar_on(today))[0]
    return {
        "name": hall.name,
        "phone": hall.phone,
        "hours": _("%(hours)s（休館日をのぞく）", hours=hours),
    }


def permits_in_words(hall: FacilityInfo, terms: Terms, purposes: Mapping[str, str]) -> list[str]:
    """Return which uses staff permit first, and within how many days they answer."""
    names = {room.slug: room.name for room in hall.rooms}
    found = []
    for one in terms.reviews:
        rooms = "・".join(names.get(slug, slug) for slug in one.rooms) or _("すべての部屋")
        if one.purposes:
            what = "・".join(purposes.get(known, known) for known in one.purposes)
            rooms = _("%(rooms)sを%(what)sに使うとき", rooms=rooms, what=what)
        text = _("%(rooms)sは、会館の許可がいります。申し込みから%(n)s日以内にお答えします。")
        found.append(text % {"rooms": rooms, "n": one.days})
    return found


@dataclass(frozen=True, slots=True)
class LeastFee:
    """What a use costs at least, and what for: an hour, a period."""

    yen: int
    minutes: int | None  # None: a named period, whatever its length

    @property
    def text(self) -> str:
        """Return 1時間400円から."""
        unit = formats.ja_length(self.minutes) if self.minutes else _("1区分")
        return _("%(unit)s %(yen)sから", unit=unit, yen=formats.yen(self.yen))


def least_fee(
    catalogue: Catalogue,
    hall: FacilityInfo,
    rooms: Iterable[RoomInfo],
    today: date,
    applicant_class: str,
) -> LeastFee | None:
    """Return the lowest fee of these rooms on the next open days; None: ask the hall."""
    found = [
        LeastFee(yen, _unit(plan))
        for room in rooms
        for plan in _next_plans(catalogue, hall, room, today)
        for yen in plan.prices(Facts(applicant_class, requested_on=today)).values()
        if yen is not None
    ]
    return min(found, key=lambda one: one.yen, default=None)


def next_open_day(catalogue: Catalogue, hall: FacilityInfo, today: date) -> date:
    """Return the first day from today on which a hall is open."""
    for ahead in range(LOOK_AHEAD):
        on = today + timedelta(days=ahead)
        if hall.rooms and room_day(catalogue, hall, hall.rooms[0], on).day.is_open:
            return on
    return today


def _next_plans(
    catalogue: Catalogue, hall: FacilityInfo, room: RoomInfo, today: date
) -> Iterator[RoomDay]:
    """Yield the room's next open day, and the next of the other kind (weekday, free day)."""
    seen: set[bool] = set()
    for ahead in range(14):
        plan = room_day(catalogue, hall, room, today + timedelta(days=ahead))
        if plan.day.is_open and plan.is_free_day not in seen:
            seen.add(plan.is_free_day)
            yield plan
        if len(seen) == 2:
            return


def _unit(plan: RoomDay) -> int | None:
    return plan.division.minutes if isinstance(plan.division, UnitDivision) else None


def _hours(one: Hours) -> str:
    text = formats.ja_minutes_span(one.from_, one.to)
    if one.weekdays:
        text = _("%(days)s %(hours)s", days=_weekdays(one.weekdays), hours=text)
    if one.season_from and one.season_to:
        season = _("%(a)sから%(b)sまで", a=_month_day(one.season_from), b=_month_day(one.season_to))
        text = _("%(season)sは、%(hours)s", season=season, hours=text)
    return text


def _closing(one: Closing, today: date) -> list[str]:
    if isinstance(one, WeeklyClosing):
        return [_("毎週%(days)s", days=_weekdays(one.weekdays)) + _move(one.on_holiday)]
    if isinstance(one, NthWeekdayClosing):
        return [_nth(one) + _move(one.on_holiday)]
    if isinstance(one, YearlyClosing):
        span = _("%(a)sから%(b)sまで", a=_month_day(one.from_), b=_month_day(one.to))
        return [_("%(span)s（%(name)s）", span=span, name=one.name)]
    if isinstance(one, DatesClosing):
        ahead = [day for day in one.dates if day >= today]
        return [_("%(day)s %(name)s", day=formats.ja_date(day), name=one.name) for day in ahead]
    assert isinstance(one, HolidayClosing)
    return [_("祝日")]


def _nth(one: NthWeekdayClosing) -> str:
    weekday = _weekdays((one.weekday,))
    counted = [_("最後の") if n == -1 else _("第%(n)s", n=n) for n in one.nth]
    return _("毎月%(which)s%(weekday)s", which="・".join(counted), weekday=weekday)


def _move(move: HolidayMove) -> str:
    """Return what happens when a regular closing day is a holiday."""
    instead = {
        "next_day": _("次の日"),
        "next_non_holiday": _("次の祝日でない日"),
        "next_weekday": _("次の平日"),
    }.get(move.instead)
    if move.then == "open" and instead:
        return _("（祝日のときは開館し、%(day)sに休みます）", day=instead)
    if move.then == "open":
        return _("（祝日のときは開館します）")
    return _("（祝日のときは、%(day)sも休みます）", day=instead) if instead else ""


def _weekdays(days: Sequence[Weekday]) -> str:
    names = [WEEKDAYS[WEEKDAY_ORDER.index(day)] for day in days]
    return _("%(names)s曜日", names="・".join(names))


def _month_day(text: str) -> str:
    month, day = text.split("-")
    return _("%(month)s月%(day)s日", month=int(month), day=int(day))
