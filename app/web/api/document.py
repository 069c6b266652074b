"""The OpenAPI document: flask-smorest's, with our problems for its errors, without its pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest
from flask import Flask, Response
from marshmallow import Schema

from app.identity.rights import Right
from app.web.access import Access, access
from app.web.api import caching, problems
from app.web.api.callers import needs
from app.web.api.incoming import Reader
from app.web.api.schemas import ProblemSchema
from app.web.context import SlugConverter

View = TypeVar("View", bound=Callable[..., Any])

ABOUT = """\
施設の一覧と空きはだれでも読めます。予約の申し込み・確認・取り消しにはトークンが必要です。
時刻は ISO 8601（オフセットつき）、申し込みの時刻は「10:00」の形で、24:00 も使えます。
だれが予約しているかは、空きの情報には含まれません。

Facilities and availability are public; creating, reading and cancelling bookings needs a bearer
token of the municipality. Times are ISO 8601 with offset; applications use "10:00" up to "24:00".
Availability never says who holds a slot. Every error is a problem document (RFC 9457).
"""
TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "自治体が発行するトークン（kaikan_…）。権限の語を持ちます。 / A token of one "
    "municipality with rights: " + ", ".join(Right),
}
MUNICIPALITY = {
    "name": "municipality",
    "in": "path",
    "required": True,
    "description": "自治体の名前 / Name of the municipality in paths",
    "schema": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "example": "midori",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "前に受け取った ETag。変わっていなければ 304 / An ETag received before",
    "schema": {"type": "string"},
}
ETAG = {
    "ETag": {"description": "内容の版 / Version of the content", "schema": {"type": "string"}},
    "Cache-Control": {
        "description": "聞き直さずに使える秒数 / For how long not to ask again",
        "schema": {"type": "string"},
    },
}
MEANT = {  # of problems by status, for the document
    400: "内容を読めない、または Idempotency-Key がない / Not JSON, or no Idempotency-Key",
    401: "トークンがない、またはこの自治体のものではない / No token of this municipality",
    403: "トークンに権限がない / The token lacks the right",
    404: "ない、またはこの自治体のものではない / Not here",
    409: "規則により受け付けられない（refusals） / The rules refuse",
    413: "本文が大きすぎる / Body too large",
    415: "JSON ではない / Not JSON",
    422: "項目の誤り、または同じキーで別の内容 / Wrong fields, or the key of another request",
    503: "混雑。何も変わっていない / Busy, nothing changed; see Retry-After",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """What one route takes and tells, as the document says it."""

    id: str
    summary: str  # 日本語 / English
    description: str
    tells: type[Schema]
    example: object
    status: int = 200
    headers: dict[str, Any] | None = None
    location: str | None = None  # of what it takes: query, json
    takes: type[Schema] | None = None
    asks: object = None  # example of what it takes
    right: Right | None = None
    problems: Sequence[int] = ()
    parameters: Sequence[dict[str, Any]] = ()


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's blueprint with our reader of requests."""

    ARGUMENTS_PARSER = Reader()

    def operation(
        self, rule: str, about: Operation, *, method: str = "GET"
    ) -> Callable[[View], View]:
        """Serve a view at `rule` and describe it; a right is asked for before anything is read."""

        def serve(view: View) -> View:
            said: Any = view
            if (said.access is Access.PROGRAM) != (about.right is not None):
                raise RuntimeError(f"{about.id}: a route of programs names the right it needs")
            if about.takes is not None:
                shown = {"example": about.asks} if about.location == "json" else {}
                said = self.arguments(
                    about.takes, location=about.location, required=about.status == 201, **shown
                )(said)
            said = self.response(
                about.status, about.tells, headers=about.headers, example=about.example
            )(said)
            if about.headers is ETAG:
                said = self.alt_response(304, "NOT_MODIFIED")(said)
            for status in about.problems:
                said = self.alt_response(status, HTTPStatus(status).name)(said)
            if about.right is not None:
                said = needs(about.right)(said)
            said = self.doc(**_told(about))(said)
            self.route(rule, methods=[method], parameters=list(about.parameters))(said)
            return view

        return serve


class Document(flask_smorest.Api):  # type: ignore[misc]
    """The document and its address; errors are left to app.web.errors."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        super().__init__(
            spec_kwargs={
                "title": "Kaikan API 施設予約",
                "version": "1.0.0",
                "openapi_version": "3.1.0",
                "info": {"description": ABOUT},
                "servers": [{"url": "/"}],
            }
        )
        self.register_converter(SlugConverter, lambda _: MUNICIPALITY["schema"])
        self.init_app(app)
        self.spec.components.security_scheme("token", TOKEN)

    def _register_error_handlers(self) -> None:
        """Register none."""

    def _register_responses(self) -> None:
        """Describe our problem document for each status."""
        content = {problems.MIMETYPE: {"schema": self.ERROR_SCHEMA}}
        for status, meant in MEANT.items():
            response = {"description": meant, "content": content}
            self.spec.components.response(HTTPStatus(status).name, response, lazy=True)
        unforeseen = {"description": "そのほか / Any other", "content": content}
        self.spec.components.response("DEFAULT_ERROR", unforeseen, lazy=True)
        unchanged = {"description": "変わっていない / Not modified", "headers": ETAG}
        self.spec.components.response("NOT_MODIFIED", unchanged, lazy=True)

    @access(Access.PUBLIC)
    def _openapi_json(self) -> Response:
        """Serve the document."""
        return caching.told(self.spec.to_dict(), seconds=caching.SLOW_MOVING)


def _told(about: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": about.id,
        "summary": about.summary,
        "description": about.description,
    }
    if about.right is not None:
        said["security"] = [{"token": [str(about.right)]}]
    return said
