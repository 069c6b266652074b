"""A program applies for a booking, reads it and cancels it, with a token of the municipality."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, abort, url_for
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import booking_numbered, lines_of
from app.booking.service.application import Answers
from app.booking.service.basket_plan import Wish
from app.booking.service.equipment import Used
from app.booking.states import State
from app.db import db
from app.db.session import in_transaction
from app.identity.codes import keyed_hash
from app.identity.rights import Right
from app.kernel.refusals import Refused
from app.usecases.applying_for import Person, apply_for
from app.usecases.asking_once import Answer, AskedOtherwise, Asking, once
from app.usecases.cancelling import cancel_at_once
from app.web import context
from app.web.access import Access, access
from app.web.api import booking_words, examples, problems, questions, repeats
from app.web.api.booking_schemas import (
    ApplicationSchema,
    BookingSchema,
    CancellationSchema,
    CancelledSchema,
    FullBookingSchema,
)
from app.web.api.callers import caller
from app.web.api.document import Blueprint, Operation
from app.web.api.incoming import wrong

bp = Blueprint("api-bookings", __name__, description="予約 / Bookings, with a token")
bp.register_error_handler(Refused, problems.of_refusals)
bp.register_error_handler(AskedOtherwise, lambda _: repeats.asked_otherwise())

UNKNOWN_ROOM = 0  # no room has it; the rules say so together with everything else
NUMBER = {
    "name": "number",
    "in": "path",
    "required": True,
    "description": "予約番号。8けた / Booking number, eight digits",
    "example": "48271063",
}
LOCATION = {"Location": {"description": "予約の URL / The booking", "schema": {"type": "string"}}}


@bp.operation(
    "/bookings",
    Operation(
        id="createBooking",
        summary="予約を申し込む / Apply for a booking",
        description="すべての明細を予約するか、何も予約しません。規則は窓口や画面と同じです。"
        "確認のメールが1通届きます。 / All lines or none, under the rules that hold for anybody; "
        "one mail confirms it.",
        tells=BookingSchema,
        example=examples.BOOKING,
        status=201,
        headers=LOCATION,
        location="json",
        takes=ApplicationSchema,
        asks=examples.APPLICATION,
        right=Right.CREATE,
        problems=(400, 401, 403, 404, 409, 413, 415, 422, 503),
        parameters=({**repeats.PARAMETER, "required": True},),
    ),
    method="POST",
)
@access(Access.PROGRAM)
def create(asked: Mapping[str, Any]) -> Response:
    """Make a booking for somebody; sent again under its key it is made once."""
    asking = repeats.asking_with_key()
    _check_words(asked)
    catalogue, now = context.catalogue(), context.now()
    person, wishes, answers = Person(**asked["applicant"]), _wishes(asked["lines"]), _said(asked)
    used = [Used(one["equipment"], one["items"]) for one in asked["lines"]]

    def work(session: Session) -> Answer:
        made = apply_for(
            session,
            catalogue,
            _basket_key(asking),
            person,
            wishes,
            answers,
            used=used,
            actor=caller().actor(),
            now=now,
        )
        told = booking_words.standing(session, catalogue, made.booking, made.lines)
        where = url_for("api-bookings.read", number=made.booking.number)
        return repeats.said(told, status=201, location=where)

    return repeats.told(once(asking, work, repeats.refused, now=now))


@bp.operation(
    "/bookings/<slug:number>",
    Operation(
        id="getBooking",
        summary="予約を見る / Read a booking",
        description="申込の内容と、いま取り消すとどうなるか。 / What was said, how it stands, "
        "and what cancelling now would do.",
        tells=FullBookingSchema,
        example=examples.FULL_BOOKING,
        right=Right.READ,
        problems=(401, 403, 404, 503),
        parameters=(NUMBER,),
    ),
)
@access(Access.PROGRAM)
def read(number: str) -> Response:
    """Return a booking of this municipality."""
    booking = _booking_or_404(number)
    told = booking_words.whole(db.session(), context.catalogue(), booking, now=context.now())
    return repeats.told(repeats.said(told))


@bp.operation(
    "/bookings/<slug:number>/cancellation",
    Operation(
        id="cancelBooking",
        summary="予約を取り消す / Cancel a booking",
        description="本文を省くと、残っている明細をすべて取り消します。同じことをもう一度送っても、"
        "取り消しは1度です。期限は申込者と同じです。 / Without a body all standing lines. Sent "
        "twice it is done once. The applicant's own deadline holds.",
        tells=CancelledSchema,
        example=examples.CANCELLED,
        location="json",
        takes=CancellationSchema,
        asks={"lines": [17]},
        right=Right.CANCEL,
        problems=(400, 401, 403, 404, 409, 413, 415, 422, 503),
        parameters=(NUMBER, repeats.PARAMETER),
    ),
    method="POST",
)
@access(Access.PROGRAM)
def cancel(asked: Mapping[str, Any], number: str) -> Response:
    """Cancel lines of a booking, or all of it; what was cancelled before stays cancelled."""
    asking = repeats.asking()
    booking = _booking_or_404(number)
    catalogue, now = context.catalogue(), context.now()

    def work(session: Session) -> Answer:
        lines = lines_of(session, booking.id)
        chosen = asked.get("lines") or [line.id for line in lines]
        ends = cancel_at_once(
            session, catalogue, booking.id, chosen, actor=caller().actor(), now=now
        )
        told = booking_words.standing(session, catalogue, booking, lines)
        return repeats.said({**told, "cancelled": booking_words.brought_by(ends)})

    if asking is None:
        return repeats.told(in_transaction(work))
    return repeats.told(once(asking, work, repeats.refused, now=now))


def _booking_or_404(number: str) -> Booking:
    """Return a booking of this municipality by its number, as spoken (1234-5678) too."""
    found = booking_numbered(db.session(), number.replace("-", ""))
    return found if found is not None and found.state != State.DRAFT else abort(404)


def _check_words(asked: Mapping[str, Any]) -> None:
    """Answer 422 for words that this municipality does not have, and for what its halls ask."""
    policy = context.policy()
    if asked["purpose"] not in {one.id for one in policy.purposes}:
        wrong(purpose="この自治体にない利用目的です。")
    if policy.class_named(asked["applicant"]["applicant_class"]) is None:
        wrong(applicant={"applicant_class": "この自治体にない利用者区分です。"})
    halls = [(context.catalogue().facility_named(x["facility"]), x["date"]) for x in asked["lines"]]
    unanswered = questions.mistakes(asked["answers"], [(hall, on) for hall, on in halls if hall])
    if unanswered:
        wrong(answers=unanswered)


def _wishes(lines: Sequence[Mapping[str, Any]]) -> list[Wish]:
    return [
        Wish(_room_id(one["facility"], one["room"]), one["date"], one["from_"], one["to"])
        for one in lines
    ]


def _room_id(facility: str, room: str) -> int:
    hall = context.catalogue().facility_named(facility)
    found = hall.room_named(room) if hall else None
    return found.id if found else UNKNOWN_ROOM


def _said(asked: Mapping[str, Any]) -> Answers:
    names = (
        "purpose", "people", "people_by", "shown_name", "notes", "admission_yen", "is_for_profit",
    )  # fmt: skip
    return Answers(**{name: asked[name] for name in names}, others=asked["answers"])


def _basket_key(asking: Asking) -> str:
    """Return the key of the basket that becomes the booking: one for each request under a key.

    So the table of bookings itself refuses a second one, long after the answer was forgotten.
    """
    secret = context.settings().secret_key
    return keyed_hash(secret, "api-basket", f"{asking.token_id}:{asking.key}")
