"""Staff answer a request for a waiver: fee, ledger, right, audit and one letter move together."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees import waivers
from app.fees.models import APPROVED, OPEN_STATES, REFUSED, RETURNED
from app.fees.models import WaiverRequest as Request
from app.identity.models import Entitlement
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.kernel.spans import instant
from app.notify.service import promise
from app.usecases.waived_fees import waive
from app.usecases.waiving import note

GRACE_DAYS = 7  # to pay or to answer, after staff kept a request for long


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long and where a right is granted; days inclusive, no hall: every hall."""

    percent: int
    valid_from: date
    valid_to: date
    facility_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What staff decide, in which words; `keep` makes it a right for what will be booked."""

    state: str  # approved, returned, refused
    words: str
    keep: Keep | None = None


def decide(
    catalogue: Catalogue, request_id: int, answer: Answer, *, actor: Actor, now: datetime
) -> None:
    """Approve, return or refuse a request; the same answer again changes nothing.

    The booking is locked before the request, as everywhere. Raises Refused.
    """
    if answer.state not in (APPROVED, RETURNED, REFUSED):
        raise ValueError(f"{answer.state} is no answer")

    def work(session: Session) -> None:
        asked = waivers.request_with(session, request_id)
        if asked is None:
            raise Refused(Refusal("waiver.unknown"))
        booking = locked(session, asked.booking_id) if asked.booking_id else None
        request = waivers.locked_request(session, request_id)
        if not _answered_so_before(request, answer, actor):
            _answer(session, catalogue, request, booking, answer, actor=actor, now=now)

    in_transaction(work)


def _answered_so_before(request: Request, answer: Answer, actor: Actor) -> bool:
    """Say whether just this was answered before; raises Refused when it may not be answered."""
    if request.account_id == actor.account_id:
        raise Refused(Refusal("waiver.own"))
    if request.state in OPEN_STATES:
        return False
    if request.state != answer.state:
        raise Refused(Refusal("waiver.decided"))
    return True


def _answer(
    session: Session,
    catalogue: Catalogue,
    request: Request,
    booking: Booking | None,
    answer: Answer,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    facts: dict[str, object] = {"reason": answer.words}
    if answer.state == APPROVED and booking is not None:
        facts |= waive(session, catalogue, booking, request.waiver, actor=actor, now=now)
    if answer.state == APPROVED and answer.keep is not None:
        _grant(session, request, answer.keep, actor=actor, now=now)
    made = waivers.step(
        session, request, answer.state, answer.words, account_id=actor.account_id, now=now
    )
    note(session, request, f"waiver.{answer.state}", actor, now=now, facts=facts)
    if booking is not None:
        _give_time(session, booking, catalogue, now=now)
    email = email_of(session, request.account_id)
    promise(session, "waiver_answered", subject_id=made.id, email=email, now=now)


def end_entitlement(entitlement_id: int, *, actor: Actor, now: datetime) -> None:
    """End a right; what was booked by it stays. Asked twice it is done once."""

    def work(session: Session) -> None:
        found = session.get(Entitlement, (current_tenant(), entitlement_id), with_for_update=True)
        if found is None:
            raise Refused(Refusal("waiver.unknown"))
        if found.ended_at is not None:
            return
        found.ended_at, found.ended_by = now, actor.account_id
        audit.note(
            session, actor, "entitlement.ended", subject="waiver", subject_id=found.id, now=now,
            facts={"waiver": found.waiver, "account": found.account_id},
        )  # fmt: skip

    in_transaction(work)


def _grant(session: Session, request: Request, keep: Keep, *, actor: Actor, now: datetime) -> None:
    if keep.valid_to < keep.valid_from:
        raise Refused(Refusal("waiver.backwards"))
    session.add(
        Entitlement(
            tenant_id=current_tenant(), account_id=request.account_id, waiver=request.waiver,
            name=request.name, percent=keep.percent, facility_id=keep.facility_id,
            valid_from=keep.valid_from, valid_to=keep.valid_to, granted_at=now,
            granted_by=actor.account_id,
        )
    )  # fmt: skip


def _give_time(session: Session, booking: Booking, catalogue: Catalogue, *, now: datetime) -> None:
    """Let an unpaid booking be due no sooner than some days after its request was answered."""
    if booking.state != State.PROVISIONAL or booking.due_at is None:
        return
    last = now.astimezone(catalogue.zone).date() + timedelta(days=GRACE_DAYS + 1)
    standing = [x.starts_at for x in lines_of(session, booking.id) if x.state == LineState.ACTIVE]
    if standing:
        latest = min(instant(last, 0, catalogue.zone), *standing)
        booking.due_at = max(booking.due_at, latest)
