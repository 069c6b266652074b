"""Money goes back: sent by the provider, or handed over by staff; what fails, staff are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from app.booking.service.ending import is_own, locked
from app.db import audit
from app.db.audit import SERVICE, Actor
from app.db.session import current_tenant, in_transaction
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.payments import till
from app.payments.online import accounts, attempts
from app.payments.ports import Declined, Door, Return, Returned
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.service import Counter
from app.payments.tasks import ask_staff, see_to
from app.usecases.paying_online import Provider

BY_STAFF: Final = ("cash", "transfer")


@dataclass(frozen=True, slots=True)
class Handed:
    """How staff gave money back: over which counter, or to an account; against what proof."""

    method: str  # cash, transfer
    counter_id: int | None = None  # the hall; None: the town hall
    remark: str = ""  # the signature's paper, or the day and number of the transfer


@dataclass(frozen=True, slots=True)
class _Sending:
    door: Door
    wanted: Return
    provider_ref: str | None
    is_first: bool


def send(provider: Provider, refund_id: int, *, now: datetime) -> str:
    """Send a planned refund, or ask how one that was sent stands; return its state.

    Sent again after a kill it goes once: the key is the refund's, and from the second try on the
    provider is asked first whether it has it already. Raises Unreachable.
    """
    sending = in_transaction(lambda session: _begin(session, provider, refund_id))
    if sending is None:
        return "settled"
    try:
        found = _sent(provider, sending, refund_id)
    except Declined as error:
        code = error.code
        return in_transaction(lambda session: _refused(session, refund_id, code, now=now))
    return in_transaction(lambda session: note(session, refund_id, found, now=now))


def hand_over(refund_id: int, handed: Handed, *, actor: Actor, now: datetime, today: date) -> None:
    """Enter that staff gave the money back themselves; told twice it is entered once.

    Raises Refused for a refund that the provider sends or has sent, for one's own booking, and
    without a word about the proof.
    """

    def work(session: Session) -> None:
        refund = _locked(session, refund_id)
        booking = locked(session, refund.booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        if refund.state == "done" and refund.method in BY_STAFF:
            return
        if refund.state not in ("due", "failed") or (
            refund.state == "due" and refund.attempt_id is not None
        ):
            raise Refused(Refusal("refund.not_by_hand"))
        if not handed.remark:
            raise Refused(Refusal("refund.no_proof"))
        refund.method, refund.attempt_id = handed.method, None
        counter = None
        if handed.method == till.CASH:
            till.lock(session, handed.counter_id)
            on = till.business_day(session, handed.counter_id, today)
            counter = Counter(handed.counter_id, on)
        refunds.pay_out(
            session, refund, actor=actor, now=now, counter=counter, remark=handed.remark
        )
        _note(session, refund, "refund.handed_over", actor, now=now, method=handed.method)
        _tell(session, refund, now=now)

    in_transaction(work)


def send_again(refund_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a refund that failed be sent once more; pressed twice it is sent once."""

    def work(session: Session) -> None:
        refund = _locked(session, refund_id)
        if refund.state != "failed" or refund.attempt_id is None:
            return
        # The provider keeps what it answered under a key, also a refusal.
        refund.state, refund.provider_ref, refund.error = "due", None, None
        refunds.send_soon(session, refund)
        _note(session, refund, "refund.again", actor, now=now)

    in_transaction(work)


def seen_to(task_id: int, *, remark: str, actor: Actor, now: datetime) -> bool:
    """Write that a person saw to something about money; False when it was done before."""

    def work(session: Session) -> bool:
        done = see_to(session, task_id, remark=remark, account_id=actor.account_id, now=now)
        if done:
            audit.note(
                session, actor, "task.seen_to", subject="task", subject_id=task_id, now=now,
                facts={"reason": remark},
            )  # fmt: skip
        return done

    return in_transaction(work)


