"""Every route says who may call it, or the service does not start."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, Response, abort, g, redirect, request, url_for

from app.identity.permissions import Permission, may_somewhere
from app.web import context
from app.web.addresses import parts_of

View = TypeVar("View", bound=Callable[..., Any])


RECENT = timedelta(minutes=15)  # a proof that is younger needs no other for what asks for one


class Access(StrEnum):
    """Who may call a route that no permission of staff guards."""

    PUBLIC = "public"  # everybody, signed in or not
    SIGNED_IN = "signed_in"
    STAFF = "staff"  # whoever works here, for their own account
    PROGRAM = "program"  # a token of the API; checked by the API itself
    MACHINE = "machine"  # health checks; no municipality, no session


# Flask's own route of static files.
OPEN_ENDPOINTS = frozenset({"static"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def access(needed: Access | Permission, *, recent: bool = False) -> Callable[[View], View]:
    """Declare who may call a view; a permission is for staff who hold it anywhere at all.

    Where it must be held for what is asked, the view asks itself. `recent`: only shortly after
    they proved who they are (exports, who works here, papers with many names).
    """

    def mark(view: View) -> View:
        view.access = needed  # type: ignore[attr-defined]
        view.recent = recent  # type: ignore[attr-defined]
        return view

    return mark


def enforce_access(app: Flask) -> None:
    """Check the declarations now and callers on each request; call after all blueprints."""
    needs = {name: getattr(view, "access", None) for name, view in app.view_functions.items()}
    silent = sorted(n for n, needed in needs.items() if needed is None and n not in OPEN_ENDPOINTS)
    if silent:
        raise RuntimeError(f"no @access on: {', '.join(silent)}")

    recent = {name for name, view in app.view_functions.items() if getattr(view, "recent", False)}

    @app.before_request
    def check_caller() -> Response | None:
        needed = needs.get(request.endpoint or "")
        if needed is None or needed in (Access.PUBLIC, Access.MACHINE, Access.PROGRAM):
            if needed is Access.PUBLIC:
                _refuse_other_sites()
            return None
        _refuse_other_sites()
        if needed is Access.SIGNED_IN:
            return None if g.viewer.is_signed_in else _to("account.sign_in")
        return _staff_only(needed, is_recent=request.endpoint in recent)


def _staff_only(needed: Access | Permission, *, is_recent: bool) -> Response | None:
    """Let staff in who may; others prove who they are first, or are refused."""
    if g.viewer.staff is None:
        return _to("staff_entry.sign_in")
    if isinstance(needed, Permission) and not may_somewhere(g.viewer, needed):
        abort(403)
    if is_recent and context.now() - g.viewer.staff.proved_at > RECENT:
        return _to("staff_entry.again")
    return None


def _to(endpoint: str) -> Response:
    """Send to where one proves who one is; what was asked for is shown after it."""
    if request.method in SAFE_METHODS:
        following = request.full_path
    else:  # what was sent is not sent again by itself, but its form is one step away
        following = parts_of(request.headers.get("Referer")).path
    target = url_for(endpoint, municipality=g.municipality.slug, next=following or None)
    return redirect(target, code=303)  # type: ignore[return-value]


def _refuse_other_sites() -> None:
    """Refuse a change that a page of another site asked this browser for (CSRF).

    Browsers say where a request comes from: Sec-Fetch-Site, or Origin in older ones. Both are
    out of a page's reach, so no token is needed and pages can be kept for everybody.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is None or parts_of(origin).netloc != request.host:
        abort(403)
