"""Fields of staff's filters: a day, a month, a choice, as people write and links carry them.

What was typed is kept and shown again, also when it can't be read.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import Form, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from app.kernel.text_ja import tidy
from app.web.words import _

Option = tuple[str, Any]  # a value and its name, perhaps not yet in the reader's language

YEARS = range(2000, 2100)

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")


def printable(typed: str) -> str:
    """Return what was typed without characters that no page can show again."""
    return "".join(one for one in typed if one.isprintable()).strip()


def as_day(typed: str) -> date | None:
    """Return the day somebody wrote: 2027-03-01, 2027/3/1 or 2027年3月1日, in any width."""
    return _date(_DAY.fullmatch(tidy(typed).replace(" ", "")))


def as_month(typed: str) -> date | None:
    """Return the first day of the month somebody wrote: 2027-03 or 2027年3月."""
    return _date(_MONTH.fullmatch(tidy(typed).replace(" ", "")))


def _date(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    year, month, day = (*map(int, found.groups()), 1)[:3]
    if year not in YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


class Day(StringField):  # type: ignore[misc]
    """A day; empty means any."""

    day: date | None = None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the day; what can't be read stays as it was typed."""
        self.data = printable(valuelist[0]) if valuelist else ""
        self.day = self.read(self.data)
        if self.day is not None:
            self.data = self.written(self.day)

    def read(self, typed: str) -> date | None:
        """Return what was typed as a day."""
        return as_day(typed)

    def written(self, day: date) -> str:
        """Return a day as browsers fill it in."""
        return day.isoformat()

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no day."""
        if self.data and self.day is None:
            raise StopValidation(
                _(
                    "「%(typed)s」は日付として読めません。2027-03-31 のように入れてください。",
                    typed=self.data[:40],
                )
            )


class Month(Day):
    """A month, known by its first day."""

    def read(self, typed: str) -> date | None:
        """Return what was typed as the first day of a month."""
        return as_month(typed)

    def written(self, day: date) -> str:
        """Return a month as browsers fill it in."""
        return f"{day:%Y-%m}"

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no month."""
        if self.day is None:
            raise StopValidation(
                _(
                    "「%(typed)s」は月として読めません。2027-03 のように入れてください。",
                    typed=(self.data or "")[:40],
                )
            )


class Choice(SelectField):  # type: ignore[misc]
    """One of a list; `unknown` is said when a link carries something else."""

    def __init__(
        self, label: str, *, options: Iterable[Option] = (), unknown: str = "", **more: Any
    ) -> None:
        super().__init__(label, choices=[], validate_choice=False, default="", **more)
        self.unknown = unknown
        self.offer(options)

    def offer(self, options: Iterable[Option], group: str | None = None) -> None:
        """Add values with their names, under a heading of the list or none."""
        self.choices += [SelectChoice(value=v, label=name, optgroup=group) for v, name in options]

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list."""
        chosen = self.data = str(self.raw_data[0]) if self.raw_data else ""
        if chosen not in {value for value, *_rest in self.iter_choices()}:
            raise StopValidation(self.unknown or _("一覧からえらんでください。"))


def page_number(typed: str) -> int | None:
    """Return the number of a page, or None for what is none; a far too great one is none."""
    return int(typed) if re.fullmatch(r"[1-9][0-9]{0,17}", typed) else None


def signed_number(typed: str) -> int | None:
    """Return a whole number as a form sends it back, with its sign; None when it is none."""
    digits_only = typed.removeprefix("-")
    is_number = digits_only.isascii() and digits_only.isdecimal() and len(digits_only) < 10
    return int(typed) if is_number else None


NEVER = 10**12  # no price and no count: what a form should have carried, and did not


def carried_number(typed: str) -> int:
    """Return a number that a form carries to say what was seen; NEVER where it does not."""
    found = signed_number(typed)
    return NEVER if found is None else found
