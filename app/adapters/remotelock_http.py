"""Calls of RemoteLOCK's API: tokens, one renewal at a time, and what its answers mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import requests

from app.locks.ports import (
    AccountView,
    LockAuth,
    LockConflict,
    LockError,
    LockInvalid,
    LockNotFound,
    LockOffline,
    LockRateLimited,
    LockTransient,
    Tokens,
)

ACCEPT: Final = "application/vnd.lockstate+json; version=1"
PATIENCE: Final = (3, 10)  # seconds to connect, and to answer
EARLY: Final = timedelta(minutes=2)  # before its end a token is renewed
TYPES: Final[Mapping[int, type[LockError]]] = {
    404: LockNotFound, 409: LockConflict, 410: LockNotFound, 423: LockOffline,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """Where a platform of the vendor is: there are several, with the same API."""

    auth: str  # up to /oauth/token, without it
    api: str


class Caller:
    """Speaks for one account. Everything raises LockError; no body is ever logged."""

    def __init__(self, account: AccountView, site: Site, now: Callable[[], datetime]) -> None:
        self._account, self._site, self._now = account, site, now
        self._session = requests.Session()
        self._last: Tokens | None = None  # as this caller used them; others may renew meanwhile

    def close(self) -> None:
        """Give connections back."""
        self._session.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what an address holds."""
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make something."""
        return self._call("POST", path, json=body)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change something."""
        return self._call("PUT", path, json=body)

    def delete(self, path: str) -> None:
        """Take something away; what is not there is away."""
        try:
            self._call("DELETE", path)
        except LockNotFound:
            return

    def _call(self, method: str, path: str, **told: Any) -> dict[str, Any]:
        """Call once; with a token that was refused once more with another one.

        One platform answers 403 where a token has ended, as if it were not allowed at all.
        """
        tokens = self._tokens()
        answer = self._sent(method, path, tokens, **told)
        if answer.status_code in (401, 403):
            tokens = self._last = self._account.tokens.renewed(tokens, self._fetched)
            answer = self._sent(method, path, tokens, **told)
        return _read(answer)

    def _sent(self, method: str, path: str, tokens: Tokens, **told: Any) -> requests.Response:
        headers = {"Accept": ACCEPT, "Authorization": f"Bearer {tokens.access}"}
        try:
            return self._session.request(
                method, f"{self._site.api}{path}", headers=headers, timeout=PATIENCE,
                allow_redirects=False, **told,
            )  # fmt: skip
        except requests.RequestException as error:
            raise LockTransient(type(error).__name__) from error

    def _tokens(self) -> Tokens:
        last = self._last or self._account.tokens.read()
        if last is None or last.until - EARLY <= self._now():
            last = self._account.tokens.renewed(last, self._fetched)
        self._last = last
        return last

    def _fetched(self, last: Tokens | None) -> Tokens:
        """Ask for tokens; a refresh token is void once it was used, and another comes with it."""
        form = {"client_id": self._account.client_ref, "client_secret": self._account.secret}
        if last is not None and last.refresh is not None:
            form |= {"grant_type": "refresh_token", "refresh_token": last.refresh}
        else:
            form |= {"grant_type": "client_credentials"}
        try:
            answer = self._session.post(
                f"{self._site.auth}/oauth/token", data=form, timeout=PATIENCE,
                allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise LockTransient(type(error).__name__) from error
        if answer.status_code in (400, 401, 403):
            raise LockAuth(str(_json(answer).get("error", "refused")))
        told = _read(answer)
        until = self._now() + timedelta(seconds=int(told["expires_in"]))
        return Tokens(told["access_token"], told.get("refresh_token"), until)


def _read(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code < 300:
        return _json(answer)
    if answer.status_code in (401, 403):
        raise LockAuth(f"http_{answer.status_code}")
    if answer.status_code == 429:
        raise LockRateLimited(_rest(answer))
    if answer.status_code == 422:
        raise _invalid(_json(answer))
    if answer.status_code == 409:
        raise LockConflict("duplicate")
    raise TYPES.get(answer.status_code, _other(answer))(f"http_{answer.status_code}")


def _other(answer: requests.Response) -> type[LockError]:
    return LockInvalid if 400 <= answer.status_code < 500 else LockTransient


def _invalid(told: Mapping[str, Any]) -> LockError:
    """Return which attribute was refused: a number that is taken is a conflict, not a mistake."""
    errors = told.get("errors") or []
    names = sorted({str(one.get("attribute", "")) for one in errors if isinstance(one, dict)})
    if names == ["pin"]:
        return LockConflict("pin_taken")
    return LockInvalid("422_" + "_".join(name for name in names if name.isidentifier()))


def _rest(answer: requests.Response) -> timedelta:
    told = answer.headers.get("Retry-After") or ""
    return timedelta(seconds=min(int(told), 3600) if told.isdecimal() else 60)


def _json(answer: requests.Response) -> dict[str, Any]:
    if answer.status_code == 204 or not answer.content:
        return {}
    try:
        told = answer.json()
    except ValueError as error:
        raise LockTransient("no_json") from error
    if not isinstance(told, dict):
        raise LockTransient("no_json")
    return told
