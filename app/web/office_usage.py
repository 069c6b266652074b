"""The filter row over the usage of a month, and what it selects."""

from datetime import date

from flask import request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.db import db
from app.reports.usage import RoomUse, usage
from app.web import context
from app.web.office_filters import ALL, month_of
from app.web.staff_forms import Choice, Month


class UsageFilters(Form):  # type: ignore[misc]
    """Which month, which hall."""

    month = Month(_l("月"))
    facility = Choice(_l("施設"), unknown=_l("この施設はありません。一覧からえらんでください。"))

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of the month; only of a form that is valid."""
        assert self.month.day is not None
        return month_of(self.month.day)


def read() -> UsageFilters:
    """Return the filters of this request; without a month it is the present one."""
    given = MultiDict(request.args)
    given.setdefault("month", f"{context.today():%Y-%m}")
    form = UsageFilters(formdata=None)
    halls = context.catalogue().facilities
    form.facility.offer([ALL, *((one.slug, one.name) for one in halls)])
    form.process(formdata=given)
    return form


def rooms(form: UsageFilters) -> list[RoomUse]:
    """Return every room of the month that was asked; only of a form that is valid."""
    first, last = form.days
    hall = context.catalogue().facility_named(form.facility.data)
    return usage(db.session(), context.catalogue(), first, last, hall.id if hall else None)
