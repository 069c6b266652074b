"""Questions to the usage reports that somebody keeps: saved, opened, mailed each month, ended."""

from datetime import date, timedelta

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.db import db
from app.db.session import in_transaction
from app.identity.permissions import Permission
from app.kernel.calendar_jp import months_before
from app.reports import saved
from app.reports.models import SavedReport
from app.web import context, usage_asked
from app.web.access import access
from app.web.staff_forms import as_month
from app.web.words import _

bp = Blueprint("usage_saved", __name__)

PERIODS = {
    "days": _l("この日にちのまま"),
    "month": _l("開いた日の月"),
    "last_month": _l("開いた日の前の月"),
    "year": _l("開いた日の年度"),
    "last_year": _l("開いた日の前の年度"),
}


@bp.post("/saved")
@access(Permission.REPORTS)
def save() -> ResponseReturnValue:
    """Keep the question of the page under a name."""
    form = usage_asked.read(request.form)
    columns = usage_asked.columns_asked(request.form)
    name, period = request.form.get("name", "").strip(), request.form.get("period", "days")
    if not form.validate() or period not in PERIODS:
        abort(422)
    question = usage_asked.in_address(form, columns)
    back = redirect(url_for("usage.show", **question), code=303)
    if not name:
        flash(_("保存する名前を入れてください。"))
        return back
    wish = saved.Wish(name, question, period, "is_mailed" in request.form)
    kept = in_transaction(
        lambda session: saved.save(session, g.viewer.account_id, wish, now=context.now())
    )
    if kept:
        flash(_("「%(name)s」を保存しました。", name=name))
    else:
        flash(_("保存できるのは%(n)sまでです。使わないものを消してください。", n=saved.MOST))
    return back


@bp.get("/saved/<int:report_id>")
@access(Permission.REPORTS)
def open_one(report_id: int) -> ResponseReturnValue:
    """Go to a kept question, of the days that its period means today, or of a month."""
    kept = _own(report_id)
    first, last = saved.days_of(kept.period, kept.question, context.today())
    month = as_month(request.args.get("month", ""))
    if month is not None:
        first, last = _month(month)
    days = {"from": first, "to": last}
    return redirect(url_for("usage.show", **{**kept.question, **days}), code=303)


@bp.post("/saved/<int:report_id>/end")
@access(Permission.REPORTS)
def end(report_id: int) -> ResponseReturnValue:
    """Keep a question no longer; or, with `back`, keep it again."""
    kept = _own(report_id)
    is_back = "back" in request.form

    def work(session: object) -> None:
        kept.ended_at = None if is_back else context.now()

    in_transaction(work)
    if is_back:
        flash(_("「%(name)s」をもとに戻しました。", name=kept.name))
        return redirect(url_for("usage.show", **kept.question), code=303)
    return redirect(url_for("usage.show", ended=kept.id, **kept.question), code=303)


def kept_by_viewer() -> list[SavedReport]:
    """Return what the viewer keeps, by name."""
    return list(saved.saved_by(db.session(), g.viewer.account_id))


def just_ended(given: MultiDict[str, str]) -> SavedReport | None:
    """Return what was ended a moment ago, so that it can be brought back."""
    typed = given.get("ended", "")
    is_id = typed.isascii() and typed.isdecimal() and len(typed) < 19
    found = saved.one_of(db.session(), int(typed), g.viewer.account_id) if is_id else None
    return found if found and found.ended_at else None


def _own(report_id: int) -> SavedReport:
    is_id = report_id < 2**63
    found = saved.one_of(db.session(), report_id, g.viewer.account_id) if is_id else None
    return found or abort(404)


def _month(first: date) -> tuple[str, str]:
    return first.isoformat(), (months_before(first, -1) - timedelta(days=1)).isoformat()
