"""A proof that is fresh: what is shown to nobody but the person asks them to prove it again."""

from datetime import timedelta

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.web import context

FRESH = timedelta(minutes=30)


def is_fresh() -> bool:
    """Say whether whoever is signed in proved who they are within the last half hour."""
    proved_at = g.viewer.proved_at
    return proved_at is not None and context.now() - proved_at <= FRESH


def asked_again() -> Response | None:
    """Return the way to where one proves who one is and back; None when there is no need."""
    if is_fresh():
        return None
    where = "staff_entry.again" if g.viewer.staff else "proof_by_mail.why"
    return redirect(url_for(where, next=request.path), code=303)
