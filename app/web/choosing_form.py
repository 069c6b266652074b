"""The form of choosing together: which days, which rooms, what time of the day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, SelectField, SelectMultipleField
from wtforms.validators import StopValidation

from app.booking.plan import RoomDay, room_day
from app.booking.service.basket_plan import Wish
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.facilities.policy import PeriodDivision
from app.web import context, formats, hallwords
from app.web.words import _


class Several(SelectMultipleField):  # type: ignore[misc]
    """Some of a list; `missing` is said when nothing is ticked."""

    def __init__(self, label: str, *, missing: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], **more)
        self.missing = missing

    def pre_validate(self, form: Form) -> None:
        """Refuse nothing, and what is not on the list."""
        if not self.data and self.missing:
            raise StopValidation(self.missing)
        if not set(self.data or ()) <= set(dict(self.choices)):
            raise StopValidation(_("一覧からえらんでください。"))


class Minute(SelectField):  # type: ignore[misc]
    """A time of the day out of a list."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], **more)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list."""
        if self.choices and self.data not in dict(self.choices):
            raise StopValidation(_("時間をえらんでください。"))


class ChooseForm(Form):  # type: ignore[misc]
    """Days, rooms and a time; a hall in periods is asked for periods, others for from and to."""

    days = Several(_l("日にち"), missing=_l("日にちを1つ以上えらんでください。"))
    rooms = Several(_l("部屋"), missing="")
    whole = BooleanField(_l("すべての部屋（建物ぜんぶ）"))
    periods = Several(_l("時間"), missing="")
    begins = Minute(_l("何時から"))
    ends = Minute(_l("何時まで"))
    all_or_nothing = BooleanField(_l("1つでもとれないときは、どれもとらない"))

    def __init__(self, hall: FacilityInfo, days: list[date], typed: Any) -> None:
        super().__init__(typed)
        self.hall = hall
        plans = _plans(hall)
        self.days.choices = [(one.isoformat(), formats.ja_day(one)) for one in days]
        self.rooms.choices = [(room.slug, room.name) for room in hall.rooms]
        if _same_periods(plans):
            slots = plans[0].slots
            self.periods.choices = [
                (s.id, f"{s.name} {formats.ja_minutes_span(s.from_minute, s.to_minute)}")
                for s in slots
            ]
        else:
            every = [slot for plan in plans for slot in plan.slots]
            self.begins.choices = _minutes({slot.from_minute for slot in every})
            self.ends.choices = _minutes({slot.to_minute for slot in every})

    def validate_rooms(self, field: Several) -> None:
        """Refuse when no room is ticked, nor the whole building."""
        if not field.data and not self.whole.data:
            raise StopValidation(_("部屋を1つ以上えらんでください。"))

    def validate_periods(self, field: Several) -> None:
        """Refuse when a hall in periods is asked for none of them."""
        if field.choices and not field.data:
            raise StopValidation(_("時間を1つ以上えらんでください。"))

    def validate_ends(self, field: Minute) -> None:
        """Refuse an end before the beginning."""
        known = {value for value, _name in self.begins.choices or ()}
        if self.begins.data not in known:
            return  # what is wrong stands there already
        if field.choices and int(field.data) <= int(self.begins.data):
            raise StopValidation(_("終わりの時刻を、始まりの時刻より後にしてください。"))

    def wishes(self, whole: list[RoomInfo]) -> list[Wish]:
        """Return what the answers of a valid form ask for; `whole` are the building's rooms."""
        wanted = set(self.rooms.data or ())
        some = whole if self.whole.data else [r for r in self.hall.rooms if r.slug in wanted]
        days = [date.fromisoformat(one) for one in self.days.data]
        found = [wish for on in days for room in some for wish in self._wishes_of(room, on)]
        return list(dict.fromkeys(found))

    def _wishes_of(self, room: RoomInfo, on: date) -> Iterator[Wish]:
        plan = room_day(context.catalogue(), self.hall, room, on)
        if self.periods.choices:
            slots = [slot for slot in plan.slots if slot.id in self.periods.data]
            runs = plan.runs(slots)
        else:
            begins, ends = int(self.begins.data), int(self.ends.data)
            runs = plan.runs(
                [s for s in plan.slots if s.from_minute < ends and begins < s.to_minute]
            )
            if not runs:
                yield Wish(room.id, on, begins, ends)  # the answer says why not
        for run in runs:
            yield Wish(room.id, on, run.from_minute, run.to_minute)


def _plans(hall: FacilityInfo) -> list[RoomDay]:
    """Return the rooms' next open day: its hours are what the form offers."""
    catalogue = context.catalogue()
    on = hallwords.next_open_day(catalogue, hall, context.today() + timedelta(days=1))
    return [room_day(catalogue, hall, room, on) for room in hall.rooms]


def _same_periods(plans: list[RoomDay]) -> bool:
    return len({plan.slots for plan in plans}) == 1 and isinstance(
        plans[0].division, PeriodDivision
    )


def _minutes(found: set[int]) -> list[tuple[str, str]]:
    return [(str(minute), formats.ja_minute(minute)) for minute in sorted(found)]