def note(session: Session, refund_id: int, found: Returned, *, now: datetime) -> str:
    """Write down how the provider says a refund stands; money in the ledger once it went."""
    refund = _locked(session, refund_id)
    before = refund.state
    refund.provider_ref = refund.provider_ref or found.provider_ref
    if found.state == "done":
        refunds.pay_out(session, refund, actor=SERVICE, now=now)
        if before != "done":
            _note(session, refund, "refund.sent", SERVICE, now=now, method=refund.method)
            _tell(session, refund, now=now)
    elif found.state == "failed":
        _failed(session, refund, found.failure or "failed", now=now)
    elif before in ("due", "sent", "details"):
        refund.state = found.state
        if found.state == "details" and before != "details":
            _tell(session, refund, now=now)
    session.flush()
    return refund.state


def _begin(session: Session, provider: Provider, refund_id: int) -> _Sending | None:
    refund = _locked(session, refund_id)
    if refund.attempt_id is None or refund.state not in ("due", "sent", "details"):
        return None
    attempt = attempts.known(session, refund.attempt_id)
    account = accounts.known(session, attempt.payee_account_id)
    assert account is not None
    assert attempt.intent_ref is not None
    door = accounts.door_of(account, platform_key=provider.gateway.key, secret=provider.secret)
    refund.tries += 1
    marks: Mapping[str, str] = {"tenant": str(current_tenant()), "refund": str(refund.id)}
    wanted = Return(
        key=f"re:{current_tenant()}:{refund.id}:{refund.round}", intent_ref=attempt.intent_ref,
        yen=refund.yen, email=email_of(session, attempt.account_id), marks=marks,
    )  # fmt: skip
    return _Sending(door, wanted, refund.provider_ref, refund.tries == 1)


def _sent(provider: Provider, sending: _Sending, refund_id: int) -> Returned:
    gateway = provider.gateway
    if sending.provider_ref is not None:
        return gateway.returned(sending.door, sending.provider_ref)
    if not sending.is_first:
        for one in gateway.all_returned(sending.door, sending.wanted.intent_ref):
            if one.mark == str(refund_id) and one.state != "failed":
                return one
    return gateway.give_back(sending.door, sending.wanted)


def _refused(session: Session, refund_id: int, code: str, *, now: datetime) -> str:
    refund = _locked(session, refund_id)
    if refund.state in ("due", "sent", "details"):
        _failed(session, refund, code, now=now)
    return refund.state


def _failed(session: Session, refund: Refund, why: str, *, now: datetime) -> None:
    """Leave a refund to staff; one that was in the ledger already comes back into it."""
    if refund.state == "failed":
        return
    if refund.entry_id is not None:
        refunds.came_again(session, refund, actor=SERVICE, now=now)
    refund.state, refund.error = "failed", why
    refund.round += 1
    _note(session, refund, "refund.failed", SERVICE, now=now, method=refund.method)
    ask_staff(
        session, "refund_failed", f"refund:{refund.id}:{refund.round}",
        booking_id=refund.booking_id, yen=refund.yen, facts={"refund": refund.id, "why": why},
        now=now,
    )  # fmt: skip


def _locked(session: Session, refund_id: int) -> Refund:
    """Return a refund, locked after its booking as everywhere."""
    found = refunds.known(session, refund_id)
    if found is None:
        raise Refused(Refusal("refund.unknown"))
    locked(session, found.booking_id)
    return refunds.locked(session, refund_id)


def _note(
    session: Session, refund: Refund, action: str, actor: Actor, *, now: datetime, **facts: object
) -> None:
    audit.note(
        session, actor, action, subject="booking", subject_id=refund.booking_id, now=now,
        facts={"refund": refund.id, "yen": refund.yen, **facts},
    )  # fmt: skip


def _tell(session: Session, refund: Refund, *, now: datetime) -> None:
    """Promise a letter: it went, or the provider asks where to."""
    booking = locked(session, refund.booking_id)
    if booking.account_id is None:
        return
    email = email_of(session, booking.account_id)
    if refund.state == "done":
        promise(session, "refund_done", subject_id=refund.id, email=email, now=now)
    else:
        promise(session, "refund_details", subject_id=refund.id, email=email, now=now)
