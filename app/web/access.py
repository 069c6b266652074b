"""Every route says who may call it, or the service does not start."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, url_for

from app.identity.permissions import Permission, may

View = TypeVar("View", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may call a route; finer questions are asked of the permission map."""

    PUBLIC = "public"  # everybody, signed in or not
    SIGNED_IN = "signed_in"
    DESK = "desk"  # whoever works at a facility or for the municipality
    OFFICE = "office"
    PROGRAM = "program"  # a token of the API; checked by the API itself
    MACHINE = "machine"  # health checks; no municipality, no session


# Flask's own route of static files.
OPEN_ENDPOINTS = frozenset({"static"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def access(needed: Access) -> Callable[[View], View]:
    """Declare who may call a view."""

    def mark(view: View) -> View:
        view.access = needed  # type: ignore[attr-defined]
        return view

    return mark


def enforce_access(app: Flask) -> None:
    """Check the declarations now and callers on each request; call after all blueprints."""
    needs = {name: getattr(view, "access", None) for name, view in app.view_functions.items()}
    silent = sorted(n for n, needed in needs.items() if needed is None and n not in OPEN_ENDPOINTS)
    if silent:
        raise RuntimeError(f"no @access on: {', '.join(silent)}")

    @app.before_request
    def check_caller() -> Response | None:
        needed = needs.get(request.endpoint or "")
        if needed is None or needed in (Access.PUBLIC, Access.MACHINE, Access.PROGRAM):
            if needed is Access.PUBLIC:
                _refuse_other_sites()
            return None
        _refuse_other_sites()
        if not g.viewer.is_signed_in:
            return _to_sign_in()
        if needed is Access.DESK and not g.viewer.roles:
            abort(403)
        if needed is Access.OFFICE and not may(g.viewer, Permission.OFFICE, None):
            abort(403)
        return None


def _to_sign_in() -> Response:
    """Send to the sign-in page; what was asked for is shown after it."""
    following = request.full_path if request.method in SAFE_METHODS else ""
    target = url_for("account.sign_in", municipality=g.municipality.slug, next=following or None)
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
    if origin is None or urlsplit(origin).netloc != request.host:
        abort(403)
