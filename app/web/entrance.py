"""The session of a browser: waiting for a code, going in with it, going out."""

from datetime import datetime
from typing import Any

from flask import Response, g, make_response, redirect, session
from flask.blueprints import BlueprintSetupState
from flask_login import login_user, logout_user

from app.db import db
from app.identity.codes import VALID, keyed_hash
from app.identity.queries import viewer_of
from app.identity.service import STAYS_ON_SHARED_DEVICE, STAYS_SIGNED_IN
from app.kernel.refusals import Refusal, Refused
from app.usecases import signing_in
from app.web import context, device, way_back
from app.web.context import SignedInUser

WAITED_FOR = 3  # codes at once: the mail that was late is as good as the one sent again
CARRIED_IN = ("baskets", "said", "journey")  # what a visitor did before is theirs after


def keep_cookies_long(state: BlueprintSetupState) -> None:
    """Let the cookie of an own device live as long as the session behind it."""
    state.app.config["PERMANENT_SESSION_LIFETIME"] = STAYS_SIGNED_IN


def wait_for_code(attempt: int, email: str, following: str) -> None:
    """Keep in the session which codes are awaited, and what comes after."""
    before = awaited()
    same = before["attempts"] if before and before["email"] == email else []
    session["sign_in"] = {
        "attempts": [attempt, *same][:WAITED_FOR],
        "email": email,
        "next": following,
        "until": (context.now() + VALID).isoformat(),
    }


def awaited() -> dict[str, Any] | None:
    """Return what is awaited by this browser, or None."""
    return session.get("sign_in")


def until() -> datetime:
    """Return until when the last code is good."""
    return datetime.fromisoformat(session["sign_in"]["until"])


def enter(code: str, *, is_own_device: bool) -> Response:
    """Sign in with one of the awaited codes; raises Refused with what is wrong with the last."""
    asked: dict[str, Any] = session["sign_in"]
    stays = STAYS_SIGNED_IN if is_own_device else STAYS_ON_SHARED_DEVICE
    refused = Refused(Refusal("sign_in.code_expired"))
    for attempt in reversed(asked["attempts"]):
        try:
            token = signing_in.sign_in(
                attempt_id=attempt,
                code=code,
                secret=context.settings().secret_key,
                request_id=g.request_id,
                now=context.now(),
                stays=stays,
            )
        except Refused as no:
            refused = no
        else:
            following = way_back.or_home(asked["next"])
            return entered(token, asked["email"], following, is_own_device=is_own_device)
    raise refused


def entered(token: str, email: str, following: str, *, is_own_device: bool = False) -> Response:
    """Carry a session from now on and go to what comes after; nothing of before opens anything."""
    carried = {name: session[name] for name in CARRIED_IN if name in session}
    session.clear()
    session.update(carried)
    session.permanent = is_own_device
    viewer = viewer_of(db.session(), _hash(token), now=context.now())
    if viewer is None:
        raise Refused(Refusal("sign_in.code_expired"))
    login_user(SignedInUser(token, viewer))
    g.viewer = viewer  # what comes after depends on who they are now
    response = make_response(redirect(following, code=303))
    device.remember(response, email)
    return response


def token_hash() -> str:
    """Return the hash of this browser's session."""
    return _hash(session["_user_id"])


def leave() -> None:
    """End the session in the database and in the browser, with what was chosen in it."""
    token = session.get("_user_id")
    if token:
        signing_in.sign_out(_hash(token))
        logout_user()
    session.clear()


def _hash(token: str) -> str:
    return keyed_hash(context.settings().secret_key, "session", token)
