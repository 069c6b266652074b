"""How much was used of what was open (利用実績): figures, charts and files."""

import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.reports.as_csv import as_csv
from app.reports.as_xlsx import write_xlsx
from app.reports.exporting import note_usage
from app.reports.usage.counted import how_many
from app.reports.usage.report import before, report
from app.reports.waived import waived
from app.web import (
    context,
    formats,
    staff_words,
    usage_asked,
    usage_book,
    usage_charts,
    usage_columns,
    usage_saved,
)
from app.web.access import access
from app.web.downloads import csv_type, encoding_asked, named, streamed, workbook
from app.web.rendering import page
from app.web.usage_asked import UsageFilters
from app.web.words import _

AT_ONCE = 60_000  # uses, with those of a year before about two seconds

bp = Blueprint("usage", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/")
@access(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """Show the figures of a period with their charts, beside the same days a year before."""
    form = usage_asked.read()
    if not form.validate():
        return _page(form, status=422)
    asked, by = form.asked, form.by.data
    if "figures" not in request.args:
        uses = how_many(db.session(), asked)
        if uses > AT_ONCE:
            return _page(form, waits_for=uses)
    found = report(db.session(), context.catalogue(), asked)
    earlier = before(db.session(), context.catalogue(), asked)
    halls = usage_columns.rows("facility", found.groups["facility"])
    several = len(halls) > 1
    ranked = halls if several else usage_columns.rows("room", found.groups["room"])
    bars = usage_charts.comparison(ranked)
    return _page(
        form,
        rows=usage_columns.rows(by, found.groups[by]),
        halls=halls if by == "room" and several else [],
        total=found.total,
        earlier=earlier.total,
        heat=found.heat,
        months=usage_charts.trend(found, earlier),
        trend_said=usage_charts.trend_said(found, earlier),
        bars=bars,
        bars_said=usage_charts.comparison_said(bars),
        heat_said=usage_charts.heat_said(found.heat),
        waived=usage_book.waived_rows(waived(db.session(), asked)),
    )


@bp.get("/csv")
@access(Permission.REPORTS, recent=True)
def csv() -> ResponseReturnValue:
    """Send the rows of one grouping as CSV."""
    encoding, form = encoding_asked(), usage_asked.read()
    if not form.validate():
        return _page(form, status=422)
    by = form.by.data
    found = report(db.session(), context.catalogue(), form.asked)
    rows = usage_book.with_sums(by, usage_columns.rows(by, found.groups[by]), found.total)
    _note(form, {"format": "csv", "encoding": encoding}, len(rows))
    columns = usage_columns.columns(usage_columns.chosen(usage_asked.columns_asked(), by), by)
    name = named("usage", _("利用実績"), form.from_.day, form.to.day)
    pieces = as_csv(columns, rows, encoding)
    return streamed(pieces, csv_type(encoding), name.disposition("csv"))


@bp.get("/excel")
@access(Permission.REPORTS, recent=True)
def excel() -> ResponseReturnValue:
    """Send every grouping as a workbook, a sheet each."""
    form = usage_asked.read()
    if not form.validate():
        return _page(form, status=422)
    found = report(db.session(), context.catalogue(), form.asked)
    columns = usage_asked.columns_asked()
    sheets = usage_book.sheets(found, waived(db.session(), form.asked), columns)
    _note(form, {"format": "xlsx"}, sum(len(list(one.rows)) for one in sheets))
    file = io.BytesIO()
    write_xlsx(file, sheets, (_("条件"), _conditions(form)))
    name = named("usage", _("利用実績"), form.from_.day, form.to.day)
    return workbook(file, name.disposition("xlsx"))


def _page(
    form: UsageFilters, *, status: int = 200, waits_for: int = 0, **found: Any
) -> ResponseReturnValue:
    columns = usage_asked.columns_asked()
    by = form.by.data if form.by.data in usage_columns.GROUPED_BY else "room"
    return page(
        "usage/report.html",
        status=status,
        form=form,
        by=by,
        grouped_by=usage_columns.GROUPED_BY,
        measures=usage_columns.chosen(columns, by),
        every_measure=usage_columns.MEASURES,
        kept=lambda **changes: usage_asked.in_address(form, columns, **changes),
        periods=usage_asked.periods(context.today()),
        today=context.today(),
        charts=usage_charts,
        kept_ones=usage_saved.kept_by_viewer(),
        just_ended=usage_saved.just_ended(request.args),
        kept_periods=usage_saved.PERIODS,
        waits_for=waits_for,
        has_figures=bool(found),
        **found,
    )


def _note(form: UsageFilters, asked: dict[str, object], rows: int) -> None:
    filters = {field.name: str(field.data) for field in form if field.data}
    facts = {**asked, "filters": filters}
    note_usage(facts, rows, actor=context.actor("staff"), now=context.now())


def _conditions(form: UsageFilters) -> Sequence[tuple[str, str]]:
    return [
        *usage_asked.in_words(form),
        (_("作った日時"), f"{formats.local(context.now()):%Y-%m-%d %H:%M}"),
        (_("作った人"), g.viewer.email),
    ]
