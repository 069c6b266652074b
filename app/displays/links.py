"""Secret addresses: made, looked up by their key, seen, revoked."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.db.session import current_tenant, in_transaction
from app.displays.models import PublicLink
from app.identity.codes import keyed_hash, new_salt

SEEN_AGAIN = timedelta(minutes=1)
KEY_LENGTH = 32  # hexadecimal digits: 128 bits
MOST = 50  # of a hall or a person, that are not ended


def make(
    session: Session,
    kind: str,
    *,
    name: str,
    made_by: int,
    now: datetime,
    facility_id: int | None = None,
    room_ids: Sequence[int] | None = None,
    account_id: int | None = None,
) -> PublicLink:
    """Make an address of a hall, of some rooms of it, or of one person's bookings."""
    link = PublicLink(
        tenant_id=current_tenant(), kind=kind, name=name, facility_id=facility_id,
        room_ids=sorted(room_ids) if room_ids else None, account_id=account_id, salt=new_salt(),
        made_at=now, made_by=made_by,
    )  # fmt: skip
    session.add(link)
    session.flush()
    return link


def key_of(secret: str, link: PublicLink) -> str:
    """Return the key in an address: the same each time, stored nowhere."""
    return keyed_hash(secret, "public-link", f"{link.tenant_id}:{link.id}:{link.salt}")[:KEY_LENGTH]


def opened(
    session: Session, secret: str, link_id: int, key: str, *, kind: str
) -> PublicLink | None:
    """Return what an address leads to; None for a wrong key, and when it was revoked."""
    link = session.scalar(
        select(PublicLink).where(
            PublicLink.tenant_id == current_tenant(),
            PublicLink.id == link_id,
            PublicLink.kind == kind,
            PublicLink.ended_at.is_(None),
        )
    )
    # Compared also when there is none: how long it takes tells nobody which ids are there.
    right = key_of(secret, link) if link else "-" * KEY_LENGTH
    is_right = hmac.compare_digest(right.encode(), key.encode())
    return link if link and is_right else None


def note_seen(link: PublicLink, *, now: datetime) -> None:
    """Note that an address was asked for, at most once a minute."""
    if link.seen_at is not None and now - link.seen_at < SEEN_AGAIN:
        return
    in_transaction(
        lambda session: session.execute(
            update(PublicLink)
            .where(PublicLink.tenant_id == link.tenant_id, PublicLink.id == link.id)
            .values(seen_at=now)
        )
    )


def of_hall(session: Session, facility_id: int) -> Sequence[PublicLink]:
    """Return the addresses of a hall that lead somewhere, the newest last."""
    return _standing(session, PublicLink.facility_id == facility_id)


def of_person(session: Session, account_id: int) -> Sequence[PublicLink]:
    """Return the addresses of a person's bookings that lead somewhere."""
    return _standing(session, PublicLink.account_id == account_id)


def end(
    session: Session,
    link_id: int,
    *,
    now: datetime,
    facility_id: int | None = None,
    account_id: int | None = None,
) -> bool:
    """Revoke an address of a hall or a person; say whether there was one."""
    ended = session.execute(
        update(PublicLink)
        .where(
            PublicLink.tenant_id == current_tenant(),
            PublicLink.id == link_id,
            PublicLink.ended_at.is_(None),
            PublicLink.facility_id == facility_id
            if facility_id is not None
            else PublicLink.account_id == account_id,
        )
        .values(ended_at=now)
        .returning(PublicLink.id)
    )
    return ended.first() is not None


def bring_back(
    session: Session,
    link_id: int,
    *,
    facility_id: int | None = None,
    account_id: int | None = None,
) -> bool:
    """Let a revoked address of a hall or a person lead there again; say whether there was one."""
    back = session.execute(
        update(PublicLink)
        .where(
            PublicLink.tenant_id == current_tenant(),
            PublicLink.id == link_id,
            PublicLink.ended_at.is_not(None),
            PublicLink.facility_id == facility_id
            if facility_id is not None
            else PublicLink.account_id == account_id,
        )
        .values(ended_at=None)
        .returning(PublicLink.id)
    )
    return back.first() is not None


def _standing(session: Session, whose: ColumnElement[bool]) -> Sequence[PublicLink]:
    return session.scalars(
        select(PublicLink)
        .where(PublicLink.tenant_id == current_tenant(), whose, PublicLink.ended_at.is_(None))
        .order_by(PublicLink.id)
        .limit(MOST)
    ).all()
