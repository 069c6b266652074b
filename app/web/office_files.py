"""Bookings and usage as files; who takes one is written down first."""

import io
from collections.abc import Iterator

from flask import Blueprint, abort, g, request, send_file
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.reports.as_csv import ENCODINGS, as_csv
from app.reports.as_xlsx import write_xlsx
from app.reports.exporting import note_bookings, note_usage
from app.reports.lines import LineRow, stream_lines, totals
from app.reports.usage import RoomUse, by_facility, sum_of
from app.web import context, formats, office_columns, office_filters, office_usage
from app.web.access import access
from app.web.downloads import CSV_TYPE, XLSX_TYPE, named, streamed
from app.web.office import unread, usage_page
from app.web.office_columns import UsageRow
from app.web.words import _

bp = Blueprint("office_files", __name__)

MOST_IN_A_WORKBOOK = 30_000  # lines, about 20 s: a workbook is done before its first byte is sent


@bp.get("/bookings/csv")
@access(Permission.OFFICE, recent=True)
def bookings_csv() -> ResponseReturnValue:
    """Send the bookings that the filters select as CSV, read and sent piece by piece."""
    encoding, form = _encoding(), office_filters.read()
    if not form.validate():
        return unread(form)
    _note(form, {"format": "csv", "encoding": encoding})
    pieces = as_csv(office_columns.of_bookings(), _rows(form), encoding)
    return streamed(pieces, _type(encoding), _disposition(form, "csv"))


@bp.get("/bookings/excel")
@access(Permission.OFFICE, recent=True)
def bookings_excel() -> ResponseReturnValue:
    """Send the bookings that the filters select as an Excel workbook."""
    form = office_filters.read()
    if not form.validate():
        return unread(form)
    if totals(db.session(), form.filters).lines > MOST_IN_A_WORKBOOK:
        too_many = _("Excelの表は%(n)s件までです。期間を短くするか、CSVを使ってください。")
        return unread(form, too_many % {"n": f"{MOST_IN_A_WORKBOOK:,}"})
    count = _note(form, {"format": "xlsx"})
    file = io.BytesIO()
    columns = office_columns.of_bookings()
    write_xlsx(file, _("予約一覧"), columns, _rows(form), (_("条件"), _conditions(form, count)))
    file.seek(0)
    response = send_file(file, XLSX_TYPE)
    response.headers["Content-Disposition"] = _disposition(form, "xlsx")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/usage/csv")
@access(Permission.OFFICE, recent=True)
def usage_csv() -> ResponseReturnValue:
    """Send the usage of a month as CSV: rooms, halls, everything."""
    encoding, form = _encoding(), office_usage.read()
    if not form.validate():
        return usage_page(form)
    rows = _usage_rows(office_usage.rooms(form))
    asked = {"format": "csv", "encoding": encoding, "filters": dict(form.data)}
    note_usage(asked, len(rows), actor=context.actor("staff"), now=context.now())
    name = named("usage", _("利用実績"), *form.days)
    pieces = as_csv(office_columns.of_usage(), rows, encoding)
    return streamed(pieces, _type(encoding), name.disposition("csv"))


def _rows(form: office_filters.BookingFilters) -> Iterator[LineRow]:
    # The session is asked for with the first row: by then the request's own has been closed.
    yield from stream_lines(db.session(), form.filters, form.order)


def _note(form: office_filters.BookingFilters, asked: dict[str, object]) -> int:
    facts = {**asked, "filters": office_filters.in_audit(form)}
    return note_bookings(form.filters, facts, actor=context.actor("staff"), now=context.now())


def _usage_rows(rooms: list[RoomUse]) -> list[UsageRow]:
    found = []
    for hall, of_hall, figures in by_facility(rooms):
        found += [UsageRow(hall, one.room, one.figures) for one in of_hall]
        found.append(UsageRow(hall, _("小計"), figures))
    return [*found, UsageRow(_("合計"), "", sum_of(rooms))]


def _conditions(form: office_filters.BookingFilters, count: int) -> list[tuple[str, str]]:
    """Return what stands on the second sheet: which rows, how many, when and by whom."""
    return [
        *office_filters.in_words(form),
        (_("件数"), f"{count:,}"),
        (_("作った日時"), f"{formats.local(context.now()):%Y-%m-%d %H:%M}"),
        (_("作った人"), g.viewer.email),
    ]


def _encoding() -> str:
    encoding = request.args.get("encoding", "utf-8")
    return encoding if encoding in ENCODINGS else abort(404)


def _type(encoding: str) -> str:
    return f"{CSV_TYPE}; charset={encoding}"


def _disposition(form: office_filters.BookingFilters, ending: str) -> str:
    filters = form.filters
    name = named("bookings", _("予約一覧"), filters.from_day, filters.to_day)
    return name.disposition(ending)
