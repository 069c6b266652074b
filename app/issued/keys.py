"""The secret address of a permit: its key is worked out, stored nowhere, compared in constant time.

Whoever holds the paper may check it; nobody else finds it.
"""

import hmac

from sqlalchemy.orm import Session

from app.identity.codes import keyed_hash
from app.issued.models import Paper
from app.issued.service import paper_with

KEY_LENGTH = 32  # hexadecimal digits: 128 bits


def key_of(secret: str, paper: Paper) -> str:
    """Return the key in the address of a paper: the same each time."""
    return keyed_hash(secret, "issued-paper", f"{paper.tenant_id}:{paper.id}")[:KEY_LENGTH]


def opened(session: Session, secret: str, paper_id: int, key: str, *, kind: str) -> Paper | None:
    """Return the paper that an address leads to; None for a wrong key."""
    paper = paper_with(session, paper_id)
    # Compared also when there is none: how long it takes tells nobody which ids are there.
    right = key_of(secret, paper) if paper else "-" * KEY_LENGTH
    is_right = hmac.compare_digest(right.encode(), key.encode())
    return paper if paper and is_right and paper.kind == kind else None
