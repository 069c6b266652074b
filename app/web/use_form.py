"""The form in which staff put right how a use went: times as people say them, people, a remark."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField
from wtforms.validators import StopValidation

from app.counter.uses import Noted
from app.kernel.spans import clock_text, instant
from app.kernel.text_ja import tidy
from app.web import formats
from app.web.forms import Line, Lines, Number
from app.web.words import _

MOST_PEOPLE = 100_000
_CLOCK = re.compile(r"(\d{1,2})(?:[:時](?:(\d{1,2})分?)?)?|(\d{1,2})(\d{2})")
_LATEST = 30 * 60  # a use may end after midnight of its day: 26:00


class Clock(Line):
    """A time of day, typed as 9:05, 9時5分, 905 or in any width; empty: not known."""

    minute: int | None = None

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, missing=None, **more)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the time; what can't be read stays as it was typed."""
        super().process_formdata(valuelist)
        self.minute = minute_of(self.data or "")
        if self.minute is not None:
            self.data = clock_text(self.minute)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no time."""
        super().pre_validate(form)
        if self.data and self.minute is None:
            raise StopValidation(_("時刻は、9:05 のように入力してください。"))


class UseForm(Form):  # type: ignore[misc]
    """How a use went."""

    came = Clock(_l("入室した時刻"))
    left = Clock(_l("退室した時刻"))
    people = Number(_l("実際の人数"), missing=None, least=1, greatest=MOST_PEOPLE, unit=_l("人"))
    remark = Lines(_l("気づいたこと"), missing=None)
    version = HiddenField()

    @property
    def seen(self) -> int:
        """Return how often it had been written when the form was shown; -1: it can't be told."""
        typed = self.version.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


def filled(noted: Noted, on: date) -> UseForm:
    """Return the form as things were noted."""
    form = UseForm()
    form.came.data = _text(noted.marks.came_at, on)
    form.left.data = _text(noted.marks.left_at, on)
    form.people.data = str(noted.people or "")
    form.remark.data = noted.remark
    form.version.data = str(noted.version)
    return form


def minute_of(typed: str) -> int | None:
    """Return the minutes since midnight that somebody wrote, or None for what is no time."""
    found = _CLOCK.fullmatch(tidy(typed).replace(" ", ""))
    if found is None:
        return None
    hour, minute = (found[3], found[4]) if found[3] else (found[1], found[2] or "0")
    total = int(hour) * 60 + int(minute)
    return total if int(minute) < 60 and total <= _LATEST else None


def moment(on: date, minute: int | None) -> datetime | None:
    """Return the instant of a minute of a day; 25:00 is the night after."""
    return None if minute is None else instant(on, minute, g.municipality.zone)


def same_minute(noted: datetime | None, typed: datetime | None) -> bool:
    """Say whether what was typed is what was noted; forms know no seconds."""
    if noted is None or typed is None:
        return noted is typed
    return noted.replace(second=0, microsecond=0) == typed


def _text(at: datetime | None, on: date) -> str:
    if at is None:
        return ""
    there = formats.local(at)
    return clock_text((there.date() - on).days * 24 * 60 + there.hour * 60 + there.minute)
