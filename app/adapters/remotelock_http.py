"""Calls of RemoteLOCK's API: with a token that is good, page by page, once more where it ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import requests

from app.adapters.remotelock_answers import read
from app.adapters.remotelock_tokens import PATIENCE, Site, TokenDesk
from app.locks.ports import AccountView, LockNotFound, LockTransient, Tokens

ACCEPT: Final = "application/vnd.lockstate+json; version=1"
PER_PAGE: Final = 50  # the most that it gives at once
MOST_PAGES: Final = 40


class Caller:
    """Speaks for one account. Everything raises LockError; no body is ever logged."""

    def __init__(self, account: AccountView, site: Site, now: Callable[[], datetime]) -> None:
        self._account, self._site = account, site
        self._session = requests.Session()
        self.desk = TokenDesk(self._session, account, site, now)
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

    def pages(self, path: str) -> Sequence[Mapping[str, Any]]:
        """Return all that a list holds."""
        return [one for page in self.each_page(path) for one in page]

    def each_page(
        self, path: str, *, most: int = MOST_PAGES
    ) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield a list page by page, at most so many."""
        for page in range(1, most + 1):
            answer = self.get(path, {"page": page, "per_page": PER_PAGE})
            yield answer["data"]
            if page >= answer.get("meta", {}).get("total_pages", 1):
                return

    def _call(self, method: str, path: str, **told: Any) -> dict[str, Any]:
        """Call once; with a token that was refused once more with another one.

        One platform answers 403 where a token has ended, as if it were not allowed at all.
        """
        tokens = self._tokens()
        answer = self._sent(method, path, tokens, **told)
        if answer.status_code in (401, 403):
            tokens = self._last = self._account.tokens.renewed(tokens, self.desk.renewed)
            answer = self._sent(method, path, tokens, **told)
        return read(answer)

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
        if last is None or self.desk.is_ending(last):
            last = self._account.tokens.renewed(last, self.desk.renewed)
        self._last = last
        return last
