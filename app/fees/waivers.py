"""Requests for waivers: asked, returned for more, approved, refused, withdrawn; each step kept."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.fees.models import (
    ASKED,
    OPEN_STATES,
    WaiverPaper,
    WaiverRequest,
    WaiverStep,
)
from app.kernel.refusals import Refusal, Refused

MOST_PAPERS = 10
MOST_BYTES = 5 * 1024 * 1024
# What a file begins with says what it is; its name and what the browser says may be anything.
BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}


def ask(
    session: Session,
    *,
    account_id: int,
    booking_id: int | None,
    waiver: str,
    name: str,
    reason: str,
    now: datetime,
) -> WaiverRequest:
    """Return a request; one that is open for the same is the same, with what is said now."""
    found = session.scalar(_same(account_id, booking_id, waiver).with_for_update())
    if found is None:
        found = WaiverRequest(
            tenant_id=current_tenant(),
            account_id=account_id,
            booking_id=booking_id,
            waiver=waiver,
            name=name,
            state=ASKED,
            asked_at=now,
        )
        session.add(found)
        session.flush()
    elif found.state == ASKED and found.waiver == waiver and _last_words(session, found) == reason:
        return found
    found.waiver, found.name = waiver, name
    step(session, found, ASKED, reason, account_id=account_id, now=now)
    return found


def step(
    session: Session,
    request: WaiverRequest,
    state: str,
    words: str,
    *,
    account_id: int | None,
    now: datetime,
) -> WaiverStep:
    """Move a request on and keep what was said."""
    request.state = state
    made = WaiverStep(
        tenant_id=current_tenant(),
        request_id=request.id,
        state=state,
        words=words,
        account_id=account_id,
        at=now,
    )
    session.add(made)
    session.flush()
    return made


def locked_request(session: Session, request_id: int) -> WaiverRequest:
    """Return a request, locked; raises Refused when the municipality has none."""
    found = session.scalar(
        select(WaiverRequest)
        .where(WaiverRequest.tenant_id == current_tenant(), WaiverRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise Refused(Refusal("waiver.unknown"))
    return found


def add_paper(
    session: Session, request: WaiverRequest, *, name: str, content: bytes, now: datetime
) -> None:
    """Keep a document of an open request; raises Refused for one that can't be read or kept."""
    if request.state not in OPEN_STATES:
        raise Refused(Refusal("waiver.decided"))
    if len(papers_of(session, request.id)) >= MOST_PAPERS:
        raise Refused(Refusal("waiver.too_many_papers", {"most": MOST_PAPERS}))
    session.add(
        WaiverPaper(
            tenant_id=current_tenant(),
            request_id=request.id,
            name=name,
            media_type=media_type_of(content),
            content=content,
            sent_at=now,
        )
    )


def media_type_of(content: bytes) -> str:
    """Return what a document is; raises Refused for what is none of PDF, JPEG and PNG."""
    if len(content) > MOST_BYTES:
        raise Refused(Refusal("waiver.paper_too_large"))
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    raise Refused(Refusal("waiver.paper_unreadable"))


def requests_of(session: Session, account_id: int) -> list[WaiverRequest]:
    """Return what a person asked for, the newest first."""
    mine = WaiverRequest.account_id == account_id
    return list(session.scalars(_requests(mine).order_by(WaiverRequest.id.desc())))


def requests_for(session: Session, booking_id: int) -> list[WaiverRequest]:
    """Return what was asked for a booking, the newest first."""
    its = WaiverRequest.booking_id == booking_id
    return list(session.scalars(_requests(its).order_by(WaiverRequest.id.desc())))


def request_with(session: Session, request_id: int) -> WaiverRequest | None:
    """Return a request of the municipality."""
    return session.scalar(_requests(WaiverRequest.id == request_id))


def is_waited_for(session: Session, booking_id: int) -> bool:
    """Say whether a booking's request is with the staff; then nothing lapses."""
    its = _requests(WaiverRequest.booking_id == booking_id, WaiverRequest.state == ASKED)
    return session.scalar(its.limit(1)) is not None


def waited_for(session: Session, booking_ids: Collection[int]) -> set[int]:
    """Return those bookings whose request is with the staff."""
    its = (WaiverRequest.booking_id.in_(booking_ids), WaiverRequest.state == ASKED)
    return {one.booking_id for one in session.scalars(_requests(*its)) if one.booking_id}


def steps_of(session: Session, request_id: int) -> Sequence[WaiverStep]:
    """Return what happened to a request, the first first."""
    return session.scalars(
        select(WaiverStep)
        .where(WaiverStep.tenant_id == current_tenant(), WaiverStep.request_id == request_id)
        .order_by(WaiverStep.id)
    ).all()


def papers_of(session: Session, request_id: int) -> Sequence[WaiverPaper]:
    """Return the documents of a request, without their content."""
    return session.scalars(
        select(WaiverPaper)
        .where(WaiverPaper.tenant_id == current_tenant(), WaiverPaper.request_id == request_id)
        .order_by(WaiverPaper.id)
    ).all()


def _last_words(session: Session, request: WaiverRequest) -> str | None:
    return session.scalar(
        select(WaiverStep.words)
        .where(WaiverStep.tenant_id == current_tenant(), WaiverStep.request_id == request.id)
        .order_by(WaiverStep.id.desc())
        .limit(1)
    )


def _requests(*conditions: ColumnElement[bool]) -> Select[WaiverRequest]:
    return select(WaiverRequest).where(WaiverRequest.tenant_id == current_tenant(), *conditions)


def _same(account_id: int, booking_id: int | None, waiver: str) -> Select[WaiverRequest]:
    is_open = WaiverRequest.state.in_(OPEN_STATES)
    if booking_id is not None:
        return _requests(WaiverRequest.booking_id == booking_id, is_open)
    return _requests(
        WaiverRequest.account_id == account_id,
        WaiverRequest.booking_id.is_(None),
        WaiverRequest.waiver == waiver,
        is_open,
    )
