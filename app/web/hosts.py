"""Under which names the service answers; passkeys and forms are checked against them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def register(app: Flask) -> None:
    """Answer 400 under any name that is not the service's own, before anything else is done."""
    known, inner = app.config["KAIKAN"].hosts, app.wsgi_app

    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if host_is_trusted(Request(environ).headers.get("Host"), known):
            return inner(environ, start_response)
        return BadRequest("このアドレスでは使えません。")(environ, start_response)

    app.wsgi_app = guarded  # type: ignore[method-assign]
