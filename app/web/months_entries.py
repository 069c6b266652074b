"""What a figure of a statement is made of, entry by entry: page and CSV."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.reports.as_csv import as_csv
from app.reports.columns import Column, Kind
from app.reports.exporting import note_money
from app.reports.months.entries import Found, Picked, found, whole
from app.reports.months.figures import SIDES, line_with
from app.web import context, money_words, months_asked, months_columns, staff_words
from app.web.access import access
from app.web.downloads import csv_type, encoding_asked, named, streamed
from app.web.formats import without_zone
from app.web.months_asked import MonthsFilters
from app.web.rendering import page
from app.web.staff_forms import as_day, page_number, printable, signed_number
from app.web.words import _

bp = Blueprint("months_entries", __name__)
bp.context_processor(staff_words.in_templates)

ROWS = 100  # of a page
MOST_IN_A_NAME = 60


@bp.get("/entries")
@access(Permission.REPORTS)
def show() -> ResponseReturnValue:
    """Show the entries (or bookings) that make a figure up, with their sum."""
    form = months_asked.read()
    picked, said = _picked(), _picks()
    number = page_number(request.args.get("page", "1"))
    if not form.validate() or picked is None:
        return _page(form, said, status=422, is_unread=picked is None)
    total = whole(db.session(), form.asked, picked)
    pages = max(1, -(-total.rows // ROWS))
    if number is None or number > pages:
        return _page(form, said, status=404, picked=picked, total=total, pages=pages)
    skipped = (number - 1) * ROWS
    rows = list(found(db.session(), form.asked, picked, limit=ROWS, offset=skipped))
    return _page(
        form, said, picked=picked, total=total, rows=rows, pages=pages, number=number
    )  # fmt: skip


@bp.get("/entries/csv")
@access(Permission.REPORTS, recent=True)
def csv() -> ResponseReturnValue:
    """Send the entries that make a figure up as CSV."""
    encoding, form = encoding_asked(), months_asked.read()
    picked, said = _picked(), _picks()
    if not form.validate() or picked is None:
        return _page(form, said, status=422, is_unread=picked is None)
    asked = form.asked
    filters = {field.name: str(field.data) for field in form if field.data}
    facts: dict[str, object] = {"format": "csv", "filters": filters, "figure": picked.line.id}
    rows = whole(db.session(), asked, picked).rows
    note_money(facts, rows, actor=context.actor("staff"), now=context.now())

    def read() -> Iterator[Found]:  # by the time of the first row the request's session is closed
        yield from found(db.session(), asked, picked)

    name = named("entries", _("調定・収納の明細"), asked.first, asked.last)
    pieces = as_csv(_columns(), read(), encoding)
    return streamed(pieces, csv_type(encoding), name.disposition("csv"))


def _picks() -> dict[str, str]:
    """Return what of the address picks a row of the statement."""
    wanted = ("figure", "on", "of_year", "collector")
    told = {key: printable(request.args.get(key, ""))[:MOST_IN_A_NAME] for key in wanted}
    return {key: value for key, value in told.items() if value}


def _picked() -> Picked | None:
    """Return what was picked; None when the address does not say it in a way that can be read."""
    told = _picks()
    line = line_with(told.get("figure", ""))
    day = as_day(told["on"]) if "on" in told else None
    year = signed_number(told["of_year"]) if "of_year" in told else None
    collector = signed_number(told["collector"]) if "collector" in told else None
    is_read = (day is None) == ("on" not in told) and (year is None) == ("of_year" not in told)
    if not is_read or (collector is None) != ("collector" not in told) or not told.get("figure"):
        return None
    if not (line.is_sum or line.is_balance) and line.kind not in SIDES and not line.kind.islower():
        return None
    return Picked(line, day, year, collector)


def _page(
    form: MonthsFilters,
    picks: dict[str, str],
    *,
    status: int = 200,
    picked: Picked | None = None,
    is_unread: bool = False,
    **values: Any,
) -> ResponseReturnValue:
    unread = [_("どの金額の明細か、読み取れません。表の金額を押して開いてください。")]
    return page(
        "money/entries.html",
        status=status,
        form=form,
        picked=picked,
        problems=unread if is_unread else [],
        kept=lambda **changes: {**months_asked.in_address(form), **picks, **changes},
        back=months_asked.in_address(form),
        words=money_words,
        who=_who,
        entries_at=lambda **changes: url_for(
            ".show", **{**months_asked.in_address(form), **picks, **changes}
        ),
        said=_said(form, picked) if picked is not None else [],
        **{"rows": [], "total": None, "pages": 0, "number": 0, **values},
    )


def _said(form: MonthsFilters, picked: Picked) -> list[str]:
    """Return which figure of which row this is."""
    said = [months_asked.name_of(form)]
    said += [name for _what, name in months_asked.in_words(form)[1:] if name]
    if picked.on is not None:
        said.append(f"{picked.on:%Y-%m-%d}")
    if picked.year is not None:
        said.append(_("%(year)sの調定", year=money_words.year(picked.year)))
    if picked.collector is not None:
        names = months_columns.who_entered([picked.collector])
        said.append(_("受け取った人 %(name)s", name=names[picked.collector]))
    return said


def _columns() -> list[Column[Found]]:
    return [
        Column(_("日"), Kind.DAY, lambda one: one.on_date),
        Column(_("予約番号"), Kind.TEXT, lambda one: staff_words.number(one.number)),
        Column(_("会館"), Kind.TEXT, lambda one: money_words.hall(one.hall_id)),
        Column(_("種類"), Kind.TEXT, lambda one: money_words.kind(one.kind) if one.kind else ""),
        Column(
            _("方法"), Kind.TEXT, lambda one: money_words.method(one.method) if one.method else ""
        ),
        Column(_("料金を受け取るところ"), Kind.TEXT, lambda one: money_words.payee(one.payee)),
        Column(_("金額"), Kind.YEN, lambda one: one.yen),
        Column(
            _("記録した日時"), Kind.MOMENT,
            lambda one: without_zone(one.entered_at) if one.entered_at else None,
        ),
        Column(_("記録した人"), Kind.TEXT, _who),
    ]  # fmt: skip


def _who(one: Found) -> str:
    if one.entered_at is None:
        return ""
    return one.who or (_("申込者") if one.account_id else _("自動の処理"))
