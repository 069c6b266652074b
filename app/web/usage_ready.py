"""Two workbooks that halls keep by hand elsewhere: the list of uses, and what statements need."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import Blueprint, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.kernel.calendar_jp import weekday_ja
from app.reports import statements
from app.reports.as_xlsx import Sheet, write_xlsx
from app.reports.columns import Column, Kind
from app.reports.exporting import note_usage
from app.reports.statements import Use
from app.web import context, formats, halls, staff_words, usage_asked
from app.web.access import access
from app.web.downloads import named, workbook
from app.web.formats import minute_of_use, without_zone
from app.web.usage_asked import UsageFilters
from app.web.words import _

bp = Blueprint("usage_ready", __name__)

MOST = 20_000  # uses; a month of a large city


class Debtor(NamedTuple):
    """What one applicant owes for a period."""

    name: str
    kana: str
    phone: str
    uses: int
    assessed_yen: int
    collected_yen: int
    owed_yen: int


@bp.get("/list")
@access(Permission.DESK, recent=True)
def uses() -> ResponseReturnValue:
    """Send the list of uses (利用状況): a sheet for each hall, a row for each use."""
    return _sent("uses", _("利用状況"), _lists)


@bp.get("/statements")
@access(Permission.DESK, recent=True)
def bills() -> ResponseReturnValue:
    """Send what statements are made of (明細書発行用): by applicant, each use and the sum."""
    return _sent("statements", _("明細書発行用"), _bills)


def _sent(
    plain: str, name: str, sheets: Callable[[UsageFilters], list[Sheet[Any]]]
) -> ResponseReturnValue:
    form = usage_asked.read()
    if not form.validate():
        return redirect(url_for("usage.show"), code=303)
    many = statements.how_many(db.session(), _asked(form))
    if many > MOST:
        flash(_("一度に作れるのは%(n)s件までです。期間か施設をしぼってください。", n=f"{MOST:,}"))
        kept = usage_asked.in_address(form, usage_asked.columns_asked())
        return redirect(url_for("usage.show", **kept), code=303)
    made = sheets(form)
    filters = {field.name: str(field.data) for field in form if field.data}
    facts: dict[str, object] = {"format": "xlsx", "filters": filters, "file": plain}
    rows = sum(isinstance(row, Use) for one in made for row in one.rows)
    note_usage(facts, rows, actor=context.actor("staff"), now=context.now(), has_names=True)
    file = io.BytesIO()
    said = [
        *usage_asked.in_words(form),
        (_("作った日時"), f"{formats.local(context.now()):%Y-%m-%d %H:%M}"),
        (_("作った人"), g.viewer.email),
    ]
    write_xlsx(file, made, (_("条件"), said))
    return workbook(file, named(plain, name, form.from_.day, form.to.day).disposition("xlsx"))


def _asked(form: UsageFilters) -> Any:
    return replace(form.asked, scope=halls.scope(Permission.DESK))


def _lists(form: UsageFilters) -> list[Sheet[Any]]:
    found = statements.uses(db.session(), _asked(form), now=context.now())
    sheets: list[Sheet[Any]] = [
        Sheet(_sheet_name(hall, n), _use_columns(), list(some))
        for n, (hall, some) in enumerate(groupby(found, key=lambda one: one.facility), 1)
    ]
    return sheets or [Sheet(_("利用状況"), _use_columns(), [])]


def _bills(form: UsageFilters) -> list[Sheet[Any]]:
    found = list(statements.bills(db.session(), _asked(form), now=context.now()))
    return [
        Sheet(_("明細"), _bill_columns(), found),
        Sheet(_("申込者ごとの合計"), _debtor_columns(), list(_debtors(found))),
    ]


def _debtors(found: Iterable[Use]) -> Iterator[Debtor]:
    for key, some in groupby(found, key=lambda one: (one.name, one.kana, one.phone)):
        uses = list(some)
        yield Debtor(
            *key,
            len(uses),
            sum(one.assessed_yen for one in uses),
            sum(one.collected_yen for one in uses),
            sum(one.owed_yen for one in uses),
        )


def _sheet_name(hall: str, n: int) -> str:
    """Return a name that Excel takes: short, without its signs, and none twice."""
    plain = "".join("_" if sign in "[]:*?/\\'" else sign for sign in hall)
    return f"{n} {plain}"[:31]


def _when() -> list[Column[Use]]:
    return [
        Column(_("利用日"), Kind.DAY, lambda row: row.on_date),
        Column(_("曜日"), Kind.TEXT, lambda row: weekday_ja(row.on_date), 6),
        Column(_("部屋"), Kind.TEXT, lambda row: row.room, 20),
        Column(_("開始"), Kind.MINUTE, lambda row: minute_of_use(row.on_date, row.starts_at), 8),
        Column(_("終了"), Kind.MINUTE, lambda row: minute_of_use(row.on_date, row.ends_at), 8),
    ]


def _use_columns() -> list[Column[Use]]:
    policy = context.policy()
    purposes = {one.id: one.name for one in policy.purposes}
    return [
        *_when(),
        Column(_("団体・案内板の名前"), Kind.TEXT, lambda row: row.shown_name, 22),
        Column(_("申込者"), Kind.TEXT, lambda row: row.name, 16),
        Column(_("目的"), Kind.TEXT, lambda row: purposes.get(row.purpose, row.purpose), 14),
        Column(_("申込人数"), Kind.NUMBER, lambda row: row.people, 10),
        Column(_("実人数"), Kind.NUMBER, lambda row: row.counted, 10),
        Column(_("入室"), Kind.MOMENT, lambda row: _moment(row.came_at), 16),
        Column(_("退室"), Kind.MOMENT, lambda row: _moment(row.left_at), 16),
        Column(_("状態"), Kind.TEXT, _state, 10),
        Column(_("料金"), Kind.YEN, lambda row: row.assessed_yen, 10),
        Column(_("収納額"), Kind.YEN, lambda row: row.collected_yen, 10),
        Column(_("備考"), Kind.TEXT, lambda row: row.remark, 24),
        Column(_("予約番号"), Kind.TEXT, lambda row: staff_words.number(row.number), 12),
    ]


def _bill_columns() -> list[Column[Use]]:
    classes = {one.id: one.name for one in context.policy().applicant_classes}
    return [
        Column(_("申込者"), Kind.TEXT, lambda row: row.name, 16),
        Column(_("カナ"), Kind.TEXT, lambda row: row.kana, 16),
        Column(_("電話"), Kind.TEXT, lambda row: row.phone, 14),
        Column(
            _("利用者区分"), Kind.TEXT,
            lambda row: classes.get(row.applicant_class, row.applicant_class), 14,
        ),
        Column(_("予約番号"), Kind.TEXT, lambda row: staff_words.number(row.number), 12),
        Column(_("施設"), Kind.TEXT, lambda row: row.facility, 20),
        *_when(),
        Column(_("料金の内訳"), Kind.TEXT, _how, 40),
        Column(_("減免した額"), Kind.YEN, lambda row: row.waived_yen, 12),
        Column(_("請求額"), Kind.YEN, lambda row: row.assessed_yen, 12),
        Column(_("収納額"), Kind.YEN, lambda row: row.collected_yen, 12),
        Column(_("未納額"), Kind.YEN, lambda row: row.owed_yen, 12),
    ]  # fmt: skip


def _debtor_columns() -> list[Column[Debtor]]:
    return [
        Column(_("申込者"), Kind.TEXT, lambda row: row.name, 16),
        Column(_("カナ"), Kind.TEXT, lambda row: row.kana, 16),
        Column(_("電話"), Kind.TEXT, lambda row: row.phone, 14),
        Column(_("件数"), Kind.NUMBER, lambda row: row.uses, 8),
        Column(_("請求額"), Kind.YEN, lambda row: row.assessed_yen, 12),
        Column(_("収納額"), Kind.YEN, lambda row: row.collected_yen, 12),
        Column(_("未納額"), Kind.YEN, lambda row: row.owed_yen, 12),
    ]


def _state(row: Use) -> str:
    return _("不来場") if row.no_show_at else staff_words.state(row.state)


def _how(row: Use) -> str:
    parts = (row.quote or {}).get("lines", ())
    said = [f"{one['label']} {one['arithmetic']} {formats.yen(one['yen'])}" for one in parts]
    return _("、").join(" ".join(one.split()) for one in said)


def _moment(moment: datetime | None) -> datetime | None:
    return without_zone(moment) if moment else None
