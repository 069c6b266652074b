"""RemoteLOCK's token desk: an application's own account, or one whose owner lets it in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import requests

from app.adapters.remotelock_answers import json_of, read
from app.locks.ports import AccountView, LockAuth, LockTransient, Tokens

PATIENCE: Final = (3, 10)  # seconds to connect, and to answer
EARLY: Final = timedelta(minutes=2)  # before its end a token is renewed


@dataclass(frozen=True, slots=True)
class Site:
    """Where a platform of the vendor is: there are several, with the same API."""

    auth: str  # up to /oauth/token, without it
    api: str


class TokenDesk:
    """Gets tokens of one account; implements locks.ports.Consent. Everything raises LockError."""

    def __init__(
        self, session: requests.Session, account: AccountView, site: Site,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._session, self._account, self._site, self._now = session, account, site, now

    def is_ending(self, tokens: Tokens) -> bool:
        """Say whether tokens are to be renewed before they are used again."""
        return tokens.until - EARLY <= self._now()

    def page(self, back: str, state: str) -> str:
        """Return the page where an owner of locks lets us in, or not."""
        asked = {
            "client_id": self._account.client_ref, "response_type": "code",
            "redirect_uri": back, "state": state,
        }  # fmt: skip
        return f"{self._site.auth}/oauth/authorize?{urlencode(asked)}"

    def tokens(self, code: str, back: str) -> Tokens:
        """Return tokens for the code that the page sent back with."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        found = self._asked(form, None)
        if found.refresh is None:
            raise LockAuth("no_refresh")
        return found

    def renewed(self, last: Tokens | None) -> Tokens:
        """Return newer tokens; a refresh token is void once it was used, another comes with it.

        Where an owner has to let us in, nothing else does: our own account has other locks.
        """
        if last is not None and last.refresh is not None:
            return self._asked(
                {"grant_type": "refresh_token", "refresh_token": last.refresh}, last.refresh
            )
        if self._account.is_by_consent:
            raise LockAuth("no_consent")
        return self._asked({"grant_type": "client_credentials"}, None)

    def _asked(self, form: Mapping[str, str], refresh: str | None) -> Tokens:
        own = {"client_id": self._account.client_ref, "client_secret": self._account.secret}
        try:
            answer = self._session.post(
                f"{self._site.auth}/oauth/token", data={**own, **form}, timeout=PATIENCE,
                allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise LockTransient(type(error).__name__) from error
        if answer.status_code in (400, 401, 403):
            raise LockAuth(_word(str(json_of(answer).get("error", ""))))
        told = read(answer)
        until = self._now() + timedelta(seconds=int(told["expires_in"]))
        return Tokens(told["access_token"], told.get("refresh_token") or refresh, until)


def _word(told: str) -> str:
    """Return the desk's word for a no, if it is one: it is kept and may be shown."""
    return told if told.isidentifier() and len(told) <= 40 else "refused"
