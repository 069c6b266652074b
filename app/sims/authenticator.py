"""The authenticator app of the demonstration's staff: the six digits that are good right now."""

import base64
import hashlib
from datetime import datetime

import pyotp

from app.kernel import clock

WORDS = "mihon no kagi 2026"  # the password of the demonstration's staff; make run prints it
STEP = 30  # seconds


def secret_of(email: str) -> str:
    """Return the secret that the app of somebody of the demonstration shares (base32)."""
    return base64.b32encode(
        hashlib.sha256(f"demonstration {email}".encode()).digest()[:20]
    ).decode()


def digits_of(email: str, now: datetime | None = None) -> str:
    """Return the digits that are good now."""
    return pyotp.TOTP(secret_of(email)).at(now or clock.now())


def seconds_left(now: datetime | None = None) -> int:
    """Return how long they are good."""
    return STEP - int((now or clock.now()).timestamp()) % STEP
