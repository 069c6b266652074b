"""Real PostgreSQL for every test: a server of the project's own, a fresh copy for each test."""

import fcntl
import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask_migrate import upgrade

from app.config import Settings
from app.db import db
from app.facilities import queries as facility_queries
from app.factory import create_app
from app.local.postgres import PrivatePostgres
from app.web import pagecache
from app.web.context import Directory
from tests import builders
from tests.freshness import FreshDatabase
from tests.pages import Visitor

ROOT = Path(__file__).parents[1]
# How long one example takes depends on what else the machine does; speed is measured elsewhere.
hypothesis.settings.register_profile("kaikan", deadline=None)
hypothesis.settings.load_profile("kaikan")
MINE = f"test_{os.getpid()}"  # two runs at once do not meet
SECRET = "a secret that only tests know, long enough"


class Clock:
    """The time of a test; it stands still until the test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def postgres() -> PrivatePostgres:
    """The tests' own server; it is kept between runs."""
    server = PrivatePostgres(
        ROOT / "var" / "test-postgres",
        settings={"fsync": "off", "max_connections": "200", "deadlock_timeout": "200ms"},
    )
    server.start()
    return server


@pytest.fixture(scope="session")
def template(postgres: PrivatePostgres) -> str:
    """A migrated database without any municipality; made anew when a migration changed."""
    sources = sorted((ROOT / "migrations").rglob("*.*"))
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sources if p.is_file())).hexdigest()
    name = f"template_{digest[:12]}"
    with made_once(postgres, name) as making:
        if making is None:
            return name
        postgres.create_database(making)
        migrated = create_app(settings_for(postgres.url(making)))
        with migrated.app_context():
            upgrade()
            db.engine.dispose()
    return name


@pytest.fixture(scope="session")
def furnished(postgres: PrivatePostgres, template: str) -> str:
    """A copy of the template with the two municipalities of tests.builders."""
    name = f"furnished_{builders.digest()}_{template[-12:]}"
    with made_once(postgres, name) as making:
        if making is None:
            return name
        postgres.create_database(making, template=template)
        bare = create_app(settings_for(postgres.url(making)))
        with bare.app_context():
            builders.furnish()
            db.session.remove()
            db.engine.dispose()
    return name


@contextmanager
def made_once(postgres: PrivatePostgres, name: str) -> Iterator[str | None]:
    """Give a name to make a database under, or None when another run made it before."""
    with (ROOT / "var" / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if postgres.has_database(name):
            yield None
            return
        making = f"{name}_making"
        if postgres.has_database(making):
            postgres.drop_database(making)
        yield making
        postgres.create_database(name, template=making)
        postgres.drop_database(making)


@pytest.fixture(scope="session")
def _fresh(postgres: PrivatePostgres, furnished: str) -> Iterator[FreshDatabase]:
    yield FreshDatabase(postgres, MINE, furnished)
    postgres.drop_database(MINE)


@pytest.fixture(scope="session")
def _app(postgres: PrivatePostgres) -> Flask:
    return create_app(settings_for(postgres.url(MINE)))


@pytest.fixture
def clock() -> Clock:
    return Clock(builders.MONDAY_9AM)


@pytest.fixture
def app(_app: Flask, _fresh: FreshDatabase, clock: Clock) -> Iterator[Flask]:
    """The application on a fresh furnished database, at a time that stands still."""
    _fresh.put_back(furnished=True)
    yield from _at(_app, clock)


@pytest.fixture
def bare_app(_app: Flask, _fresh: FreshDatabase, clock: Clock) -> Iterator[Flask]:
    """The application on a fresh migrated database without any municipality."""
    _fresh.put_back(furnished=False)
    yield from _at(_app, clock)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """A browser without JavaScript, on nobody's account."""
    return Visitor(app)


def _at(app: Flask, clock: Clock) -> Iterator[Flask]:
    app.config["KAIKAN_CLOCK"] = clock
    app.extensions["municipalities"] = Directory()
    facility_queries.forget()
    with app.app_context():
        pagecache.start_anew(_cache_that_always_asks())
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _cache_that_always_asks() -> pagecache.PageCache:
    """Return a page cache to which a second passes between any two looks at the clock.

    By the real one a page may lag half a second, and what a test sees would hang on its speed.
    """
    return pagecache.PageCache(itertools.count().__next__)


def settings_for(url: str) -> Settings:
    return Settings(
        database_url=url,
        secret_key=SECRET,
        base_url="http://localhost",
        assets_local=True,
        web_threads=60,
    )
