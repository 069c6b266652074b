"""The API for other systems, under /api/v1: open data without a token, bookings with one.

facilities, availability  for everybody, to be kept by proxies; never who has what
bookings                  apply, read, cancel: by programs with a token and its rights
document                  the OpenAPI document and how a route describes itself
problems                  every "no" as a problem document
callers, repeats, incoming, caching   tokens, Idempotency-Key, bodies, ETags
"""

from flask import Flask

from app.web.api import availability, bookings, callers, facilities
from app.web.api.document import MUNICIPALITY, Document

PREFIX = "/api/v1"


def register(app: Flask) -> None:
    """Serve the API and its document; its requests have no session."""
    app.session_interface = callers.SessionsOfPages()
    app.config["OPENAPI_URL_PREFIX"] = PREFIX
    document = Document(app)
    for part in (facilities, availability, bookings):
        document.register_blueprint(
            part.bp,
            url_prefix=f"{PREFIX}/<slug:municipality>",
            parameters=[MUNICIPALITY],
        )
