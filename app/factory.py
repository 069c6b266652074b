"""Puts the application together, in reading order."""

from pathlib import Path

from flask import Flask
from flask_compress import Compress
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import app.booking.floor
import app.booking.models
import app.counter.models
import app.db.audit
import app.db.idempotency
import app.facilities.models
import app.identity.models
import app.identity.proofs.models
import app.identity.staff.models
import app.issued.models
import app.locks.models
import app.locks.tasks
import app.notify.models
import app.payments.models
import app.payments.online.models
import app.payments.refunds.models
import app.payments.tasks
import app.tenants.models  # noqa: F401 - mapped classes register themselves
from app import cli, wiring
from app.config import Settings
from app.db import db
from app.db.roles import WEB
from app.web import (
    blueprints,
    calendar_lines,
    context,
    errors,
    formats,
    headers,
    hosts,
    logs,
    rendering,
    week_table,
    words,
)
from app.web.access import enforce_access

ROOT = Path(__file__).parents[1]
MOST_BYTES = 256 * 1024  # of a request: forms are small, files come in a later form


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings."""
    flask_app = Flask("kaikan", root_path=str(ROOT))
    _configure(flask_app, settings)
    flask_app.extensions["gateway"] = wiring.gateway(settings)
    flask_app.extensions["locks"] = wiring.locks(settings)
    db.init_app(flask_app)
    Migrate(flask_app, db, directory=str(ROOT / "migrations"))
    words.register(flask_app)
    Compress(flask_app)
    logs.register(flask_app)
    context.register(flask_app)
    rendering.register(flask_app)
    week_table.register(flask_app)
    calendar_lines.register(flask_app)
    formats.register(flask_app)
    headers.register(flask_app)
    errors.register(flask_app)
    blueprints.register(flask_app)
    enforce_access(flask_app)
    cli.register(flask_app)
    hosts.register(flask_app)
    _behind_proxies(flask_app, settings)
    return flask_app


def _configure(flask_app: Flask, settings: Settings) -> None:
    flask_app.config.update(
        KAIKAN=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        SESSION_COOKIE_NAME="kaikan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": settings.web_threads,
            "max_overflow": 0,
            "hide_parameters": True,  # an error in the log names no applicant
            # A database that was restarted is met by a new connection, not by an error.
            "pool_pre_ping": True,
            # Whoever waits long for somebody else's lock is told so and may try again.
            "connect_args": {"options": f"-c role={WEB} -c timezone=UTC -c lock_timeout=3s"},
        },
        COMPRESS_MIN_SIZE=500,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_ALGORITHM_STREAMING=["br", "gzip"],  # static files
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "app" / "translations"),
    )


def _behind_proxies(flask_app: Flask, settings: Settings) -> None:
    """Believe the headers of as many reverse proxies as there are, and of no more."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        flask_app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            flask_app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
