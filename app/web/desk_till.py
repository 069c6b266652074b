"""The day's money of a counter (日計表): what came over it, counted, closed."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission, may
from app.identity.staff.members import names_of
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.papers.documents import Sheet
from app.payments.till import Count, closed_day, open_days
from app.reports.money_back import waiting_at
from app.reports.till import Movement, movements
from app.usecases.closing_till import close_till
from app.web import context, desk_place, halls, staff_words
from app.web.access import access
from app.web.paper_loose import till_sheet
from app.web.payment_form import METHODS
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable, signed_number
from app.web.words import _

bp = Blueprint("desk_till", __name__)
bp.context_processor(staff_words.in_templates)
MOST_IN_A_REMARK = 300


@bp.get("/<slug:facility>/till/<day:on>")
@access(Permission.RECEIVE_PAYMENT)
def of_hall(facility: str, on: date) -> ResponseReturnValue:
    """Show the day's money of a hall's counter."""
    return _page(hall_of_counter(facility), on)


@bp.post("/<slug:facility>/till/<day:on>")
@access(Permission.RECEIVE_PAYMENT)
def close_hall(facility: str, on: date) -> ResponseReturnValue:
    """Close the day of a hall's counter."""
    return _close(hall_of_counter(facility), on)


@bp.get("/till/<day:on>")
@access(Permission.RECEIVE_PAYMENT)
def of_town_hall(on: date) -> ResponseReturnValue:
    """Show the day's money of the town hall's counter."""
    check_town_hall()
    desk_place.leave()
    return _page(None, on)


@bp.post("/till/<day:on>")
@access(Permission.RECEIVE_PAYMENT)
def close_town_hall(on: date) -> ResponseReturnValue:
    """Close the day of the town hall's counter."""
    check_town_hall()
    return _close(None, on)


def hall_of_counter(slug: str) -> FacilityInfo:
    """Return a hall whose whole counter is the viewer's: one drawer takes money for every room."""
    hall = halls.hall(slug, Permission.RECEIVE_PAYMENT)
    return hall if may(g.viewer, Permission.RECEIVE_PAYMENT, hall.id) else abort(404)


def check_town_hall() -> None:
    """Let only those go on who work at the town hall's counter."""
    if not halls.scope(Permission.RECEIVE_PAYMENT).is_everywhere:
        abort(404)


def _page(
    hall: FacilityInfo | None,
    on: date,
    *,
    refused: Sequence[str] = (),
    status: int = 200,
) -> ResponseReturnValue:
    session, counter = db.session(), hall.id if hall else None
    rows = movements(session, counter, on)
    closed = closed_day(session, counter, on)
    who = {one.account_id for one in rows} | {closed.closed_by if closed else None}
    return page(
        "desk/till.html",
        status=status,
        hall=hall,
        on=on,
        today=context.today(),
        rows=rows,
        sums=_sums(rows),
        expected=sum(one.yen for one in rows if one.is_cash),
        closed=closed,
        to_give_back=waiting_at(session, hall.id) if hall and on == context.today() else [],
        left_open=open_days(session, counter, before=context.today()),
        names=names_of(session, who),
        methods=METHODS,
        address=lambda of: _address(hall, of),
        pdf_address=_pdf_address(hall, on),
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        refused=refused,
        typed=request.form,
    )


def till_sheet_of(hall: FacilityInfo | None, on: date) -> Sheet:
    """Return a counter's day as it goes on paper."""
    session, counter = db.session(), hall.id if hall else None
    rows = movements(session, counter, on)
    closed = closed_day(session, counter, on)
    who = {one.account_id for one in rows} | {closed.closed_by if closed else None}
    return till_sheet(hall, on, rows, _sums(rows), closed, names_of(session, who))


def _close(hall: FacilityInfo | None, on: date) -> ResponseReturnValue:
    typed = signed_number(text_ja.plain_number(request.form.get("counted", "")).removesuffix("円"))
    if typed is None or not 0 <= typed < 2**31:
        problem = _("数えた現金を、数字で入力してください。0円のときは0と入れてください。")
        return _page(hall, on, refused=[problem], status=422)
    remark = text_ja.tidy(printable(request.form.get("remark", "")))[:MOST_IN_A_REMARK]
    try:
        close_till(
            hall.id if hall else None, on, Count(typed, remark),
            actor=context.actor("staff"), today=context.today(), now=context.now(),
        )  # fmt: skip
    except Refused as no:
        return _page(hall, on, refused=sentences(no.refusals), status=422)
    flash(_("この日を締めました。このあとの受け取りは、次の日の表に入ります。"))
    return redirect(_address(hall, on), code=303)


def _address(hall: FacilityInfo | None, on: date) -> str:
    if hall is None:
        return url_for("desk_till.of_town_hall", on=on)
    return url_for("desk_till.of_hall", facility=hall.slug, on=on)


def _pdf_address(hall: FacilityInfo | None, on: date) -> str:
    if hall is None:
        return url_for("desk_papers.till_of_town_hall", on=on)
    return url_for("desk_papers.till_of_hall", facility=hall.slug, on=on)


def _sums(rows: Sequence[Movement]) -> list[tuple[str, int, int]]:
    """Return by method how many movements there were, and what they come to."""
    found: dict[str, list[int]] = {}
    for one in rows:
        found.setdefault(one.method, []).append(one.yen)
    return [(key, len(yen), sum(yen)) for key, yen in sorted(found.items())]
