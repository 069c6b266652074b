"""Idempotency-Key: a request that is sent again is not done again (draft-ietf-httpapi)."""

import json
import re
from typing import NoReturn

from flask import Response, abort, request

from app.identity.codes import keyed_hash
from app.kernel.refusals import Refused
from app.usecases.asking_once import Answer, Asking
from app.web import context
from app.web.api import problems
from app.web.api.callers import caller
from app.web.api.incoming import parsed

HEADER = "Idempotency-Key"
PARAMETER = {
    "name": HEADER,
    "in": "header",
    "description": "申込ごとに作る鍵（UUID など）。送り直しても1度しか行われない / A key made for "
    "each request, such as a UUID; sent again it is done once and answered the same",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
# A structured string stands in quotes; most clients send it without.
_KEY = re.compile(r'"([ !#-\[\]-~]{1,200})"|([!#-~]{1,200})')


def asking() -> Asking | None:
    """Return the key of this request and what it asks, None without a key.

    Answers 400 when the key can't be one.
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    found = _KEY.fullmatch(sent.strip())
    if found is None:
        _stop(f"{HEADER} は 1〜200文字の英数字と記号にしてください。")
    return Asking(caller().token_id, found[1] or found[2], _hash())


def asking_with_key() -> Asking:
    """Return the key of this request and what it asks; answers 400 without a key."""
    found = asking()
    if found is None:
        _stop(f"{HEADER} ヘッダーに、申し込みごとに新しい鍵をつけてください。")
    return found


def asked_otherwise() -> Response:
    """Return the problem of a key that was used for another request."""
    detail = f"この {HEADER} は、別の内容の申し込みに使われています。"
    title = f"{HEADER} が使われています"
    return problems.problem(422, kind="idempotency-key-reused", title=title, detail=detail)


def refused(no: Refused) -> Answer:
    """Return a refusal as the answer that is kept."""
    response = problems.of_refusals(no)
    return Answer(response.status_code, response.get_data(as_text=True), problems.MIMETYPE)


def told(answer: Answer) -> Response:
    """Return an answer, kept or new."""
    response = Response(answer.text, answer.status, mimetype=answer.mimetype)
    response.headers["Cache-Control"] = "no-store"
    if answer.location:
        response.headers["Location"] = answer.location
    return response


def said(value: object, *, status: int = 200, location: str | None = None) -> Answer:
    """Return a value as an answer."""
    return Answer(status, problems.as_json(value).decode(), "application/json", location)


def _stop(detail: str) -> NoReturn:
    title = f"{HEADER} が必要です"
    abort(problems.problem(400, kind="idempotency-key", title=title, detail=detail))


def _hash() -> str:
    """Return what stands for this request: route and JSON, however it was spaced and ordered."""
    body = parsed(request) if request.get_data(cache=True) else None
    asked = f"{request.method} {request.path} {json.dumps(body, sort_keys=True)}"
    return keyed_hash(context.settings().secret_key, "request", asked)
