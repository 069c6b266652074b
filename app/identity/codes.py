"""Six-digit sign-in codes: worked out from the attempt and the secret, so stored nowhere."""

import hashlib
import hmac
import secrets
from datetime import timedelta

VALID = timedelta(minutes=15)
MOST_WRONG_TRIES = 5


def new_salt() -> str:
    """Return a salt for one attempt."""
    return secrets.token_hex(16)


def code_for(secret: str, attempt_id: int, salt: str) -> str:
    """Return the code of an attempt: the same each time, so that a mail can be sent again."""
    message = f"sign-in:{attempt_id}:{salt}".encode()
    digest = hmac.new(secret.encode(), message, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def is_right(given: str, secret: str, attempt_id: int, salt: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode(), code_for(secret, attempt_id, salt).encode())


def key_of_invitation(secret: str, invitation_id: int, salt: str) -> str:
    """Return the key in the letter of an invitation: the same each time, stored nowhere."""
    return keyed_hash(secret, "invitation", f"{invitation_id}:{salt}")[:40]


def keyed_hash(secret: str, purpose: str, value: str) -> str:
    """Return what stands for a token or an address in the database; useless without the secret."""
    return hmac.new(secret.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()
