"""The mark of a device on which a person signed in before: a rival's requests don't lock it out."""

from flask import Response, request
from itsdangerous import BadData, URLSafeSerializer

from app.identity.codes import keyed_hash
from app.identity.service import Browser
from app.web import context

COOKIE = "device"
KEPT_SECONDS = 400 * 86400  # the longest that browsers keep a cookie
MOST_PEOPLE = 8  # on one device, the latest ones
_LENGTH = 16  # of a mark; it opens nothing, it only counts by itself


def browser(email: str) -> Browser:
    """Return where this request comes from, and whether this person was here before."""
    return Browser(context.network(), is_known_device=_mark(email) in _marks())


def remember(response: Response, email: str) -> None:
    """Let the device be known from now on."""
    marks = [*(one for one in _marks() if one != _mark(email)), _mark(email)][-MOST_PEOPLE:]
    response.set_cookie(
        COOKIE,
        _signer().dumps(marks),
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=context.settings().base_url.startswith("https://"),
    )


def _marks() -> list[str]:
    try:
        found = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadData:
        return []
    return [str(one) for one in found] if isinstance(found, list) else []


def _mark(email: str) -> str:
    return keyed_hash(context.settings().secret_key, "device", email)[:_LENGTH]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(context.settings().secret_key, salt="device")
