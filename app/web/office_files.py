"""Bookings as files; who takes one is written down first."""

import io
from collections.abc import Iterator

from flask import Blueprint, g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.reports.as_csv import as_csv
from app.reports.as_xlsx import Sheet, write_xlsx
from app.reports.exporting import note_bookings
from app.reports.lines import LineRow, stream_lines, totals
from app.web import context, formats, making, office_columns, office_filters
from app.web.access import access
from app.web.downloads import csv_type, encoding_asked, named, streamed, workbook
from app.web.office import unread
from app.web.words import _

bp = Blueprint("office_files", __name__)

AT_ONCE = 2_000  # lines of a workbook, about two seconds; more are made by the worker
MOST_IN_A_WORKBOOK = 500_000  # lines


@bp.get("/bookings/csv")
@access(Permission.OFFICE, recent=True)
def bookings_csv() -> ResponseReturnValue:
    """Send the bookings that the filters select as CSV, read and sent piece by piece."""
    encoding, form = encoding_asked(), office_filters.read()
    if not form.validate():
        return unread(form)
    _note(form, {"format": "csv", "encoding": encoding})
    pieces = as_csv(office_columns.of_bookings(), _rows(form), encoding)
    return streamed(pieces, csv_type(encoding), _disposition(form, "csv"))


@bp.get("/bookings/excel")
@access(Permission.OFFICE, recent=True)
def bookings_excel() -> ResponseReturnValue:
    """Send the bookings that the filters select as an Excel workbook."""
    form = office_filters.read()
    if not form.validate():
        return unread(form)
    lines = totals(db.session(), form.filters).lines
    if lines > MOST_IN_A_WORKBOOK:
        too_many = _("Excelの表は%(n)s件までです。期間を短くするか、CSVを使ってください。")
        return unread(form, too_many % {"n": f"{MOST_IN_A_WORKBOOK:,}"})
    count = _note(form, {"format": "xlsx"})
    if lines > AT_ONCE:
        asked = {
            "filters": office_filters.in_address(form),
            "said": _conditions(form, count),
        }
        file_id = making.ask_for("bookings", asked, _disposition(form, "xlsx"), count)
        return redirect(url_for("making.wait", file_id=file_id), code=303)
    file = io.BytesIO()
    sheet = Sheet(_("予約一覧"), office_columns.of_bookings(), _rows(form))
    write_xlsx(file, [sheet], (_("条件"), _conditions(form, count)))
    return workbook(file, _disposition(form, "xlsx"))


def _rows(form: office_filters.BookingFilters) -> Iterator[LineRow]:
    # The session is asked for with the first row: by then the request's own has been closed.
    yield from stream_lines(db.session(), form.filters, form.order)


def _note(form: office_filters.BookingFilters, asked: dict[str, object]) -> int:
    facts = {**asked, "filters": office_filters.in_audit(form)}
    return note_bookings(form.filters, facts, actor=context.actor("staff"), now=context.now())


def _conditions(form: office_filters.BookingFilters, count: int) -> list[tuple[str, str]]:
    """Return what stands on the second sheet: which rows, how many, when and by whom."""
    return [
        *office_filters.in_words(form),
        (_("件数"), f"{count:,}"),
        (_("作った日時"), f"{formats.local(context.now()):%Y-%m-%d %H:%M}"),
        (_("作った人"), g.viewer.email),
    ]


def _disposition(form: office_filters.BookingFilters, ending: str) -> str:
    filters = form.filters
    name = named("bookings", _("予約一覧"), filters.from_day, filters.to_day)
    return name.disposition(ending)
