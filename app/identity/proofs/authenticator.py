"""The six digits of an authenticator app (TOTP, RFC 6238); each works once."""

import io
from datetime import datetime

import pyotp
import segno
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from app.identity.proofs.models import StaffProof

STEP = 30  # seconds
DIGITS = 6


def new_secret() -> str:
    """Return a secret to share with an app (base32)."""
    return pyotp.random_base32()


def address(secret: str, *, email: str, issuer: str) -> str:
    """Return what the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def qr_svg(text: str) -> bytes:
    """Return a QR code as an SVG image."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=3, xmldecl=False)
    return out.getvalue()


def step_of(secret: str, digits: str, *, now: datetime) -> int | None:
    """Return the time step whose digits these are, now or one step off; None when they are none."""
    current = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in (current, current - 1, current + 1):
        if pyotp.utils.strings_equal(digits, totp.at(step * STEP)):
            return step
    return None


def use_up(session: Session, account_id: int, step: int) -> bool:
    """Note that the digits of a step were used; False when they or later ones were before."""
    used: CursorResult[tuple[()]] = session.execute(  # type: ignore[assignment]
        update(StaffProof)
        .where(StaffProof.account_id == account_id, StaffProof.last_step < step)
        .values(last_step=step)
    )
    return used.rowcount == 1
