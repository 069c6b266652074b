"""Is the process alive, and can the service do its work?"""

from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.kernel import clock
from app.web.access import Access, access

bp = Blueprint("health", __name__)

HEARTBEAT_IS_FRESH = timedelta(seconds=60)
_VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


@bp.get("/healthz")
@access(Access.MACHINE)
def healthz() -> ResponseReturnValue:
    """Answer as long as the process does."""
    return jsonify(status="ok")


@bp.get("/readyz")
@access(Access.MACHINE)
def readyz() -> ResponseReturnValue:
    """Answer 200 when database, migrations and worker are there, 503 with what is missing."""
    found = {"database": False, "migrations": False, "role": False, "worker": False}
    try:
        row = db.session.execute(text(_LOOK)).one()
        found["database"] = True
        found["role"] = not row.may_bypass
        found["migrations"] = db.session.scalar(text(_REVISION)) == newest_revision()
        found["worker"] = _is_fresh(row.heartbeat, clock.now())
    except SQLAlchemyError:
        db.session.rollback()
    ready = all(found.values())
    return jsonify(status="ready" if ready else "not ready", **found), 200 if ready else 503


_LOOK = """
select (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as may_bypass,
       (select max(last_heartbeat) from procrastinate_workers) as heartbeat
"""
_REVISION = "select version_num from alembic_version"


def newest_revision() -> str:
    """Return the newest migration of this code; they are numbered by hand."""
    return max(path.name.split("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


def _is_fresh(heartbeat: datetime | None, now: datetime) -> bool:
    return heartbeat is not None and now - heartbeat < HEARTBEAT_IS_FRESH
