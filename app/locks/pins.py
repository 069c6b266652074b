"""Numbers for doors: hard to guess, never near a person's own, sealed wherever they rest."""

import hmac
import re
import secrets
from collections.abc import Callable
from hashlib import sha256

DIGITS = 6
_TRIES = 200
_STEPS_UP, _STEPS_DOWN = "01234567890123456789", "98765432109876543210"


def choose(
    *, digits: int = DIGITS, phone: str = "", is_taken: Callable[[str], bool] = lambda _: False
) -> str:
    """Return a number that nobody would try first; raises RuntimeError when none is free."""
    for _ in range(_TRIES):
        pin = f"{secrets.randbelow(10**digits):0{digits}d}"
        if not is_weak(pin, phone) and not is_taken(pin):
            return pin
    raise RuntimeError("no number is free")


def is_weak(pin: str, phone: str = "") -> bool:
    """Say whether a number is one of those that are tried first, or the applicant's own.

    One digit three times in a row, two digits only, a run up or down of four, a year of birth,
    or four digits in a row of the telephone number.
    """
    if re.search(r"(\d)\1\1", pin) or len(set(pin)) < 3 or re.search(r"(19|20)\d\d", pin):
        return True
    fours = [pin[at : at + 4] for at in range(len(pin) - 3)]
    own = re.sub(r"\D", "", phone)
    return any(four in _STEPS_UP or four in _STEPS_DOWN or four in own for four in fours)


def mark(secret: str, tenant_id: int, facility_id: int, pin: str) -> str:
    """Return what tells whether two codes of a hall are the same, and nothing else."""
    pepper = f"door pin {tenant_id} {facility_id}".encode()
    key = hmac.new(secret.encode(), pepper, sha256).digest()
    return hmac.new(key, pin.encode(), sha256).hexdigest()
