"""Owners of keypads, each with a token and a secret that signs."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid5

from app.sims.locks.accounts import SPACE


@dataclass(frozen=True, slots=True)
class SwitchBot:
    """An owner; keypads go by their names."""

    token: str
    word: str  # the secret
    keypads: Sequence[str] = ("勝手口",)

    @property
    def devices(self) -> dict[str, str]:
        """Return the names of the keypads by their ids."""
        return {device_id(self.token, name): name for name in self.keypads}


def device_id(token: str, name: str) -> str:
    """Return the id of a keypad, the same for the same name."""
    return uuid5(SPACE, f"switchbot/{token}/{name}").hex[:12].upper()


def sign(token: str, word: str, t: str, nonce: str) -> str:
    """Return what signs a call."""
    digest = hmac.new(word.encode(), f"{token}{t}{nonce}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def owner(
    owners: Mapping[str, SwitchBot], token: str, t: str, nonce: str, said: str
) -> SwitchBot | None:
    """Return who is calling, if the signature is right."""
    found = owners.get(token)
    if found is None or not (len(t) == 13 and t.isdecimal() and nonce):
        return None
    wanted = sign(found.token, found.word, t, nonce)
    return found if hmac.compare_digest(wanted.encode(), said.encode()) else None
