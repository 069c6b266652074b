"""Staff give money back themselves, send again what failed, and see to what is asked of them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.booking.service.ending import is_own, locked
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.kernel.refusals import Refusal, Refused
from app.payments import till
from app.payments.refunds import planning
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.service import Counter
from app.payments.tasks import booking_of, see_to
from app.usecases.refund_deeds import deed, locked_refund, tell


@dataclass(frozen=True, slots=True)
class Handed:
    """How staff gave money back: over which counter, or to an account; against what proof."""

    method: str  # cash, transfer
    counter_id: int | None = None  # the hall; None: the town hall
    remark: str = ""  # the signature's paper, or the day and number of the transfer
    seen_yen: int | None = None  # what was asked about: it may have become less


def hand_over(refund_id: int, handed: Handed, *, actor: Actor, now: datetime, today: date) -> None:
    """Enter that staff gave the money back themselves; told twice it is entered once.

    Raises Refused for a refund that the provider sends or has sent, for one's own booking, for
    another sum than was seen, and without a word about the proof.
    """

    def work(session: Session) -> None:
        refund = locked_refund(session, refund_id)
        booking = locked(session, refund.booking_id)
        if is_own(booking, actor):
            raise Refused(Refusal("payment.own"))
        if _was_handed(refund, handed, actor):
            return
        _check(refund, handed)
        refund.method, refund.attempt_id = handed.method, None
        counter = None
        if handed.method == till.CASH:
            till.lock(session, handed.counter_id)
            on = till.business_day(session, handed.counter_id, today)
            counter = Counter(handed.counter_id, on)
        refunds.pay_out(
            session, refund, actor=actor, now=now, counter=counter, remark=handed.remark
        )
        deed(session, refund, "refund.handed_over", actor, now=now, method=handed.method)
        tell(session, refund, now=now)

    in_transaction(work)


def _was_handed(refund: Refund, handed: Handed, actor: Actor) -> bool:
    """Say whether just this was entered before; raises Refused when something else was."""
    if refund.state != "done":
        return False
    told = (actor.account_id, handed.method, handed.remark)
    if (refund.done_by, refund.method, refund.remark) != told:
        raise Refused(Refusal("refund.done_before"))
    return True


def _check(refund: Refund, handed: Handed) -> None:
    if refund.state not in ("due", "failed") or (
        refund.state == "due" and refund.attempt_id is not None
    ):
        raise Refused(Refusal("refund.not_by_hand"))
    if handed.seen_yen not in (None, refund.yen):
        raise Refused(Refusal("refund.other_sum", {"yen": refund.yen}))
    if not handed.remark:
        raise Refused(Refusal("refund.no_proof"))


def send_again(refund_id: int, *, actor: Actor, now: datetime) -> bool:
    """Let a refund that failed be sent once more; False when there was nothing to send.

    Raises Refused for one's own booking.
    """

    def work(session: Session) -> bool:
        refund = locked_refund(session, refund_id)
        if is_own(locked(session, refund.booking_id), actor):
            raise Refused(Refusal("payment.own"))
        if refund.state != "failed" or refund.attempt_id is None:
            return False
        # The provider keeps what it answered under a key, also a refusal.
        refund.state, refund.provider_ref, refund.error = "due", None, None
        planning.send_soon(session, refund)
        deed(session, refund, "refund.again", actor, now=now)
        return True

    return in_transaction(work)


def seen_to(task_id: int, *, remark: str, actor: Actor, now: datetime) -> bool:
    """Write that a person saw to something about money; False when it was done before.

    Raises Refused without a word about how, and for one's own booking.
    """

    def work(session: Session) -> bool:
        if not remark:
            raise Refused(Refusal("task.no_remark"))
        booking_id = booking_of(session, task_id)
        if booking_id is not None and is_own(locked(session, booking_id), actor):
            raise Refused(Refusal("payment.own"))
        done = see_to(session, task_id, remark=remark, account_id=actor.account_id, now=now)
        if done:
            audit.note(
                session, actor, "task.seen_to", subject="task", subject_id=task_id, now=now,
                facts={"reason": remark},
            )  # fmt: skip
        return done

    return in_transaction(work)
