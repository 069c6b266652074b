"""Passwords of staff: kept as argon2id, long rather than odd (NIST SP 800-63B)."""

from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12  # characters
MOST = 200
COMMON = frozenset(
    {"password", "passw0rd", "qwertyuiop", "asdfghjkl", "123456789", "iloveyou", "letmein",
     "welcome", "administrator", "kominkan", "shiyakusho", "kaikan", "himitsu", "sakura"}
)  # fmt: skip

_hasher = PasswordHasher()  # RFC 9106's second choice: 64 MiB, three passes
_NOBODYS = _hasher.hash("a password that nobody has")


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return _hasher.hash(password)


def is_right(kept: str | None, password: str) -> bool:
    """Say whether the password is the kept one; without one it takes as long to say no."""
    try:
        _hasher.verify(kept or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Say whether what is kept was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


def weakness(password: str, email: str) -> str | None:
    """Return the code of what makes a password too easy to guess, or None."""
    if len(password) < LEAST:
        return "password.too_short"
    if len(password) > MOST:
        return "password.too_long"
    plain = password.casefold()
    own = email.casefold()
    name, _at, domain = own.partition("@")
    without = plain
    for known in (own, name, domain):
        without = without.replace(known, "") if len(known) > 3 else without
    for common in COMMON:
        without = without.replace(common, "")
    if len(set(plain)) < 5 or len(without) < LEAST // 2 or _is_a_run(plain):
        return "password.too_common"
    return None


def _is_a_run(text: str) -> bool:
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    return steps in ({1}, {-1}, {0})
