"""One booking at the desk, for the telephone: everything that a caller may ask."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.booking.models import Booking, ReviewStep
from app.booking.queries import changes_of, lines_of
from app.booking.service.permits import steps_of
from app.booking.states import OPEN, State
from app.booking.terms import terms_agreed
from app.db import db
from app.identity.permissions import Permission
from app.issued.service import papers_of
from app.kernel.text_ja import digits
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.tasks import open_tasks_of
from app.reports.bookings import BookingView, LineView, booking_view
from app.reports.doors import codes_of_booking
from app.reports.history import Event, history_of
from app.reports.waived import names_of_staff
from app.usecases.planning_doors import catch_up
from app.web import booking_codes, context, door_words, formats, halls, staff_words
from app.web.access import access
from app.web.booked import booked
from app.web.desk_day import purposes
from app.web.door_on_paper import ways_in
from app.web.door_opening import doors_said
from app.web.equipment_words import used_words
from app.web.paper_drafts import KINDS
from app.web.paper_files import papers_for
from app.web.paper_words import number_of
from app.web.payables import under_way
from app.web.receipt_words import Told, receipts_told
from app.web.records import NOTES_ON_PAPER, recorded
from app.web.refund_desk_words import STATES
from app.web.refund_words import METHODS
from app.web.rendering import page
from app.web.staff_forms import signed_number
from app.web.task_words import Said, task_said
from app.web.words import _

bp = Blueprint("desk_booking", __name__)
bp.context_processor(staff_words.in_templates)

RECEIVED, RECEIVED_BEFORE = "received", "received-before"
SETTLED = "settled"
CANCELLED, CANCELLED_BEFORE = "cancelled", "cancelled-before"
CHANGED, BOOKED = "changed", "booked"
DOORS_TOLD = (BOOKED, RECEIVED, RECEIVED_BEFORE)  # whoever is on the line asks how to get in


@bp.get("/bookings/<string:number>")
@access(Permission.DESK)
def show(number: str) -> ResponseReturnValue:
    """Show a booking with its history, and what can be done with it."""
    view = seen(number)
    told = _told(view)
    if told in DOORS_TOLD:
        catch_up(view.booking.id, now=context.now())
    codes = booking_codes.shown(view, codes_of_booking(db.session(), view.booking.id))
    steps = steps_of(db.session(), view.booking.id) if view.booking.review else []
    return page(
        "desk/booking.html",
        change_yen=_change(told),
        steps=steps,
        receipts=_receipts(view),
        refunds=_refunds(view),
        tasks=_tasks(view),
        refund_states=STATES,
        refund_methods=METHODS,
        under_way=under_way(view.booking.id) if is_due(view) else None,
        **_papers(view),
        codes=codes,
        doors=doors_said(view, codes) if told in DOORS_TOLD else None,
        code_states=door_words.STATES,
        at_door=door_words.AT_DOOR,
        names=who_said(view.booking, steps),
        view=view,
        history=_history(view),
        told=told,
        may_receive=is_due(view) and is_all_theirs(view, Permission.RECEIVE_PAYMENT),
        may_cancel=_may_cancel(view),
        may_change=_may_change(view),
        may_permit=view.awaits_permit and is_all_theirs(view, Permission.APPROVE),
        may_settle=view.is_open and may_settle(view),
        may_credit=_may_credit(view),
        purposes=purposes(),
        own_answers=[*_equipment(view), *_own_answers(view)],
        classes={one.id: one.name for one in context.policy().applicant_classes},
    )


@bp.get("/bookings/<string:number>/slip")
@access(Permission.DESK)
def slip(number: str) -> ResponseReturnValue:
    """Show a booking on one sheet of paper, for whoever stands at the counter or has no mail."""
    view = seen(number)
    if not view.is_all_theirs:
        abort(404)  # what it says of money is of the whole booking
    mine = {line.line_id for line in view.lines}
    lines = [x for x in lines_of(db.session(), view.booking.id) if x.id in mine]
    return page(
        "bookings/print.html",
        back=url_for(".show", number=view.booking.number),
        ways_in=ways_in(view),
        **recorded(booked(view.booking, lines), most_notes=NOTES_ON_PAPER),
    )


def _receipts(view: BookingView) -> Sequence[Told]:
    """Return the receipts of a booking, where its whole money is the viewer's business."""
    return receipts_told(view.booking.id) if has_all_money(view) else ()


def _refunds(view: BookingView) -> Sequence[Refund]:
    """Return the refunds of a booking, where its whole money is the viewer's business."""
    if not view.money.to_return_yen or not has_all_money(view):
        return ()
    return refunds.of_booking(db.session(), view.booking.id)


def _tasks(view: BookingView) -> list[tuple[int, Said]]:
    """Return what of a booking's money a person has to see to, with the numbers of the tasks."""
    if view.hidden:
        return []
    return [(one.id, task_said(one)) for one in open_tasks_of(db.session(), view.booking.id)]


def _papers(view: BookingView) -> dict[str, Any]:
    """Return which papers there are, and those that were issued; papers speak of every line."""
    if view.hidden:
        return {"papers": None, "issued": []}
    session, booking = db.session(), view.booking
    issued = [
        (one, KINDS[one.kind].title, number_of(one.fiscal_year, one.number))
        for one in papers_of(session, booking.id)
    ]
    return {"papers": papers_for(booked(booking, lines_of(session, booking.id))), "issued": issued}


