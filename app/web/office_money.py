"""What about money a person has to see to: refunds that wait or failed, disputes, odd sums."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.reports.money_back import refunds_left, tasks_left
from app.usecases.refunding import seen_to
from app.web import context, staff_words
from app.web.access import access
from app.web.refund_desk_words import STATES
from app.web.refund_words import METHODS, REASONS
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable
from app.web.task_words import task_said
from app.web.words import _

bp = Blueprint("office_money", __name__)
bp.context_processor(staff_words.in_templates)

MOST_IN_A_REMARK = 300


@bp.get("/money")
@access(Permission.SEE_TO_MONEY)
def every() -> ResponseReturnValue:
    """Show what waits for a person, and the refunds that are on their way."""
    session = db.session()
    return page(
        "office/money.html",
        tasks=[(one, task_said(one.task)) for one in tasks_left(session)],
        by_staff=refunds_left(session, by_staff=True),
        by_provider=refunds_left(session, by_staff=False),
        states=STATES, methods=METHODS, reasons=REASONS,
    )  # fmt: skip


@bp.post("/money/tasks/<int:task_id>")
@access(Permission.SEE_TO_MONEY)
def done(task_id: int) -> ResponseReturnValue:
    """Write that it was seen to, and how; pressed twice it is written once."""
    remark = text_ja.tidy(printable(request.form.get("remark", "")))[:MOST_IN_A_REMARK]
    try:
        if task_id < 2**63 and seen_to(
            task_id, remark=remark, actor=context.actor("staff"), now=context.now()
        ):
            flash(_("済みにしました。"))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for(".every"), code=303)
