"""Which database the service gets, and whether its tables are those of the repository."""

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from app.config import Misconfigured, driver_url
from app.local.binaries import OLDEST_MAJOR
from app.local.errors import LocalError
from app.local.postgres import PrivatePostgres

NAME = "kaikan"
SET = re.compile(r"^(revision|down_revision)\b[^=\n]*= *(.+)$", re.MULTILINE)


@contextmanager
def database_url(
    environment: Mapping[str, str], *, data: Path, leave_running: bool
) -> Iterator[str]:
    """Give the URL of DATABASE_URL's database, or of the private one, which runs meanwhile.

    Raises LocalError when it can't be used.
    """
    if told := environment.get("DATABASE_URL"):
        yield _checked(told)
        return
    server = PrivatePostgres(data)
    try:
        server.start()
        if not server.has_database(NAME):
            server.create_database(NAME)
        yield server.url(NAME)
    finally:
        if not leave_running:
            server.stop()


def is_new(url: str) -> bool:
    """Say whether no migration ever ran here."""
    return not _stored_heads(url)


def is_up_to_date(url: str, *, migrations: Path) -> bool:
    """Say whether the tables are those of the repository's newest migration."""
    return _stored_heads(url) == repository_heads(migrations)


def repository_heads(migrations: Path) -> set[str]:
    """Return the revisions that no other builds on.

    Read as text: Alembic would bring SQLAlchemy along, half a second at each start.
    """
    made: set[str] = set()
    built_on: set[str] = set()
    for path in (migrations / "versions").glob("*.py"):
        found = {name: literal_eval(value) for name, value in SET.findall(path.read_text("utf-8"))}
        below = found.get("down_revision") or ()
        made.add(found["revision"])
        built_on.update([below] if isinstance(below, str) else below)
    return made - built_on


def _stored_heads(url: str) -> set[str]:
    with _connect(url) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return set()
        return {row[0] for row in connection.execute("SELECT version_num FROM alembic_version")}


def _checked(told: str) -> str:
    try:
        url = driver_url(told)
        with _connect(url) as connection:
            major = connection.info.server_version // 10000
    except Misconfigured as error:
        raise LocalError(str(error)) from None
    except psycopg.Error as error:
        raise LocalError(f"DATABASE_URL のデータベースにつながりません: {error}") from None
    if major < OLDEST_MAJOR:
        raise LocalError(
            f"DATABASE_URL は PostgreSQL {major} です。{OLDEST_MAJOR} 以上が必要です。"
        )
    return url


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10)