def who_said(booking: Booking, steps: Sequence[ReviewStep]) -> dict[int | None, str]:
    """Return the names of those who asked for a permit and answered, by account."""
    answered = [one.account_id for one in steps if one.account_id]
    if not steps:
        return {}
    named = names_of_staff(db.session(), answered).items()
    return {**{who: name for who, name in named}, booking.account_id: booking.applicant_name or ""}


def seen(number: str) -> BookingView:
    """Return a booking as far as the viewer may see it; otherwise there is none (404)."""
    view = booking_view(db.session(), digits(number), scope=halls.scope(), now=context.now())
    if view is None:
        abort(404)
    return view


def is_due(view: BookingView) -> bool:
    """Say whether the booking waits for money."""
    return (view.is_unpaid or view.is_due_again) and view.owed_yen > 0


def is_all_theirs(view: BookingView, permission: Permission) -> bool:
    """Say whether every room that still stands is the viewer's business."""
    return view.is_all_theirs and halls.may_at(permission, places_of(view.standing))


def has_all_money(view: BookingView) -> bool:
    """Say whether the viewer takes money for all of a booking, also for what of it ended."""
    everywhere = places_of(view.lines)
    return not view.hidden and halls.may_at(Permission.RECEIVE_PAYMENT, everywhere)


def places_of(lines: Iterable[LineView]) -> set[tuple[int, int]]:
    """Return the halls and rooms of lines."""
    return {(line.facility_id, line.room_id) for line in lines}


def may_settle(view: BookingView) -> bool:
    """Say whether the viewer may decide the fees that are open."""
    return halls.may_at(Permission.SETTLE_FEE, places_of(view.standing))


def to_booking(view: BookingView, told: str, *, change: int | None = None) -> Response:
    """Go back to the booking, which then says what was done, and what `change` to hand back."""
    url = url_for("desk_booking.show", number=view.booking.number, told=told, change=change)
    return redirect(url, code=303)


def _change(told: str) -> int | None:
    """Return what is to be handed back of the cash that was just received; a reload keeps it."""
    return signed_number(request.args.get("change", "")[:8]) if told == RECEIVED else None


def _may_credit(view: BookingView) -> bool:
    """Say whether something can be taken off its fees, or given back of what was cancelled."""
    costs = any(line.assessed_yen > 0 for line in view.lines)
    is_charged = view.booking.state in (State.PROVISIONAL, State.CONFIRMED, State.CANCELLED)
    everywhere = places_of(view.lines)
    is_theirs = not view.hidden and halls.may_at(Permission.SETTLE_FEE, everywhere)
    return costs and is_charged and is_theirs


def _may_change(view: BookingView) -> bool:
    """Say whether there is a room left whose use is not over."""
    coming = [line for line in view.standing if line.ends_at > context.now()]
    is_theirs = is_all_theirs(view, Permission.CHANGE_FOR_OTHERS)
    return view.booking.state in OPEN and bool(coming) and is_theirs


def _may_cancel(view: BookingView) -> bool:
    """Say whether there is a room left whose use has not begun."""
    coming = [line for line in view.standing if line.starts_at > context.now()]
    permission = Permission.CANCEL_FOR_OTHERS
    return bool(coming) and halls.may_at(permission, places_of(coming))


def _history(view: BookingView) -> list[Event]:
    """Return who did what, without what concerns other halls' rooms only."""
    mine = {line.line_id for line in view.lines}
    events = history_of(db.session(), view.booking.id)
    return [one for one in events if not one.line_ids or mine & set(one.line_ids)]


def _equipment(view: BookingView) -> list[tuple[str, str]]:
    """Return what is to be set out, line by line."""
    known = {one.id: one for one in context.catalogue().facilities}
    said = [(line, used_words(known.get(line.facility_id), line)) for line in view.lines]
    several = len(view.lines) > 1
    return [
        (_("備品・設備"), f"{formats.ja_day(line.on_date)} {line.room} {used}" if several else used)
        for line, used in said
        if used
    ]


def _own_answers(view: BookingView) -> list[tuple[str, str]]:
    """Return what was answered to the questions of the halls shown, in their words."""
    halls_by_id = {one.id: one for one in context.catalogue().facilities}
    terms = [
        terms_agreed(halls_by_id[line.facility_id], line.terms_version_id, line.on_date)
        for line in view.lines
        if line.facility_id in halls_by_id
    ]
    labels = {question.id: question.label for one in terms for question in one.questions}
    answers = view.booking.answers
    return [(label, str(answers[key])) for key, label in labels.items() if answers.get(key)]


def _told(view: BookingView) -> str:
    """Return what was just done, if it is so: an address alone makes the page say nothing."""
    is_paid = view.money.received_yen > 0
    is_cancelled = any(not line.stands for line in view.lines)
    true = {
        RECEIVED: is_paid,
        RECEIVED_BEFORE: is_paid,
        SETTLED: view.is_unpaid or view.booking.state == State.CONFIRMED,
        BOOKED: view.booking.is_by_staff,
        CANCELLED: is_cancelled,
        CANCELLED_BEFORE: is_cancelled,
    }
    asked = request.args.get("told", "")
    if asked == CHANGED:
        return asked if changes_of(db.session(), view.booking.id) else ""
    return asked if true.get(asked) else ""
