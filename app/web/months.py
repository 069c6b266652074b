"""The monthly statement of what was assessed and received (調定・収納): page, CSV, workbook."""

import io
from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission, may
from app.reports.as_csv import as_csv
from app.reports.as_xlsx import write_xlsx
from app.reports.exporting import note_money
from app.reports.months.counted import statement
from app.reports.months.counters import Sheets, sheets
from app.web import (
    context,
    formats,
    halls,
    money_words,
    months_asked,
    months_columns,
    staff_words,
)
from app.web.access import access
from app.web.downloads import csv_type, encoding_asked, named, streamed, workbook
from app.web.months_asked import MonthsFilters
from app.web.rendering import page
from app.web.words import _

bp = Blueprint("months", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/")
@access(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """Show the statement of a month or a fiscal year."""
    form = months_asked.read()
    if not form.validate():
        return _page(form, status=422)
    found = statement(db.session(), form.asked)
    by = form.by.data
    return _page(
        form,
        found=found,
        lines=found.lines,
        columns=found.lines_by(by),
        rows=months_columns.rows(by, found.groups[by]),
        sheets=_sheets(form),
        address=months_columns.address(form),
        name=months_asked.name_of(form),
        narrowed=months_asked.narrowed(form),
    )


@bp.get("/csv")
@access(Permission.REPORTS, recent=True)
def csv() -> ResponseReturnValue:
    """Send the rows of one grouping as CSV, with their sum."""
    encoding, form = encoding_asked(), months_asked.read()
    if not form.validate():
        return _page(form, status=422)
    by = form.by.data
    found = statement(db.session(), form.asked)
    rows = months_columns.rows(by, found.groups[by])
    table = months_columns.with_sum(by, rows, found.total)
    _note(form, {"format": "csv", "encoding": encoding}, len(table))
    pieces = as_csv(months_columns.columns(by, found.lines_by(by)), table, encoding)
    return streamed(pieces, csv_type(encoding), _disposition(form, "csv"))


@bp.get("/excel")
@access(Permission.REPORTS, recent=True)
def excel() -> ResponseReturnValue:
    """Send every grouping as a workbook, a sheet each."""
    form = months_asked.read()
    if not form.validate():
        return _page(form, status=422)
    made = months_columns.sheets(statement(db.session(), form.asked), _sheets(form))
    _note(form, {"format": "xlsx"}, sum(len(list(one.rows)) for one in made))
    file = io.BytesIO()
    write_xlsx(file, made, (_("条件"), conditions(form)))
    return workbook(file, _disposition(form, "xlsx"))


def conditions(form: MonthsFilters) -> list[tuple[str, str]]:
    """Return under which conditions a file was made."""
    return [
        *months_asked.in_words(form),
        (_("作った日時"), f"{formats.local(context.now()):%Y-%m-%d %H:%M}"),
        (_("作った人"), g.viewer.email),
    ]


def _page(form: MonthsFilters, *, status: int = 200, **values: Any) -> ResponseReturnValue:
    return page(
        "money/statement.html",
        status=status,
        form=form,
        by=form.by.data if form.by.data in months_asked.BY else "hall",
        grouped_by=months_asked.BY,
        kept=lambda **changes: months_asked.in_address(form, **changes),
        periods=months_asked.periods(form),
        words=money_words,
        today=context.today(),
        till_of=_till_of(),
        is_everywhere=halls.scope(Permission.REPORTS).is_everywhere,
        **{"found": None, **values},
    )


def _sheets(form: MonthsFilters) -> Sheets | None:
    """Return the sheets of the counters that are the viewer's; none for a single room."""
    mine = halls.scope(Permission.REPORTS)
    if mine.room_ids and not mine.is_everywhere:
        return None
    every = {one.id for one in (*context.catalogue().facilities, *context.catalogue().former)}
    counters = {*every, 0} if mine.is_everywhere else set(mine.facility_ids)
    return sheets(db.session(), form.asked, counters=counters)


def _till_of() -> dict[int, str]:
    """Return by counter the hall whose sheets the viewer may open; "" is the town hall."""
    open_ = {
        one.id: one.slug
        for one in context.catalogue().facilities
        if may(g.viewer, Permission.RECEIVE_PAYMENT, one.id)
    }
    if halls.scope(Permission.RECEIVE_PAYMENT).is_everywhere:
        open_[0] = ""
    return open_


def _note(form: MonthsFilters, asked: dict[str, object], rows: int) -> None:
    filters = {field.name: str(field.data) for field in form if field.data}
    facts = {**asked, "filters": filters}
    note_money(facts, rows, actor=context.actor("staff"), now=context.now())


def _disposition(form: MonthsFilters, ending: str) -> str:
    return named("money", _("調定・収納"), form.first, form.last).disposition(ending)
