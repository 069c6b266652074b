"""One line of JSON for each request: what was asked and how it went, nothing about whom."""

import json
import logging
import sys
import time
from typing import Any

from flask import Flask, Response, g, request

log = logging.getLogger("kaikan.requests")


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; extra values become members of it."""

    _ordinary = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {k: v for k, v in vars(record).items() if k not in self._ordinary}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up() -> None:
    """Send all logs to standard output as lines of JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def register(app: Flask) -> None:
    """Log each request by the route it met, never by its path, query, address or body."""

    @app.before_request
    def begin() -> None:
        g.began_at = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if request.endpoint in ("static", "health.healthz"):
            return response
        began = g.get("began_at")
        log.info(
            "request",
            extra={
                "request_id": g.get("request_id"),
                "method": request.method,
                "route": str(request.url_rule) if request.url_rule else None,
                "municipality": g.municipality.slug if g.get("municipality") else None,
                "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000, 1) if began else None,
            },
        )
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response
