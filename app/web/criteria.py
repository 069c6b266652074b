"""What a visitor searches for: the form of the first page, and its answers as values."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import g, session
from flask_babel import lazy_gettext as _l
from wtforms import DateField, Form, SelectField
from wtforms.validators import StopValidation

from app.booking.finding import Asked
from app.kernel import text_ja
from app.web import context
from app.web.forms import Number
from app.web.words import _

LAST_YEAR = 2098
MOST_PEOPLE = 99_999
WRITTEN = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日")


class Day(DateField):  # type: ignore[misc]
    """A day that has not gone by, written in any usual way; it may be left empty."""

    data: date | None
    typed = ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed; whether it is a day, pre_validate says."""
        self.data = None
        self.typed = text_ja.tidy(valuelist[0]).replace(" ", "") if valuelist else ""

    def pre_validate(self, form: Form) -> None:
        """Read the day; refuse what is none or has gone by."""
        if not self.typed:
            return
        found = _read(self.typed)
        if found is None:
            raise StopValidation(_("日にちは、2027年4月1日のように入力してください。"))
        if found < context.today():
            raise StopValidation(_("日にちは、今日か、今日より後の日を入力してください。"))
        if found.year > LAST_YEAR:
            raise StopValidation(_("先すぎる日です。来年までの日を入力してください。"))
        self.data = found


class People(Number):
    """How many people come; it may be left empty."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, missing="", least=1, greatest=MOST_PEOPLE, unit=_l("人"), **more)
        self.flags.required = False

    def pre_validate(self, form: Form) -> None:
        """Read the number when there is one."""
        if self.data:
            super().pre_validate(form)


class OneOf(SelectField):  # type: ignore[misc]
    """One of a list, or none of it."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, validate_choice=False, choices=[], **more)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list."""
        if self.data and self.data not in dict(self.choices):
            raise StopValidation(_("一覧からえらんでください。"))


class SearchForm(Form):  # type: ignore[misc]
    """The search of the first page; every field may be left empty."""

    on = Day(_l("日にち"))
    part = OneOf(_l("時間帯"))
    people = People(_l("人数"))
    purpose = OneOf(_l("何に使いますか"))
    facility = OneOf(_l("施設"))

    def __init__(self, typed: Any = None) -> None:
        super().__init__(typed)
        policy = context.policy()
        halls = context.catalogue().facilities
        self.part.choices = [("", _("いつでも")), *((p.id, p.name) for p in policy.parts_of_day)]
        self.purpose.choices = [("", _("えらばない")), *((p.id, p.name) for p in policy.purposes)]
        self.facility.choices = [("", _("すべての施設")), *((f.slug, f.name) for f in halls)]

    @property
    def asked(self) -> Asked:
        """Return the answers of a valid form."""
        return Asked(
            self.part.data or None,
            self.people.number,
            self.purpose.data or None,
            self.facility.data or None,
        )

    @property
    def said(self) -> dict[str, str]:
        """Return the answers in words, by the field they belong to."""
        names = {name: dict(self[name].choices) for name in ("part", "purpose", "facility")}
        found = {
            name: choices[self[name].data] for name, choices in names.items() if self[name].data
        }
        if self.people.number:
            found["people"] = _("%(n)s人", n=self.people.number)
        return found

    def query(self, **changes: str | date | None) -> dict[str, Any]:
        """Return the answers as a query, some of them changed; None leaves one out."""
        answers: Mapping[str, Any] = {
            "on": self.on.data, "part": self.part.data, "people": self.people.number,
            "purpose": self.purpose.data, "facility": self.facility.data, **changes,
        }  # fmt: skip
        return {name: str(value) for name, value in answers.items() if value}


def remember(form: SearchForm) -> None:
    """Keep what was said of people and purpose: nothing is asked twice in one journey."""
    told = {"people": str(form.people.number or ""), "purpose": form.purpose.data or ""}
    said = {name: value for name, value in told.items() if value}
    if said and remembered() != said:
        session["said"] = {**session.get("said", {}), g.municipality.slug: said}


def remembered() -> dict[str, str]:
    """Return what was said in this municipality."""
    found: dict[str, str] = session.get("said", {}).get(g.municipality.slug) or {}
    return found


def _read(typed: str) -> date | None:
    for pattern in WRITTEN:
        try:
            return datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
