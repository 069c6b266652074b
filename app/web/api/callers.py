"""Which program calls, and what it may do; cookies of pages mean nothing here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, TypeVar

from flask import Flask, Request, abort, g, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from app.db import db
from app.db.audit import Actor
from app.identity.codes import keyed_hash
from app.identity.queries import token_with
from app.identity.rights import Right
from app.web import context
from app.web.access import Access
from app.web.api import problems

View = TypeVar("View", bound=Callable[..., Any])

PREFIX = "kaikan_"  # of every token, so that a leaked one is found by those who search for it


@dataclass(frozen=True, slots=True)
class Caller:
    """The program behind this request."""

    token_id: int

    def actor(self) -> Actor:
        """Return it as the audit names it."""
        return Actor("program", token_id=self.token_id, request_id=g.request_id)


class SessionsOfPages(SecureCookieSessionInterface):
    """Sessions for pages only: a request of the API has none, whatever cookies it brings."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a page's request; None, which is an empty one, for the API."""
        if request.path.startswith("/api/"):
            return None
        return super().open_session(app, request)


def needs(right: Right) -> Callable[[View], View]:
    """Let only programs whose token holds `right` call a view; before its body is read."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = _identified(right)
            return view(*args, **kwargs)

        guarded.access = Access.PROGRAM  # type: ignore[attr-defined]
        guarded.right = right  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guard


def caller() -> Caller:
    """Return the program behind this request."""
    return g.caller  # type: ignore[no-any-return]


def _identified(right: Right) -> Caller:
    token = _bearer()
    secret = context.settings().secret_key
    found = token_with(db.session(), keyed_hash(secret, "api", token))
    if found is None:
        _refuse(401, 'error="invalid_token"', detail="この自治体で使えるトークンではありません。")
    if right not in found.rights.split():
        wanted = f'error="insufficient_scope", scope="{right}"'
        _refuse(403, wanted, detail=f"このトークンには {right} の権限がありません。")
    return Caller(found.id)


def _bearer() -> str:
    """Return the token that was sent; asks for one when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        _refuse(401)
    if not token.startswith(PREFIX):
        _refuse(401, 'error="invalid_token"', detail="このサービスのトークンではありません。")
    return token


def _refuse(status: int, said: str = "", *, detail: str = "") -> NoReturn:
    challenge = 'Bearer realm="kaikan"' + (f", {said}" if said else "")
    kind = "token" if status == 401 else "right"
    headers = {"WWW-Authenticate": challenge}
    abort(problems.problem(status, kind=kind, detail=detail, headers=headers))
