"""Every "no" of the API as a problem document (RFC 9457), with what a program can act on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from app.kernel.refusals import Refusal, Refused
from app.usecases.applying import NotAllWishes
from app.web import formats
from app.web.sentences import sentence, sentences

MIMETYPE = "application/problem+json"
OURS = "urn:kaikan:problem:"  # the same in every deployment, so that programs can compare it
MOST_ERRORS = 50  # a body of nothing but mistakes is not answered at its own length
LONGEST_NAME = 100

# What is said of a status when nothing more is known: title, detail.
WORDS = {
    400: ("内容を読めません", "JSON の書き方をお確かめください。"),
    401: ("トークンが必要です", "Authorization: Bearer でトークンを送ってください。"),
    403: ("このトークンではできません", "必要な権限のあるトークンを使ってください。"),
    404: ("見つかりません", "URL と番号をお確かめください。"),
    405: ("このメソッドは使えません", "Allow ヘッダーのメソッドを使ってください。"),
    409: ("受け付けられません", "refusals の理由をご覧ください。"),
    413: ("内容が大きすぎます", "本文を小さくしてください。"),
    415: ("本文の形式がちがいます", "Content-Type: application/json で送ってください。"),
    422: ("項目に誤りがあります", "errors の項目を直してください。"),
    500: ("手違いがありました", "記録しました。少し待って、もう一度送ってください。"),
    503: ("いま混み合っています", "何も変わっていません。少し待って、もう一度送ってください。"),
}


def are_asked_for() -> bool:
    """Say whether this request is one of the API, known route or not."""
    return request.path.startswith("/api/")


def problem(
    status: int,
    *,
    kind: str = "",
    title: str = "",
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """Return a problem document; without a kind it says no more than its status."""
    said = WORDS.get(status, (HTTPStatus(status).phrase, ""))
    document = {
        "type": f"{OURS}{kind}" if kind else "about:blank",
        "title": title or said[0],
        "status": status,
        "detail": detail or said[1],
        **members,
    }
    response = Response(as_json(document), status, mimetype=MIMETYPE)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return response


def of_http(error: HTTPException) -> Response:
    """Return what HTTP itself refuses: no such path, method, size or kind of body."""
    status = error.code or 500
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return problem(status, headers={"Allow": ", ".join(sorted(error.valid_methods))})
    return problem(status)


def of_refusals(no: Refused) -> Response:
    """Return the reasons of a use case as a problem, with the line of the request they are of."""
    if no.codes == ("busy",):
        return problem(503, headers={"Retry-After": "1"})
    status = 404 if no.codes == ("booking.unknown",) else 409
    found = list(_refusals(no))
    detail = " ".join(sentences(no.refusals))
    return problem(status, kind="refused", detail=detail, refusals=found)


def of_shape(messages: Mapping[str, Any], *, in_query: bool = False) -> Response:
    """Return what is wrong with the fields of a request, each by its JSON pointer or its name."""
    found = [
        {("parameter" if in_query else "pointer"): path.lstrip("/") if in_query else path,
         "detail": text}
        for path, text in _flat(messages)
    ]  # fmt: skip
    return problem(422, kind="invalid", errors=found[:MOST_ERRORS])


def as_json(value: object) -> bytes:
    """Return a value as JSON; halves of characters, which no UTF-8 can carry, become "?"."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def refusal(no: Refusal) -> dict[str, Any]:
    """Return one reason: its code and facts for programs, its sentence for people."""
    return {**reason(no), "sentence": sentence(no)}


def reason(no: Refusal) -> dict[str, Any]:
    """Return the code and the facts of a reason, instants in the municipality's zone."""
    return {"code": no.code, "facts": {name: _machine(value) for name, value in no.facts.items()}}


def moment(value: datetime) -> str:
    """Return an instant as ISO 8601 with the municipality's offset."""
    return formats.local(value).isoformat(timespec="seconds")


def _refusals(no: Refused) -> Iterator[dict[str, Any]]:
    if not isinstance(no, NotAllWishes):
        yield from (refusal(one) for one in no.refusals)
        return
    for line, refusals in no.by_line:
        for one in refusals:
            yield {**refusal(one), "line": line}


def _machine(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | None) else str(value)


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (pointer, sentence) of nested messages; "_schema" is the object around it."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, path if name == "_schema" else f"{path}/{_escaped(name)}")
    elif isinstance(messages, Sequence) and not isinstance(messages, str):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield path, str(messages)


def _escaped(name: object) -> str:
    return str(name)[:LONGEST_NAME].replace("~", "~0").replace("/", "~1")
