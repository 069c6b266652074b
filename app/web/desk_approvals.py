"""Applications that need a permit: the queue, one of them, several at once (使用許可の審査)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import changes_of, lines_by_booking, lines_of
from app.booking.service.permits import steps_of
from app.booking.service.pricing import due
from app.booking.states import WAITING, LineState, Review, State
from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.kernel.spans import instant
from app.reports import reviews
from app.reports.bookings import BookingView
from app.reports.reviews import Application
from app.usecases.reviewing import Answer, decide, grounds_of
from app.usecases.settling import day_of
from app.web import approval_form, context, formats, halls, staff_words
from app.web.access import access
from app.web.approval_form import ApprovalForm
from app.web.desk_booking import places_of, seen, who_said
from app.web.desk_day import purposes
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import carried_number
from app.web.words import _

bp = Blueprint("desk_approvals", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/approvals")
@access(Permission.APPROVE)
def queue() -> ResponseReturnValue:
    """Show what waits for an answer: the first to be answered first, late ones marked."""
    found = reviews.applications(
        db.session(), scope=halls.scope(Permission.APPROVE), now=context.now()
    )
    return page(
        "desk/approvals.html",
        asked=[one for one in found if one.state == Review.ASKED],
        returned=[one for one in found if one.state == Review.RETURNED],
        **_words(),
    )


@bp.get("/approvals/several")
@access(Permission.APPROVE)
def look_at_several() -> ResponseReturnValue:
    """Show what permitting the ticked ones would do, before it is done."""
    found = _ticked(request.args.getlist("number"))
    if not found:
        flash(_("許可する申請に、チェックを入れてください。"))
        return redirect(url_for(".queue"), code=303)
    missing = len(set(request.args.getlist("number"))) - len(found)
    due_by = _due_if_permitted([one.booking_id for one in found])
    return page(
        "desk/approval_several.html", found=found, missing=missing, due_by=due_by,
        soon=_soon(), **_words(),
    )  # fmt: skip


@bp.post("/approvals/several")
@access(Permission.APPROVE)
def permit_several() -> ResponseReturnValue:
    """Permit each of them by itself; one that can't be is told and stops no other."""
    wanted = dict(one.partition(":")[::2] for one in request.form.getlist("number"))
    done, told = 0, []
    for one in _ticked(list(wanted)):
        try:
            decide(
                context.catalogue(), one.booking_id, Answer(Review.GRANTED),
                actor=context.actor("staff"), now=context.now(),
                seen=carried_number(wanted[one.number]),
            )  # fmt: skip
            done += 1
        except Refused as no:
            told += [f"{staff_words.number(one.number)}：{text}" for text in sentences(no.refusals)]
    if done:
        flash(_("%(n)s件を許可しました。申し込んだ人にメールで知らせます。", n=done))
    for text in told:
        flash(text)
    return redirect(url_for(".queue"), code=303)


@bp.get("/approvals/<string:number>")
@access(Permission.APPROVE)
def ask(number: str) -> ResponseReturnValue:
    """Show an application whole, and the form to answer it."""
    view = _reviewed(number)
    return _page(view, approval_form.of(_grounds(view)))


@bp.post("/approvals/<string:number>")
@access(Permission.APPROVE)
def answer(number: str) -> ResponseReturnValue:
    """Permit, return or refuse it."""
    view = _reviewed(number)
    if not _is_theirs(view):
        abort(403)
    form = approval_form.of(_grounds(view), request.form)
    if not form.validate():
        return _page(view, form, status=422)
    try:
        decide(
            context.catalogue(), view.booking.id, form.answer(), actor=context.actor("staff"),
            now=context.now(), seen=carried_number(request.form.get("seen", "")),
        )  # fmt: skip
    except Refused as no:
        return _page(view, form, status=409, refused=sentences(no.refusals))
    flash(_("答えを記録しました。申し込んだ人にメールで知らせます。"))
    return redirect(url_for(".ask", number=view.booking.number), code=303)


def _soon() -> datetime:
    """Return before when a deadline leaves hardly any time: the end of tomorrow."""
    return instant(context.today() + timedelta(days=2), 0, g.municipality.zone)


def _due_if_permitted(booking_ids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
    """Return what each would have to pay, by when, if permitted now; not those that are free."""
    catalogue, found = context.catalogue(), {}
    for booking_id, lines in lines_by_booking(db.session(), booking_ids).items():
        standing = [x for x in lines if x.state == LineState.ACTIVE]
        yen = sum(x.fee_yen or 0 for x in standing)
        if yen and all(x.fee_yen is not None for x in standing):
            uses = [(day_of(catalogue, x), x) for x in standing]
            found[booking_id] = yen, due(uses, catalogue, now=context.now())
    return found


def _ticked(numbers: Sequence[str]) -> list[Application]:
    """Return those of the ticked that the viewer may permit, by number, once each."""
    asked = [one for one in numbers if one.isascii() and one.isdecimal()][: reviews.MOST]
    found = reviews.applications(
        db.session(), scope=halls.scope(Permission.APPROVE), now=context.now(), numbers=asked
    )
    return [one for one in found if halls.may_at(Permission.APPROVE, one.places)]


def _reviewed(number: str) -> BookingView:
    """Return a booking that has, or had, to be permitted; any other is not here (404)."""
    view = seen(number)
    if view.booking.review is None:
        abort(404)
    return view


def _is_theirs(view: BookingView) -> bool:
    is_whole = not view.hidden or view.is_all_theirs
    return is_whole and halls.may_at(Permission.APPROVE, places_of(view.standing))


def _grounds(view: BookingView) -> dict[str, tuple[str, str]]:
    lines = [x for x in lines_of(db.session(), view.booking.id) if x.state == LineState.ACTIVE]
    found = grounds_of(context.catalogue(), lines)
    return {key: (one.name, one.citation) for key, one in found.items()}


def _words() -> dict[str, Any]:
    return {
        "today": context.today(),
        "purposes": purposes(),
        "waited": lambda one: (context.today() - formats.local(one.submitted_at).date()).days,
        "may_answer": lambda one: halls.may_at(Permission.APPROVE, one.places),
        "is_own": lambda one: one.account_id == g.viewer.account_id,
    }


def _page(
    view: BookingView, form: ApprovalForm, *, status: int = 200, refused: list[str] | None = None
) -> ResponseReturnValue:
    booking, session = view.booking, db.session()
    steps = steps_of(session, booking.id)
    waits = booking.state == State.REQUESTED and booking.review in WAITING
    return page(
        "desk/approval.html",
        status=status,
        view=view,
        changes=changes_of(session, booking.id),
        steps=steps,
        names=who_said(booking, steps),
        may_answer=waits and _is_theirs(view) and booking.account_id != g.viewer.account_id,
        is_own=booking.account_id == g.viewer.account_id,
        waits=waits,
        classes={one.id: one.name for one in context.policy().applicant_classes},
        form=form,
        refused=refused or [],
        due=_due_if_permitted([booking.id]).get(booking.id) if waits else None,
        soon=_soon(),
        today=context.today(),
        purposes=purposes(),
    )
