"""What a program asks under a key is done once and answered each time (Idempotency-Key)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.db.idempotency import IdempotentAnswer, begin, keep
from app.db.session import in_transaction
from app.kernel.refusals import Refused


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a program: whose, under which key, and a hash of what it asks."""

    token_id: int
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program is told, to the letter: told again it is the same."""

    status: int
    text: str
    mimetype: str
    location: str | None = None


class AskedOtherwise(Exception):  # noqa: N818 - says what happened
    """The key was used before, for another request."""


def once(
    asking: Asking,
    work: Callable[[Session], Answer],
    refuse: Callable[[Refused], Answer],
    *,
    now: datetime,
) -> Answer:
    """Do `work` and keep its answer in the same transaction; asked again, only answer again.

    A refusal is an answer too: what `work` wrote is undone, and the key stays used. Requests
    at the same time wait for the first. Raises AskedOtherwise for a key of another request.
    """

    def whole(session: Session) -> Answer:
        before = begin(
            session,
            token_id=asking.token_id,
            key=asking.key,
            request_hash=asking.request_hash,
            now=now,
        )
        if before is not None:
            return _again(before, asking)
        answer = _first(session, work, refuse)
        keep(session, token_id=asking.token_id, key=asking.key, answer=asdict(answer))
        return answer

    return in_transaction(whole)


def _again(before: IdempotentAnswer, asking: Asking) -> Answer:
    if before.request_hash != asking.request_hash or before.answer is None:
        raise AskedOtherwise
    return Answer(**before.answer)


def _first(
    session: Session, work: Callable[[Session], Answer], refuse: Callable[[Refused], Answer]
) -> Answer:
    try:
        with session.begin_nested():
            return work(session)
    except Refused as no:
        return refuse(no)
