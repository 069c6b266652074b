"""Codes on paper that stand in, once each, for an authenticator that was lost."""

import secrets
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from app.identity.codes import keyed_hash
from app.identity.proofs.models import RecoveryCode

COUNT = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
LENGTH = 10


def make_anew(session: Session, account_id: int, *, secret: str) -> list[str]:
    """Return new codes, grouped to be read; those from before no longer work."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(COUNT)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=keyed_hash(secret, "recovery", one))
        for one in codes
    )
    session.flush()
    return [f"{one[:5]}-{one[5:]}" for one in codes]


def use(session: Session, account_id: int, typed: str, *, secret: str, now: datetime) -> bool:
    """Use a code up; False when it is none or was used."""
    plain = "".join(one for one in typed.casefold() if one in LETTERS)
    used: CursorResult[tuple[()]] = session.execute(  # type: ignore[assignment]
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == keyed_hash(secret, "recovery", plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return used.rowcount == 1


def left(session: Session, account_id: int) -> int:
    """Return how many codes were not used yet."""
    unused = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0
